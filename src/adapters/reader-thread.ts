/** The inside of a reader thread: one mail at a time, under the policy the pool was made with. */
import { workerData } from 'node:worker_threads';
import { attachmentIn } from '../pipeline/mail/parse.ts';
import { type ReadMail, readMail, readMailByHand } from '../pipeline/mail/read.ts';
import { readingOf } from '../pipeline/words/reading.ts';
import type { Policy } from '../policy.ts';

export type ReaderTask = {
  readonly raw: Uint8Array;
  /** Set to 1 when the work begins: only from then on does the time limit count. */
  readonly begun: Int32Array;
  /** Why reading in full failed before; null to read in full. */
  readonly byHandBecause: string | null;
  /** The SHA-256 of an attachment: then its bytes are all that is wanted. */
  readonly wanted: string | null;
};
export type ReaderThreadData = { readonly policy: Policy };

const { policy } = workerData as ReaderThreadData;
// Compiled before the first mail comes: its time is not the mail's.
readingOf(policy);

export default async function read({
  raw,
  begun,
  byHandBecause,
  wanted,
}: ReaderTask): Promise<ReadMail | Uint8Array | null> {
  Atomics.store(begun, 0, 1);
  Atomics.notify(begun, 0);
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  if (wanted !== null) return await attachmentIn(bytes, wanted);
  return byHandBecause === null ? await readMail(bytes, policy) : readMailByHand(bytes, policy, byHandBecause);
}
