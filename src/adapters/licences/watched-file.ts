/** A file that is read again when it was changed: exchanged whole, or refused whole, and then the old data stay in force. */
import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { IntakeError, messageOf, UserError } from '../../errors.ts';

/** Looking at a file by its times works on every file system, through links and mounted volumes; events do not. */
const LOOK_EVERY_MS = 1_000;
/** What could not be read (its rights, too many open files) is tried again after this, though nothing about the file changed. */
const READ_AGAIN_MS = 60_000;
/** A file with less than half of the rows may be one whose writer stalls: it is taken when it stayed alike for so long. */
const SHRUNK_STABLE_MS = 30_000;

export type InForce<T> = {
  readonly data: T;
  /** When the file was written; null when nobody knows. */
  readonly writtenAt: Date | null;
  /** What is wrong with the file as it lies there now; null when nothing is, or it was not looked at. */
  readonly refused: string | null;
};

export type Watching<T extends { readonly rows: number }> = {
  readonly variable: string;
  readonly path: string;
  /** Reads the whole file away from this thread. @throws UserError when something is wrong with it, IntakeError `temporary` when it could not be read. */
  read(signal: AbortSignal): Promise<T>;
  /** @param shrunkFrom the rows that were in force, when less than half of them are left; else null. */
  onExchanged(rows: number, shrunkFrom: number | null): void;
  /** Told once for each state of the file and problem. */
  onRefused(problem: string): void;
};

export type WatchedFile<T> = {
  inForce(): InForce<T>;
  /** Looks once. A change is taken up by the second look that finds it alike: until then it may be half written. */
  look(): Promise<void>;
  close(): Promise<void>;
};

/** What tells one state of a file from another; of a file that cannot be looked at, why. */
type Stamp = { readonly is: string; readonly writtenAt: Date | null };

/**
 * @param load what is in force from the beginning.
 * @param now milliseconds, from whenever.
 * @throws what `load` throws.
 */
export function watchFile<T extends { readonly rows: number }>(
  load: () => T,
  { variable, path, read, onExchanged, onRefused }: Watching<T>,
  everyMs = LOOK_EVERY_MS,
  now: () => number = () => performance.now(),
): WatchedFile<T> {
  const closing = new AbortController();
  // Taken before: what is written while it is read is a change.
  let loaded = stampOfNow(path);
  let seen = loaded;
  let seenSince = now();
  let inForce: InForce<T> = { data: load(), writtenAt: loaded.writtenAt, refused: null };
  /** A state of the file that is left alone until then. */
  let left: { readonly is: string; readonly until: number } | null = null;

  async function take(stamp: Stamp): Promise<void> {
    let next: T;
    try {
      next = await read(closing.signal);
      if (next.rows === 0 && inForce.data.rows > 0) throw new UserError(`${variable}: ${path} holds no row any more`);
    } catch (error) {
      if (closing.signal.aborted || (await stampOf(path)).is !== stamp.is) return;
      const problem = messageOf(error);
      const isTold = left?.is === stamp.is && inForce.refused === problem;
      const isPassing = error instanceof IntakeError && error.verdict === 'temporary';
      left = { is: stamp.is, until: isPassing ? now() + READ_AGAIN_MS : Number.POSITIVE_INFINITY };
      inForce = { ...inForce, refused: problem };
      if (!isTold) onRefused(problem);
      return;
    }
    // Changed while it was read: what was read may be of both.
    if (closing.signal.aborted || (await stampOf(path)).is !== stamp.is) return;
    const before = inForce.data.rows;
    const isShrunk = next.rows * 2 < before;
    if (isShrunk && now() - seenSince < SHRUNK_STABLE_MS) {
      left = { is: stamp.is, until: seenSince + SHRUNK_STABLE_MS };
      return;
    }
    loaded = stamp;
    left = null;
    inForce = { data: next, writtenAt: stamp.writtenAt, refused: null };
    onExchanged(next.rows, isShrunk ? before : null);
  }

  async function look(): Promise<void> {
    const stamp = await stampOf(path);
    const isSettled = stamp.is === seen.is;
    if (!isSettled) seenSince = now();
    seen = stamp;
    if (!isSettled || (stamp.is === left?.is && now() < left.until)) return;
    if (stamp.is !== loaded.is) await take(stamp);
    else {
      left = null;
      if (inForce.refused !== null) inForce = { ...inForce, refused: null };
    }
  }

  let looking = Promise.resolve();
  let timer: NodeJS.Timeout;
  const later = (): void => {
    timer = setTimeout(() => {
      looking = look().finally(() => closing.signal.aborted || later());
    }, everyMs).unref();
  };
  later();
  return {
    inForce: () => inForce,
    look,
    async close() {
      closing.abort();
      clearTimeout(timer);
      await looking;
    },
  };
}

const stampOf = (path: string): Promise<Stamp> => stat(path, { bigint: true }).then(stampFrom, noStamp);

function stampOfNow(path: string): Stamp {
  try {
    return stampFrom(statSync(path, { bigint: true }));
  } catch (error) {
    return noStamp(error);
  }
}

/** The change time tells of new rights, and of what was written with an old date. */
const stampFrom = ({ ino, size, mtimeNs, ctimeNs, mtime }: BigIntStats): Stamp => ({
  is: `${ino} ${size} ${mtimeNs} ${ctimeNs}`,
  writtenAt: mtime,
});
const noStamp = (error: unknown): Stamp => ({ is: messageOf(error), writtenAt: null });
