/** What of a ticket is to be told to Desk: calls that refer to what they tell, each planned once. */
import { type RawBuilder, sql } from 'kysely';
import type { MailboxName } from '../model.ts';
import type { DeskCallKind } from './desk-schema.ts';
import type { Db, Tx } from './schema.ts';

/** Tickets made since `since` with something that no call is planned for, oldest first. */
export async function untoldTickets(db: Db, since: Date, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('ticket')
    .select('id')
    .where('untold', '=', true)
    .where('created_at', '>=', since)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** A ticket with what may be told of it. */
export type Tellable = {
  readonly ticketId: number;
  /** Ids of decisions that no call is planned for, and whether the very first is among them. */
  readonly decisions: readonly number[];
  readonly isNew: boolean;
  /** The mails that were appended to it, and the replies that were sent, all of them. */
  readonly mails: readonly number[];
  readonly replies: readonly number[];
};

/** Locks a ticket and its counterpart, which is made when there is none; undefined when there is nothing untold about it. */
export async function lockUntold(
  tx: Tx,
  ticketId: number,
  portalOf: (mailbox: MailboxName) => MailboxName,
): Promise<Tellable | undefined> {
  const ticket = await tx
    .selectFrom('ticket')
    .innerJoin('mail', 'mail.id', 'ticket.mail_id')
    .select(['ticket.mail_id', 'ticket.mailbox', 'mail.fingerprint', sql<boolean>`untold`.as('untold')])
    .where('ticket.id', '=', ticketId)
    .forUpdate('ticket')
    .executeTakeFirst();
  if (!ticket?.untold) return undefined;
  await tx
    .insertInto('desk_ticket')
    .values({ ticket_id: ticketId, portal: portalOf(ticket.mailbox), key: ticket.fingerprint })
    .onConflict((conflict) => conflict.column('ticket_id').doNothing())
    .execute();
  const { rows } = await sql<Omit<Tellable, 'ticketId' | 'isNew'> & { planned: number }>`
    select decision_id as planned,
      array(select id from decision where ticket_id = ${ticketId} and id > desk_ticket.decision_id order by id) as decisions,
      array(select id from mail where ticket_id = ${ticketId} and id <> ${ticket.mail_id} order by id) as mails,
      array(select id from reply where ticket_id = ${ticketId} and state = 'sent' order by id) as replies
    from desk_ticket where ticket_id = ${ticketId}`.execute(tx);
  const [found] = rows;
  if (!found) return undefined;
  const numbers = (ids: readonly unknown[]): number[] => ids.map(Number);
  return {
    ticketId,
    isNew: Number(found.planned) === 0,
    decisions: numbers(found.decisions),
    mails: numbers(found.mails),
    replies: numbers(found.replies),
  };
}

export type PlannedCall = {
  readonly kind: DeskCallKind;
  /** Names what it does, once for each ticket: one that is planned already is not planned again. */
  readonly marker: string;
  readonly mailId?: number;
  readonly decisionId?: number;
  readonly replyId?: number;
  readonly notBefore?: Date;
};

/** Adds calls in this order, behind those that are there. One parameter, however many there are: a statement takes 65,535. */
export async function addCalls(tx: Tx, ticketId: number, calls: readonly PlannedCall[]): Promise<void> {
  if (calls.length === 0) return;
  await sql`
    insert into desk_call
      (ticket_id, portal, priority, kind, marker, mail_id, decision_id, reply_id, next_attempt_at, state, because)
    select ticket_id, portal, priority, kind, marker, mail_id, planned.decision_id, reply_id, not_before,
      ${whereGivenUp(sql`'done'`, sql`'intended'`)}, ${whereGivenUp(sql`'given up with its ticket'`, sql`null`)}
    from desk_ticket, rows from (
        jsonb_to_recordset(${JSON.stringify(calls)}::jsonb)
        as (kind text, marker text, "mailId" bigint, "decisionId" bigint, "replyId" bigint, "notBefore" timestamptz))
      with ordinality as planned (kind, marker, mail_id, decision_id, reply_id, not_before, place)
    where ticket_id = ${ticketId} order by place
    on conflict (ticket_id, marker) do nothing`.execute(tx);
}

/** Of a ticket that was given up before it was made there, nothing is made. */
const whereGivenUp = (then: RawBuilder<unknown>, otherwise: RawBuilder<unknown>) => sql`
  case when remote_id is null and exists (
    select from desk_call made where made.ticket_id = desk_ticket.ticket_id and made.kind = 'create' and made.state = 'done')
  then ${then} else ${otherwise} end`;

/** Everything about the ticket is planned now. */
export async function markPlanned(tx: Tx, { ticketId, decisions }: Tellable, priority: boolean): Promise<void> {
  await tx.updateTable('ticket').set({ untold: false }).where('id', '=', ticketId).execute();
  const last = decisions.at(-1);
  await tx
    .updateTable('desk_ticket')
    .set({ priority, ...(last === undefined ? {} : { decision_id: last }) })
    .where('ticket_id', '=', ticketId)
    .execute();
  await tx
    .updateTable('desk_call')
    .set({ priority })
    .where('ticket_id', '=', ticketId)
    .where('state', '<>', 'done')
    .where('priority', '<>', priority)
    .execute();
}

/** Something new about a ticket is to be told. */
export async function markUntold(tx: Tx, ticketId: number): Promise<void> {
  await tx.updateTable('ticket').set({ untold: true }).where('id', '=', ticketId).where('untold', '=', false).execute();
}

/** From when on tickets go to Desk: the first time it is asked, and for good. */
export async function deskSince(db: Db, now: Date): Promise<Date> {
  await db
    .insertInto('setting')
    .values({ key: SINCE, value: now.toISOString() })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  return (await knownDeskSince(db)) ?? now;
}

const SINCE = 'desk-since';

/** The same, without asking for the first time: null when nobody did. */
export async function knownDeskSince(db: Db): Promise<Date | null> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', SINCE).executeTakeFirst();
  return row ? new Date(row.value) : null;
}
