/** Reads a CSV file in a thread of its own. */
import { Worker } from 'node:worker_threads';
import { IntakeError, messageOf, UserError } from '../../errors.ts';
import { isReadError } from './csv.ts';

export type CsvFile = { readonly variable: 'LICENCES' | 'PARTNERS'; readonly path: string };
/** What the thread answers. */
export type CsvRead<T> = { readonly data: T } | { readonly problem: string; readonly isPassing: boolean };

/** JavaScript heap of the thread; a million rows of as many accounts take less than 192. A file that needs more is refused, and the process lives. */
const HEAP_MEGABYTES = 512;

/** @throws UserError with what is wrong with the file; IntakeError `temporary` when it could not be read this time. */
export async function readCsvInThread<T>(file: CsvFile, signal: AbortSignal): Promise<T> {
  const worker = new Worker(new URL('./csv-thread.ts', import.meta.url), {
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
  });
  const end = (): void => void worker.terminate();
  signal.addEventListener('abort', end, { once: true });
  const { promise, resolve, reject } = Promise.withResolvers<CsvRead<T>>();
  worker.once('message', resolve);
  worker.once('error', (error) =>
    reject(failure(`${file.variable}: cannot read ${file.path}: ${messageOf(error)}`, isReadError(error))),
  );
  worker.once('exit', () => reject(new UserError(`${file.variable}: reading ${file.path} was ended`)));
  try {
    const read = await promise;
    if ('problem' in read) throw failure(read.problem, read.isPassing);
    return read.data;
  } finally {
    signal.removeEventListener('abort', end);
    await worker.terminate();
  }
}

const failure = (problem: string, isPassing: boolean): Error =>
  isPassing ? new IntakeError('temporary', 'csv-unreadable', problem) : new UserError(problem);
