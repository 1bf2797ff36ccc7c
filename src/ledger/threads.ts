/** Which tickets a Message-ID belongs to: of the mails on a ticket, and of those that they answer (a common ancestor counts). */
import { sql } from 'kysely';
import type { ParsedMail } from '../model.ts';
import type { Db, Tx } from './schema.ts';
import { plainText } from './text.ts';

/** References of one mail that are kept: the first names the thread, the last ones the mails it answers. */
const FIRST = 1;
const LAST = 20;

/** The Message-IDs by which a mail says where it belongs, the nearest first. */
export function referencesOf({ inReplyTo, references }: Pick<ParsedMail, 'inReplyTo' | 'references'>): string[] {
  return [...new Set([...(inReplyTo ? [inReplyTo] : []), ...references.toReversed()])];
}

/** Keeps what a mail that is on a ticket now is called, and what it refers to. */
export async function keepThread(
  tx: Tx,
  ticketId: number,
  mail: Pick<ParsedMail, 'messageId' | 'inReplyTo' | 'references'>,
): Promise<void> {
  const references = referencesOf(mail);
  const kept = [...references.slice(0, LAST), ...references.slice(-FIRST)];
  const ids = new Set([...(mail.messageId ? [mail.messageId] : []), ...kept].map(plainText));
  if (ids.size === 0) return;
  await sql`
    insert into thread (ticket_id, message_id)
    select ${ticketId}::bigint, unnest(${[...ids]}::text[]) on conflict do nothing`.execute(tx);
}

/** The tickets that any of these Message-IDs belong to, the newest first, at most `limit`. */
export async function ticketsOfThread(db: Db, messageIds: readonly string[], limit: number): Promise<number[]> {
  if (messageIds.length === 0) return [];
  const rows = await db
    .selectFrom('thread')
    .select('ticket_id')
    .distinct()
    .where(sql`md5(message_id)`, 'in', sql<string[]>`(select md5(unnest(${messageIds.map(plainText)}::text[])))`)
    .where(sql<boolean>`message_id = any(${messageIds.map(plainText)}::text[])`)
    .orderBy('ticket_id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => row.ticket_id);
}
