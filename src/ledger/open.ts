/** Opens the ledger: one pool, migrated. */
import { Kysely, Migrator, PostgresDialect } from 'kysely';
import pg from 'pg';
import { IntakeError, messageOf } from '../errors.ts';
import { migrations } from './migrations.ts';
import type { Db, Tables } from './schema.ts';

/** Connections of one process; PostgreSQL's default limit of 100 leaves room for several roles and the queue. */
const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const INT8_OID = 20;

export type Ledger = { readonly db: Db; readonly url: string; close(): Promise<void> };

/** Ids are int8; they stay below 2^53 for as long as mail is written by people. */
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8_OID ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/**
 * Connects to the ledger and brings its schema up to date (safe when several processes do it at once).
 * @throws IntakeError `temporary`, code `ledger`, when the database cannot be reached or migrated.
 */
export async function openLedger(url: string): Promise<Ledger> {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types,
  });
  tolerateLoss(pool);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    const { error } = await new Migrator({ db, provider: migrations }).migrateToLatest();
    if (error) throw error;
  } catch (error) {
    await db.destroy();
    throw new IntakeError(
      'temporary',
      'ledger',
      `DATABASE_URL: the database cannot be used: ${messageOf(error)}: start it, or mend the address`,
      {},
      { cause: error },
    );
  }
  return { db, url, close: () => db.destroy() };
}

/**
 * A connection that breaks is replaced by the pool, and the query it was in fails; without a listener, which the pool
 * takes away from a connection in use, it would end the process.
 */
function tolerateLoss(pool: pg.Pool): void {
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.on('error', () => undefined));
}
