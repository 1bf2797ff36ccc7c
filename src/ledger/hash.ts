import { createHash } from 'node:crypto';

/** In hex, as the ledger keeps it. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
