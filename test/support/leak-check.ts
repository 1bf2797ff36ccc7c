/**
 * Fails the run when a process that a test started outlives it. Every temporary folder of the run lies in one folder
 * (TMPDIR, inherited by the workers and by whatever they start), and a process that names that folder is ours.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './wait.ts';

/** How long a process that was told to stop may take, in milliseconds. */
const GRACE = 5_000;

type Survivor = { readonly pid: number; readonly command: string };

function read(path: string): string {
  try {
    return path.endsWith('/cwd') ? readlinkSync(path) : readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended meanwhile, or is not ours to look at
  }
}

/** Processes that name `folder` in their command, current folder or environment (Linux; elsewhere none is seen). */
function processesOf(folder: string): Survivor[] {
  let pids: number[];
  try {
    pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
  return (
    pids
      .filter((pid) => pid !== process.pid)
      .map((pid) => ({ pid, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }))
      // Our own children are vitest's workers and its watchdog; what a test starts is a grandchild or an orphan.
      .filter(({ pid }) => !read(`/proc/${pid}/status`).includes(`\nPPid:\t${process.pid}\n`))
      .filter(({ pid, command }) =>
        [command, read(`/proc/${pid}/cwd`), read(`/proc/${pid}/environ`)].some((text) => text.includes(folder)),
      )
  );
}

/**
 * Starts the watch and returns its end, which throws when processes are left `grace` milliseconds later, having ended them.
 * The folder has a short path, since sockets below it must fit into 107 bytes, and is open to all, since PostgreSQL may run as another user.
 */
export function watchForLeaks(grace: number): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pit-'));
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  return async () => {
    await until(() => processesOf(folder).length === 0, { timeout: grace }).catch(() => {});
    const survivors = processesOf(folder);
    for (const { pid } of survivors) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    if (survivors.length > 0) {
      const lines = survivors.map(({ pid, command }) => `  ${pid} ${command}`);
      throw new Error(`the tests left processes behind (ended now):\n${lines.join('\n')}`);
    }
  };
}

/** vitest's global setup; what it returns is the teardown. */
export default function setup(): () => Promise<void> {
  const end = watchForLeaks(GRACE);
  // Libraries are compiled once for all workers.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'compiled');
  return end;
}
