/** A secret the ledger keeps for itself, made on first use. */
import { randomBytes } from 'node:crypto';
import type { Db } from './schema.ts';

const SECRET_BYTES = 32;

/** What the Message-IDs of notices are made with: the same for every process on this ledger, and for good. */
export async function noticeSecret(db: Db): Promise<string> {
  await db
    .insertInto('setting')
    .values({ key: 'thread-secret', value: randomBytes(SECRET_BYTES).toString('hex') })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  const row = await db
    .selectFrom('setting')
    .select('value')
    .where('key', '=', 'thread-secret')
    .executeTakeFirstOrThrow();
  return row.value;
}
