/** The server process of the built-in PostgreSQL: find the one that runs, start one, stop it. Call all of it while holding the lock. */
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { messageOf, UserError } from '../errors.ts';
import { NAME } from './postgres-initdb.ts';
import { type Binaries, finished, type Launcher, OR_YOUR_OWN } from './postgres-launch.ts';
import { bornAt, isRunningWith } from './postgres-lock.ts';

const HOST = '127.0.0.1';
const POLL_MS = 30;
const CONNECT_LIMIT_MS = 5_000;
/** A start after a crash first replays what was not yet written to the tables (at most about 1 GB). */
const START_LIMIT_MS = 180_000;
const STOP_LIMIT_MS = 60_000;
/** At a start, a server log beyond this becomes `server.log.1`. */
const LOG_LIMIT_BYTES = 10_000_000;

/** The connection by which a process says that it uses the server. */
export const HOLDER = `${NAME} holder`;

/** Given on the command line, so that no edit of postgresql.conf can make the store lose mail or listen elsewhere. */
const SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  max_connections: '100',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  // DETAIL lines would put the values of colliding rows, people's addresses, into the log.
  log_error_verbosity: 'terse',
} as const;

/** Not there yet, or on its way out: refused, reset, no answer, starting up or shutting down, all connections taken. */
const PASSING = new Set(['ECONNREFUSED', 'ECONNRESET', '57P03', '57P01', '53300']);
const NO_SUCH_DATABASE = '3D000';

/** What a failed start says when another try can help: the port was taken, or processes of a killed server are about to end. */
const WORTH_ANOTHER_TRY =
  /could not create any TCP\/IP sockets|shared memory block .*still in use|lock file .* already exists/;

export type Site = {
  readonly data: string;
  readonly logFile: string;
  readonly password: string;
  readonly binaries: Binaries;
  readonly launcher: Launcher;
  readonly log: (line: string) => void;
};

/** A connection to the site's server, when that connection ends, and the port where the server listens. */
export type Held = { readonly client: pg.Client; readonly ended: Promise<void>; readonly port: number };

export const urlOf = (password: string, port: number): string =>
  `postgres://${NAME}:${encodeURIComponent(password)}@${HOST}:${port}/${NAME}`;

/**
 * Connects to the server of this data folder: the one that runs, whoever started it, or a new one.
 * @throws UserError when neither works within START_LIMIT_MS.
 */
export async function reach(site: Site): Promise<Held> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const server = await runningServer(site);
    if (server === null) return start(site, deadline);
    const held = server.ready ? await connect(site, server.port) : null;
    if (held !== null) return held;
    if (Date.now() > deadline) throw failure(site, `process ${server.pid} does not answer`);
    await delay(POLL_MS);
  }
}

/** Stops the server (its fast way: sessions are cut, everything is written) and waits until it is gone. */
export async function stop(site: Site): Promise<void> {
  const server = await runningServer(site);
  if (server === null) return;
  const born = await bornAt(server.pid);
  process.kill(server.pid, 'SIGINT');
  const deadline = Date.now() + STOP_LIMIT_MS;
  while (Date.now() < deadline) {
    if ((await bornAt(server.pid)) !== born) return;
    await delay(POLL_MS);
  }
  site.log(`PostgreSQL (process ${server.pid}) is still writing; it stops by itself`);
}

type Running = { readonly pid: number; readonly port: number; readonly ready: boolean };

/**
 * Whom postmaster.pid names, if that is alive and the server of this folder. When another program has got the pid of a
 * dead server (or the folder was copied along with the file), PostgreSQL would refuse to start: the file is put aside.
 */
async function runningServer({ data, log }: Site): Promise<Running | null> {
  const file = join(data, 'postmaster.pid');
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').map((line) => line.trim());
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (await isRunningWith(pid, data)) return { pid, port, ready: lines[7] === 'ready' };
  if (isTaken(pid)) {
    log(`process ${pid} is no PostgreSQL of ours: putting the old postmaster.pid aside`);
    await rename(file, `${file}.old`);
  }
  return null;
}

