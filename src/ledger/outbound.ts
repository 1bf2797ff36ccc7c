/** Mails of the outbox that wait for a person: to look at, to send after all, or to drop. */
import { type RawBuilder, sql } from 'kysely';
import type { MailboxName, ReplyKind } from '../model.ts';
import type { OutgoingMail } from '../ports.ts';
import type { Db, Tx } from './schema.ts';
import { ticketNumber } from './tickets.ts';

export type HeldMail = {
  readonly id: number;
  readonly kind: ReplyKind | 'notice';
  readonly mailbox: MailboxName;
  readonly recipient: string;
  readonly subject: string;
  readonly because: string | null;
  /** Numbers of the tickets it is about. */
  readonly tickets: readonly string[];
  readonly createdAt: Date;
};

/** The tickets a mail of the outbox is about: its own, or those its notices tell of. */
const about = (replyId: RawBuilder<number>) => sql<number>`
  select reply.ticket_id as id from reply where reply.id = ${replyId} and reply.ticket_id is not null
  union
  select coalesce(notice.ticket_id, summed.id::bigint) from notice_recipient
    join notice on notice.id = notice_recipient.notice_id
    left join lateral jsonb_array_elements_text(notice.tickets) as summed(id) on notice.ticket_id is null
  where notice_recipient.reply_id = ${replyId} and coalesce(notice.ticket_id, summed.id::bigint) is not null`;

/** All that is held, oldest first. */
export async function listHeld(db: Db): Promise<HeldMail[]> {
  const { rows } = await sql<Omit<HeldMail, 'subject' | 'tickets'> & { message: OutgoingMail; ids: number[] }>`
    select held.id, held.kind, held.mailbox, held.recipient, held.message, held.because, held.created_at as "createdAt",
      array(${about(sql<number>`held.id`)} order by 1) as ids
    from reply as held where held.state = 'held' order by held.id`.execute(db);
  return rows.map(({ message, ids, ...row }) => ({
    ...row,
    subject: message.subject,
    tickets: ids.map((id) => ticketNumber(Number(id))),
  }));
}

/** The tickets that these notices of ours told of, and whom; by their Message-IDs in angle brackets. */
export async function noticesTold(
  db: Db,
  messageIds: readonly string[],
): Promise<{ recipient: string; tickets: number[] }[]> {
  if (messageIds.length === 0) return [];
  const { rows } = await sql<{ recipient: string; ids: number[] }>`
    select told.recipient, array(${about(sql<number>`told.id`)} order by 1) as ids
    from reply as told where told.kind = 'notice' and told.message_id = any(${[...messageIds]})`.execute(db);
  return rows.map(({ recipient, ids }) => ({ recipient, tickets: ids.map(Number) }));
}

export type EndedMail = {
  readonly id: number;
  readonly kind: ReplyKind | 'notice';
  /** Null for a notice. */
  readonly ticketId: number | null;
};

/**
 * Sends a held mail after all (`release`: the reply role takes it up) or gives it up (`drop`: it is never sent, and stays in the
 * outbox as failed). Said in the history of each ticket it is about. Undefined when it is not held.
 */
export async function endHeld(tx: Tx, id: number, how: 'release' | 'drop'): Promise<EndedMail | undefined> {
  const held = await tx
    .selectFrom('reply')
    .select(['kind', 'recipient', 'because', 'ticket_id'])
    .where('id', '=', id)
    .where('state', '=', 'held')
    .forUpdate()
    .executeTakeFirst();
  if (!held) return undefined;
  const done = how === 'release' ? 'released' : 'dropped';
  await tx
    .updateTable('reply')
    .set({
      state: how === 'release' ? 'intended' : 'failed',
      because: `${done} by hand`,
      released: how === 'release',
      attempts: 0,
      tried_since: null,
      next_attempt_at: null,
      sender: null,
      updated_at: sql`now()`,
    })
    .where('id', '=', id)
    .execute();
  const what = `${held.kind === 'notice' ? 'notice' : 'reply'} ${done}`;
  await sql`
    insert into event (ticket_id, by, what, because)
    select concerned.id, 'associate', ${what}, ${`by hand; to ${held.recipient}, held because: ${held.because ?? 'unknown'}`}
    from (${about(sql<number>`${id}::bigint`)}) as concerned`.execute(tx);
  return { id, kind: held.kind, ticketId: held.ticket_id };
}
