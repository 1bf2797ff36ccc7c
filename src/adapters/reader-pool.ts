/** Reads mail in worker threads, so that one bad mail harms nobody: limits on time and memory, and a plainer way to read what breaks them. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { Piscina } from 'piscina';
import { IntakeError, messageOf } from '../errors.ts';
import type { ReadMail } from '../pipeline/mail/read.ts';
import type { Policy } from '../policy.ts';
import type { ReaderTask, ReaderThreadData } from './reader-thread.ts';

export type ReaderLimits = {
  /** For one mail, from the moment a thread takes it up: against structures that make a reader walk in circles. A mail of 25 MB takes one second. */
  readonly milliseconds: number;
  /** JavaScript heap of one thread: against text that unfolds. A long mail takes 60. */
  readonly heapMegabytes: number;
  /** A whole mail: mailboxes hand over at most 52 MB, but files from a command have no limit of their own. */
  readonly bytes: number;
};

const DEFAULT_LIMITS: ReaderLimits = { milliseconds: 20_000, heapMegabytes: 512, bytes: 64 * 1024 * 1024 };
/** Threads beyond these wait for the database, not for each other. */
const MOST_THREADS = 4;
/** A thread starts in a fraction of a second; one that has not begun by then never will. */
const START_MILLISECONDS = 30_000;

/** Headers and the beginning of the body: what reading by hand looks at, at most. */
const BY_HAND_BYTES = 1024 * 1024;

export type ReaderPool = {
  /**
   * Reads one mail; waits while all threads are busy, never for one that breaks a limit. A mail that makes the reader fail, or is
   * past a limit, is read again from its headers and a slice of its raw text.
   * @throws IntakeError `unreadable` (permanent) when that fails too, `reader-unavailable` (temporary) when no thread could take it up.
   */
  read(raw: Buffer): Promise<ReadMail>;
  /**
   * The bytes of the attachment with this SHA-256 (hex); null when the mail has none.
   * @throws IntakeError `unreadable` (permanent) when the mail is past a limit, `reader-unavailable` (temporary) as above.
   */
  attachment(raw: Buffer, sha256: string): Promise<Buffer | null>;
  /** Waits for mails that are being read, then ends the threads. */
  close(): Promise<void>;
};

/** Starts the threads; each gets the policy once. */
export function createReaderPool(options: {
  policy: Policy;
  threads?: number;
  limits?: Partial<ReaderLimits>;
  /** The inside of a thread; another one only to test what happens around it. */
  thread?: URL;
}): ReaderPool {
  const threads = options.threads ?? Math.min(MOST_THREADS, Math.max(1, availableParallelism() - 1));
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const pool = new Piscina<ReaderTask, Result>({
    filename: fileURLToPath(options.thread ?? new URL('./reader-thread.ts', import.meta.url)),
    minThreads: threads,
    maxThreads: threads,
    resourceLimits: { maxOldGenerationSizeMb: limits.heapMegabytes },
    workerData: { policy: options.policy } satisfies ReaderThreadData,
  });
  // A thread that dies between two tasks is replaced; there is no mail to blame it on.
  pool.on('error', () => {});
  const oneAThread = pLimit(threads);
  const running = new Set<Promise<unknown>>();

  const tooLarge = (raw: Buffer) =>
    raw.length > limits.bytes
      ? { cause: `it has ${raw.length} bytes, more than ${limits.bytes}`, isLimit: true }
      : null;

  async function readOrFallBack(raw: Buffer): Promise<ReadMail> {
    const first = tooLarge(raw) ?? (await attempt<ReadMail>(pool, raw, IN_FULL, limits.milliseconds));
    if ('read' in first) return first.read;
    const byHandBecause = `reading it in full failed: ${first.cause}`;
    const start = raw.subarray(0, BY_HAND_BYTES);
    const second = await attempt<ReadMail>(pool, start, { ...IN_FULL, byHandBecause }, limits.milliseconds);
    if ('read' in second) return first.isLimit ? { ...second.read, pastLimit: first.cause } : second.read;
    throw new IntakeError('permanent', 'unreadable', `the mail cannot be read: ${second.cause}`, { bytes: raw.length });
  }

  async function takeOut(raw: Buffer, sha256: string): Promise<Buffer | null> {
    const taken =
      tooLarge(raw) ??
      (await attempt<Uint8Array | null>(pool, raw, { ...IN_FULL, wanted: sha256 }, limits.milliseconds));
    if ('read' in taken) return taken.read && Buffer.from(taken.read);
    throw new IntakeError('permanent', 'unreadable', `the mail cannot be read: ${taken.cause}`, { bytes: raw.length });
  }

  /** In its turn, and before the threads end. */
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const working = oneAThread(work);
    const settled = working.then(
      () => {},
      () => {},
    );
    running.add(settled);
    settled.then(() => running.delete(settled));
    return await working;
  }

  return {
    read: (raw) => inTurn(() => readOrFallBack(raw)),
    attachment: (raw, sha256) => inTurn(() => takeOut(raw, sha256)),
    async close() {
      await Promise.all(running);
      await pool.destroy();
    },
  };
}

type Result = ReadMail | Uint8Array | null;
type How = Pick<ReaderTask, 'byHandBecause' | 'wanted'>;
const IN_FULL: How = { byHandBecause: null, wanted: null };
type Attempt<T> = { read: T } | { cause: string; isLimit: boolean };

/** What comes back is what was asked for: a mail, or an attachment. */
async function attempt<T extends Result>(
  pool: Piscina<ReaderTask, Result>,
  raw: Buffer,
  how: How,
  milliseconds: number,
): Promise<Attempt<T>> {
  const begun = new Int32Array(new SharedArrayBuffer(4));
  const copy = new Uint8Array(raw);
  const stop = new AbortController();
  const done = new AbortController();
  watch(begun, milliseconds, stop, done.signal);
  try {
    const task = { raw: copy, begun, ...how };
    return { read: (await pool.run(task, { signal: stop.signal, transferList: [copy.buffer] })) as T };
  } catch (error) {
    if (Atomics.load(begun, 0) === 0) {
      throw new IntakeError(
        'temporary',
        'reader-unavailable',
        `no thread could read the mail: ${messageOf(error)}`,
        {},
        { cause: error },
      );
    }
    if (stop.signal.aborted) return { cause: String(stop.signal.reason), isLimit: true };
    return { cause: messageOf(error), isLimit: isOutOfMemory(error) };
  } finally {
    done.abort();
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** Aborts `stop` when the work takes longer than allowed, counted from its beginning. */
async function watch(begun: Int32Array, milliseconds: number, stop: AbortController, done: AbortSignal): Promise<void> {
  const wait = Atomics.waitAsync(begun, 0, 0, START_MILLISECONDS);
  if (wait.async && (await wait.value) === 'timed-out') return stop.abort('no thread took it up');
  if (done.aborted) return;
  const timer = setTimeout(() => stop.abort(`it took longer than ${milliseconds} ms`), milliseconds);
  done.addEventListener('abort', () => clearTimeout(timer));
}
