/** A reader thread that never comes back from a mail whose subject is "stuck", and reads all others as the real one does. */
import read, { type ReaderTask } from '../../src/adapters/reader-thread.ts';

export default function stuckOrRead(task: ReaderTask): ReturnType<typeof read> {
  const stuck = task.byHandBecause === null && Buffer.from(task.raw).includes('Subject: stuck');
  if (!stuck) return read(task);
  Atomics.store(task.begun, 0, 1);
  Atomics.notify(task.begun, 0);
  for (;;) if (task.raw.length < 0) return read(task);
}
