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

export type Relation = { readonly messageId: string; readonly ticketId: number; readonly sender: string };

/** The tickets that these Message-IDs belong to, at most `limit`: for each first that of the very mail, then the newest it is an ancestor on. */
export async function ticketsOfThread(db: Db, messageIds: readonly string[], limit: number): Promise<Relation[]> {
  if (messageIds.length === 0) return [];
  const ids = sql`${messageIds.map(plainText)}::text[]`;
  const { rows } = await sql<Relation>`
    select thread.message_id as "messageId", ticket.id as "ticketId", ticket.sender from thread
      join ticket on ticket.id = thread.ticket_id
      left join mail on mail.ticket_id = ticket.id and mail.message_id = thread.message_id
    where md5(thread.message_id) in (select md5(unnest(${ids}))) and thread.message_id = any(${ids})
    order by array_position(${ids}, thread.message_id), mail.id is null, ticket.id desc limit ${limit}`.execute(db);
  return rows.map((row) => ({ ...row, ticketId: Number(row.ticketId) }));
}