function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function start(site: Site, deadline: number): Promise<Held> {
  let port = await freePort(await lastPort(site));
  for (;;) {
    const log = await openLog(site);
    const launched = launch(site, port, log.fd);
    await log.close();
    if (await becomesReady(site, launched, deadline)) {
      const held = await connect(site, port);
      if (held !== null) return held;
    }
    const reason = await reasonIn(site.logFile, log.size);
    if (!WORTH_ANOTHER_TRY.test(reason) || Date.now() > deadline) throw failure(site, reason);
    site.log(`PostgreSQL did not start (${reason}), trying again`);
    await delay(POLL_MS * 10);
    port = await freePort();
  }
}

type Launched = { readonly pid: number | undefined; ended: boolean };

/** In a session of its own: Ctrl-C in our terminal must not reach a server that other processes use. */
function launch(site: Site, port: number, fd: number): Launched {
  const settings = Object.entries({ ...SETTINGS, port: String(port) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const args = ['-D', site.data, ...settings];
  const child = site.launcher.spawn(site.binaries.postgres, args, { stdio: ['ignore', fd, fd], detached: true });
  child.unref();
  const launched = { pid: child.pid, ended: false };
  // Listened to from the first moment: a server that refuses its settings ends at once.
  void finished(child).then(() => {
    launched.ended = true;
  });
  return launched;
}

/** Whether it came up; false when it ended instead. */
async function becomesReady(site: Site, launched: Launched, deadline: number): Promise<boolean> {
  while (!launched.ended) {
    const server = await runningServer(site);
    if (server?.ready && server.pid === launched.pid) return true;
    if (Date.now() > deadline) throw failure(site, `process ${launched.pid} is still starting: try again later`);
    await delay(POLL_MS);
  }
  return false;
}

/** Null while the server is coming or going. The password is random: who knows it is the server of this folder. */
async function connect(site: Site, port: number, database = NAME): Promise<Held | null> {
  const client = new pg.Client({
    host: HOST,
    port,
    user: NAME,
    password: site.password,
    database,
    ssl: false,
    application_name: HOLDER,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
  });
  client.on('error', () => undefined); // 'end' follows
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  try {
    await client.connect();
    return { client, ended, port };
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code === NO_SUCH_DATABASE && database === NAME) return makeDatabase(site, port);
    if (PASSING.has(code) || /timeout|terminated/i.test(messageOf(error))) return null;
    throw failure(site, messageOf(error));
  }
}

async function makeDatabase(site: Site, port: number): Promise<Held | null> {
  const held = await connect(site, port, 'postgres');
  if (held === null) return null;
  await held.client.query(`CREATE DATABASE ${NAME}`).finally(() => held.client.end());
  return connect(site, port);
}

/** The port of the last start, if that is free: the URL then stays the same. Otherwise any. */
async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (wanted === 0 ? reject(error) : resolve(freePort())));
    server.listen({ host: HOST, port: wanted, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function lastPort({ data }: Site): Promise<number> {
  const options = await readFile(join(data, 'postmaster.opts'), 'utf8').catch(() => '');
  return Number(/"port=(\d+)"/.exec(options)?.[1] ?? 0);
}

async function openLog({ logFile, launcher }: Site): Promise<{ fd: number; size: number; close: () => Promise<void> }> {
  const before = await stat(logFile).catch(() => null);
  if (before !== null && before.size > LOG_LIMIT_BYTES) {
    await rm(`${logFile}.1`, { force: true });
    await rename(logFile, `${logFile}.1`);
  }
  const handle = await open(logFile, 'a', 0o600);
  if (launcher.owner !== null) await handle.chown(launcher.owner.uid, launcher.owner.gid);
  return { fd: handle.fd, size: (await handle.stat()).size, close: () => handle.close() };
}

/** Why it did not start: the last complaint that this start wrote. */
async function reasonIn(logFile: string, from: number): Promise<string> {
  const said = (await readFile(logFile)).subarray(from).toString('utf8').trim();
  const complaints = [...said.matchAll(/(?:FATAL|PANIC|ERROR): +(.+)/g)];
  return complaints.at(-1)?.[1] ?? (said.split('\n').at(-1) || 'it said nothing');
}

const failure = (site: Site, reason: string): UserError =>
  new UserError(`The built-in PostgreSQL did not start (${reason}): see ${site.logFile}, ${OR_YOUR_OWN}`);
