/** The store for a first try and for tests: a real PostgreSQL from npm, in a folder, shared by the processes that use it. */
import { mkdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { messageOf, UserError } from '../errors.ts';
import { ensureCluster, giveTree } from './postgres-initdb.ts';
import { findBinaries, findLauncher, OR_YOUR_OWN } from './postgres-launch.ts';
import { withLock } from './postgres-lock.ts';
import { type Held, HOLDER, reach, type Site, stop, urlOf } from './postgres-server.ts';

const POLL_MS = 30;
/** How long connections that the caller has just closed may take to vanish, before they count as somebody else's. */
const LINGER_MS = 2_000;
/** After the server was lost (killed, out of memory): the pause between attempts to bring it back. */
const RECOVERY_PAUSE_MS = 1_000;

export type EmbeddedPostgres = {
  /** Valid until `close`: a server that dies in between is started again, on the same port. Holds the password. */
  readonly url: string;
  /** Leaves; the last one to leave stops the server. Close your own connections first. Never throws. */
  close(): Promise<void>;
};

/**
 * Opens the PostgreSQL of a folder (made when it is missing), for as long as this process needs it. Any number of
 * processes share one server: the first starts it, the last to leave stops it. One that was killed leaves the server
 * running, and the next takes it over. Data is never deleted. Does not keep the process alive.
 * @throws UserError, one line, when it cannot run here.
 */
export async function openEmbeddedPostgres(options: {
  readonly folder: string;
  readonly log?: (line: string) => void;
}): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const folder = resolve(options.folder);
  try {
    await mkdir(folder, { recursive: true });
    return await hold(await realpath(folder), log);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `The built-in PostgreSQL cannot use ${folder} (${messageOf(error)}): mend that, ${OR_YOUR_OWN}`,
    );
  }
}

async function hold(folder: string, log: (line: string) => void): Promise<EmbeddedPostgres> {
  const lock = join(folder, 'lock');
  const binaries = await findBinaries();
  const { site, first } = await withLock(lock, async () => {
    const site = await prepare(folder, binaries, log);
    return { site, first: await reach(site) };
  });
  const holder = keepHolding(site, lock, first);
  let closed: Promise<void> | undefined;
  const leave = async (): Promise<void> => {
    const held = await holder.release();
    await withLock(lock, () => leaveAndStop(site, held)).catch((error) =>
      log(`closing PostgreSQL: ${messageOf(error)}`),
    );
  };
  return {
    url: urlOf(site.password, first.port),
    close: () => {
      closed ??= leave();
      return closed;
    },
  };
}

async function prepare(folder: string, binaries: Site['binaries'], log: Site['log']): Promise<Site> {
  const data = join(folder, 'data');
  const launcher = await findLauncher(binaries, folder, data);
  const password = await ensureCluster(folder, data, binaries, launcher, log);
  if (launcher.owner !== null && (await stat(data)).uid === 0) await giveTree(launcher.owner, data);
  return { data, logFile: join(folder, 'server.log'), password, binaries, launcher, log };
}

/**
 * Keeps one connection open, by which others see that the server is in use before our caller's first connection and
 * between any two. When it breaks, the server has crashed: it is brought back, so that a daemon outlives its store.
 */
function keepHolding(site: Site, lock: string, first: Held): { release: () => Promise<Held> } {
  const leaving = new AbortController();
  let held = first;
  let recovery = Promise.resolve();

  const watch = ({ client, ended }: Held): void => {
    setReferenced(client, false);
    void ended.then(() => {
      if (!leaving.signal.aborted) recovery = recover();
    });
  };
  const recover = async (): Promise<void> => {
    site.log('PostgreSQL went away, bringing it back');
    while (!leaving.signal.aborted) {
      try {
        held = await withLock(lock, () => reach(site));
        if (held.port !== first.port) site.log('PostgreSQL is back on another port: restart this process');
        return watch(held);
      } catch (error) {
        site.log(messageOf(error));
        await delay(RECOVERY_PAUSE_MS, undefined, { signal: leaving.signal, ref: false }).catch(() => undefined);
      }
    }
  };
  watch(first);
  return {
    release: async () => {
      leaving.abort();
      await recovery;
      setReferenced(held.client, true);
      return held;
    },
  };
}

async function leaveAndStop(site: Site, { client }: Held): Promise<void> {
  const inUse = await isUsedByOthers(client).finally(() => client.end());
  if (inUse) return site.log('PostgreSQL stays up for others');
  await stop(site);
}

/** Other processes count at once, other connections only when they stay: ours may be about to close. */
async function isUsedByOthers(client: pg.Client): Promise<boolean> {
  const deadline = Date.now() + LINGER_MS;
  for (;;) {
    const { rows } = await client.query<{ others: number; holders: number }>(
      `SELECT count(*)::int AS others, (count(*) FILTER (WHERE application_name = $1))::int AS holders
       FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
      [HOLDER],
    );
    const { others, holders } = rows[0] ?? { others: 0, holders: 0 };
    if (others === 0 || holders > 0) return others > 0;
    if (Date.now() > deadline) return true;
    await delay(POLL_MS);
  }
}

/** Whether an open connection keeps the process alive; pg has it, its types do not. */
function setReferenced(client: pg.Client, on: boolean): void {
  const socket = client as pg.Client & { ref(): void; unref(): void };
  if (on) socket.ref();
  else socket.unref();
}
