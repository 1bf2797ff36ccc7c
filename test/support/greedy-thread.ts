/** A reader thread that takes memory until it has none left on mails with the subject "greedy", and reads all others. */
import read, { type ReaderTask } from '../../src/adapters/reader-thread.ts';

export default function readOrEat(task: ReaderTask): ReturnType<typeof read> {
  if (!Buffer.from(task.raw).includes('Subject: greedy') || task.byHandBecause !== null) return read(task);
  Atomics.store(task.begun, 0, 1);
  Atomics.notify(task.begun, 0);
  const eaten: object[] = [];
  for (;;) eaten.push({ more: eaten.length });
}
