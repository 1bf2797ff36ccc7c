/** The inside of a reader thread: one mail at a time, under the policy the pool was made with. */
import { workerData } from 'node:worker_threads';
import { type ReadMail, readMail, readMailByHand } from '../pipeline/mail/read.ts';
import { readingOf } from '../pipeline/words/reading.ts';
import type { Policy } from '../policy.ts';

export type ReaderTask = {
  readonly raw: Uint8Array;
  /** Set to 1 when the work begins: only from then on does the time limit count. */
  readonly begun: Int32Array;
  /** Why reading in full failed before; null to read in full. */
  readonly byHandBecause: string | null;
};
export type ReaderThreadData = { readonly policy: Policy };

const { policy } = workerData as ReaderThreadData;
// Compiled before the first mail comes: its time is not the mail's.
readingOf(policy);

export default async function read({ raw, begun, byHandBecause }: ReaderTask): Promise<ReadMail> {
  Atomics.store(begun, 0, 1);
  Atomics.notify(begun, 0);
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  return byHandBecause === null ? await readMail(bytes, policy) : readMailByHand(bytes, policy, byHandBecause);
}
