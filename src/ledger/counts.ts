/** What limits by count count: mails of the outbox, whatever became of them. */
import { sql } from 'kysely';
import { spellingsOf } from './recipients.ts';
import type { Db, Tx } from './schema.ts';

/** How many replies a ticket has had. */
export async function countReplies(db: Db, ticketId: number): Promise<number> {
  const row = await db
    .selectFrom('reply')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('ticket_id', '=', ticketId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** How many replies this recipient was meant to get since `since`. */
export async function countRepliesTo(db: Db, recipient: string, since: Date): Promise<number> {
  const row = await db
    .selectFrom('reply')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where(sql`lower(recipient)`, 'in', spellingsOf(recipient))
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** How many replies the addresses of this domain were meant to get since `since`. */
export async function countRepliesToDomain(db: Db, domain: string, since: Date): Promise<number> {
  const row = await db
    .selectFrom('reply')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where(sql`lower(substring(recipient from '[^@]*$'))`, 'in', spellingsOf(domain))
    .where('kind', '<>', 'notice')
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Counting and writing what is counted become one for all who count the same, until the transaction ends. */
export async function countAlone(tx: Tx, whom: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`replies to ${whom}`}, 0))`.execute(tx);
}

/** How many replies were to go out since `since`: what was held from its beginning, and what a person released, is no part of a storm. */
export async function countIntended(db: Db, since: Date): Promise<number> {
  const row = await db
    .selectFrom('reply')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('kind', '<>', 'notice')
    .where('created_at', '>', since)
    .where('released', '=', false)
    .where((eb) => eb.or([eb('state', 'in', ['intended', 'sending', 'sent']), eb('attempts', '>', 0)]))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}
