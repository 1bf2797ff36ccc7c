/** Addresses that mail of ours came back from for good: replies to them are held, until somebody takes them off the list. */
import { sql } from 'kysely';
import { addressKey, spellingsOf } from './recipients.ts';
import type { Db, Tx } from './schema.ts';
import { plainText } from './text.ts';

export type Suppressed = { readonly address: string; readonly because: string; readonly since: Date };

const keyOf = (address: string): string => addressKey(plainText(address));

/** Why mail to this address is kept back; null when it is not. */
export async function whySuppressed(db: Db, address: string): Promise<string | null> {
  const row = await db
    .selectFrom('suppressed')
    .select('because')
    .where('address', '=', keyOf(address))
    .executeTakeFirst();
  return row?.because ?? null;
}

/** Keeps mail to this address back; false when it is kept back already. */
export async function suppress(tx: Tx, entry: Suppressed & { readonly replyId: number }): Promise<boolean> {
  const row = await tx
    .insertInto('suppressed')
    .values({
      address: keyOf(entry.address),
      because: plainText(entry.because),
      reply_id: entry.replyId,
      since: entry.since,
    })
    .onConflict((conflict) => conflict.column('address').doNothing())
    .returning('address')
    .executeTakeFirst();
  return row !== undefined;
}

/** Oldest first. */
export const listSuppressed = (db: Db): Promise<Suppressed[]> =>
  db.selectFrom('suppressed').select(['address', 'because', 'since']).orderBy('since').orderBy('address').execute();

/** @returns how many mails to it are held; undefined when it is not on the list. */
export async function unsuppress(tx: Tx, address: string): Promise<number | undefined> {
  const row = await tx
    .deleteFrom('suppressed')
    .where('address', '=', keyOf(address))
    .returning('address')
    .executeTakeFirst();
  if (!row) return undefined;
  const held = await tx
    .selectFrom('reply')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where(sql`lower(recipient)`, 'in', spellingsOf(plainText(address)))
    .where('state', '=', 'held')
    .executeTakeFirstOrThrow();
  return Number(held.count);
}
