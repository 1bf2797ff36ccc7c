/** Leases: what only one living process may hold. A session lock of PostgreSQL, so that it ends with its holder, even at kill -9. */
import { randomInt } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import type { Db } from './schema.ts';

/** Advisory locks are (class, key); the class keeps ours apart from anybody else's. */
const MAILBOX_LOCK = 0x7069_0001;
const INSTANCE_LOCK = 0x7069_0002;
const MAX_INSTANCE = 2 ** 31 - 1;
const KEEPALIVE_MS = 10_000;
const QUERY_TIMEOUT_MS = 10_000;

export type Instance = {
  /** Names this process in rows it works on; alive as long as its lock is held. */
  readonly id: number;
  /** Aborted when the lease connection is lost: whoever relies on a lease must stop at once. */
  readonly lost: AbortSignal;
  /** Takes the lease of a mailbox if nobody holds it; false when another poller does. */
  tryMailbox(name: string): Promise<boolean>;
  releaseMailbox(name: string): Promise<void>;
  close(): Promise<void>;
};

/** Opens the connection that holds this process's leases. */
export async function openInstance(url: string): Promise<Instance> {
  const client = new pg.Client({
    connectionString: url,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    connectionTimeoutMillis: QUERY_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  const lost = new AbortController();
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  await client.connect();
  const tryLock = async (lock: number, key: number | string): Promise<boolean> => {
    const hashed = typeof key === 'number' ? '$2::int' : 'hashtext($2)';
    const { rows } = await client.query(`select pg_try_advisory_lock($1, ${hashed}) as held`, [lock, key]);
    return rows[0].held === true;
  };
  let id = randomInt(1, MAX_INSTANCE);
  while (!(await tryLock(INSTANCE_LOCK, id))) id = randomInt(1, MAX_INSTANCE);
  return {
    id,
    lost: lost.signal,
    tryMailbox: (name) => tryLock(MAILBOX_LOCK, name),
    async releaseMailbox(name) {
      await client.query('select pg_advisory_unlock($1, hashtext($2))', [MAILBOX_LOCK, name]);
    },
    close: () => client.end(),
  };
}

/** The instances that live now, by their locks. */
export async function livingInstances(db: Db): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ id: number }>`
    select objid::int8 as id from pg_locks
    where locktype = 'advisory' and classid = ${INSTANCE_LOCK} and granted
      and database = (select oid from pg_database where datname = current_database())`.execute(db);
  return new Set(rows.map((row) => row.id));
}
