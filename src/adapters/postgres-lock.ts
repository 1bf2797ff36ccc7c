/** One process at a time: a lock file for the start and the stop of the built-in PostgreSQL, and who is alive. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { UserError } from '../errors.ts';

/** Longer than a first start (initdb) or a crash recovery takes on a slow machine. */
const LOCK_LIMIT_MS = 300_000;
const POLL_MS = 30;
/** A lock file is written right after it was created; one that stays empty was left by a process killed in between. */
const EMPTY_LOCK_GRACE_MS = 5_000;

const run = promisify(execFile);

/**
 * When a process started, in the system's own words: with the pid it names a process for good, since pids are
 * used again (after a restart of a container it is usual). Null when there is none, or only a zombie.
 */
export async function bornAt(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // "pid (name) state ppid …": the name may hold anything, so count from its last bracket; starttime is field 22.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return line === '' || fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  }
  const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  const [state = '', ...start] = stdout.trim().split(/\s+/);
  return state === '' || state.startsWith('Z') ? null : start.join(' ');
}

/** Whether a live process has these words among its arguments. */
export async function isRunningWith(pid: number, ...words: readonly string[]): Promise<boolean> {
  if ((await bornAt(pid)) === null) return false;
  if (process.platform === 'linux') {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    return words.every((word) => command.includes(word));
  }
  const { stdout } = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return words.every((word) => stdout.includes(word));
}

/**
 * Runs `work` while holding the lock file. A lock whose holder died is cleared away. It is good rather than perfect
 * (two processes that clear the same lock within a millisecond may both get in): PostgreSQL's own interlocks on its
 * data folder stand behind it.
 * @throws UserError when another live process holds the lock for longer than any start takes.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const mine = `${process.pid} ${randomUUID()} ${await bornAt(process.pid)}`;
  const deadline = Date.now() + LOCK_LIMIT_MS;
  while (!(await create(file, mine))) {
    const held = await readFile(file, 'utf8').catch(() => null);
    if (held === null) continue;
    if (await isStale(file, held)) await clear(file, held);
    else if (Date.now() < deadline) await delay(POLL_MS);
    else throw new UserError(`${file} is held by process ${held.split(' ')[0]} for too long: end that process first`);
  }
  try {
    return await work();
  } finally {
    if ((await readFile(file, 'utf8').catch(() => null)) === mine) await rm(file, { force: true });
  }
}

async function create(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(file: string, held: string): Promise<boolean> {
  const [, pid, born] = /^(\d+) \S+ (.+)$/.exec(held) ?? [];
  if (pid !== undefined && born !== undefined) return (await bornAt(Number(pid))) !== born;
  const written = await stat(file).catch(() => null);
  return written !== null && Date.now() - written.mtimeMs > EMPTY_LOCK_GRACE_MS;
}

/** Renames before it removes, so that a lock which somebody took in the meantime is noticed and given back. */
async function clear(file: string, stale: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  await rename(file, aside).catch(() => undefined);
  const taken = await readFile(aside, 'utf8').catch(() => stale);
  if (taken !== stale) await create(file, taken);
  await rm(aside, { force: true });
}
