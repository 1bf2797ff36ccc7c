/** Secrets the ledger keeps for itself, made on first use. */
import { randomBytes } from 'node:crypto';
import type { Db } from './schema.ts';

const SECRET_BYTES = 32;

/** What the Message-IDs of notices are made with: the same for every process on this ledger, and for good. */
export const noticeSecret = (db: Db): Promise<string> => secretOf(db, 'thread-secret');

/** What the pseudonyms of erased people are made with: without it nobody learns from one who it was by trying addresses. */
export const erasureSecret = (db: Db): Promise<string> => secretOf(db, 'erasure-secret');

/** Kept under a name, made when there is none. */
async function secretOf(db: Db, key: string): Promise<string> {
  await db
    .insertInto('setting')
    .values({ key, value: randomBytes(SECRET_BYTES).toString('hex') })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  return (await db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirstOrThrow()).value;
}
