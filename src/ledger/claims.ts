/** Mails taken from the outbox for sending, under the one lock of `takeSending`: what was counted still holds when one is taken. */
import { sql } from 'kysely';
import type { MailboxName, ReplyKind } from '../model.ts';
import { type ReplyRow, replyColumns } from './replies.ts';
import type { Tx } from './schema.ts';
import { plainText } from './text.ts';

export type Claimable = {
  readonly id: number;
  readonly kind: ReplyKind | 'notice';
  readonly ticketId: number | null;
  readonly mailbox: MailboxName;
  readonly recipient: string;
  /** A person wants it sent: only the limits of an hour hold for it. */
  readonly released: boolean;
  readonly waiting: boolean;
  /** Of the mail it answers; null for a notice. */
  readonly arrivedAt: Date | null;
  readonly dated: string | null;
};

/** An intended mail of a mailbox we can send from; undefined when there is none to take. */
export async function findClaimable(
  tx: Tx,
  id: number,
  mailboxes: readonly MailboxName[],
): Promise<Claimable | undefined> {
  const { rows } = await sql<Claimable>`
    select reply.id, reply.kind, reply.ticket_id as "ticketId", reply.mailbox, recipient, released, waiting,
      mail.arrived_at as "arrivedAt", mail.parsed->>'date' as dated
    from reply left join mail on mail.id = reply.mail_id
    where reply.id = ${id} and reply.state = 'intended' and reply.mailbox = any(${[...mailboxes]})
    for update of reply`.execute(tx);
  return rows[0];
}

export type Left = { readonly mailbox: MailboxName; readonly at: Date };

/** Other mails that left since `since`, the oldest first. */
export async function leftSince(tx: Tx, id: number, since: Date): Promise<Left[]> {
  const { rows } = await sql<Left>`
    select mailbox, attempted_at as at from reply
    where attempted_at > ${since}::timestamptz and id <> ${id} order by attempted_at`.execute(tx);
  return rows;
}

export type HourCount = { readonly mailbox: MailboxName; readonly left: number; readonly ahead: number };

/**
 * How many other mails left since `since`, and how many older ones wait for an hour with room, by mailbox. Only `mailboxes` have mails
 * that wait: what cannot be sent at all keeps nobody else waiting.
 */
export async function countHour(
  tx: Tx,
  id: number,
  since: Date,
  mailboxes: readonly MailboxName[],
): Promise<HourCount[]> {
  const { rows } = await sql<HourCount>`
    select mailbox, sum(has_left) as left, sum(is_ahead) as ahead from (
      select mailbox, 1 as has_left, 0 as is_ahead from reply where attempted_at > ${since}::timestamptz and id <> ${id}
      union all
      select mailbox, 0, 1 from reply where waiting and state = 'intended' and id < ${id}
        and mailbox = any(${[...mailboxes]})) as counted
    group by mailbox`.execute(tx);
  return rows.map((row) => ({ ...row, left: Number(row.left), ahead: Number(row.ahead) }));
}

/** Takes it: from here until `finishReply` its outcome is unknown. */
export async function take(tx: Tx, id: number, sender: number, now: Date): Promise<ReplyRow> {
  return await tx
    .updateTable('reply')
    .set((eb) => ({
      state: 'sending' as const,
      sender,
      because: null,
      attempts: eb('attempts', '+', 1),
      waiting: false,
      next_attempt_at: null,
      attempted_at: now,
      tried_since: sql<Date>`coalesce(tried_since, ${now}::timestamptz)`,
      updated_at: sql<Date>`now()`,
    }))
    .where('id', '=', id)
    .returning(replyColumns)
    .executeTakeFirstOrThrow();
}

/** Leaves it in the outbox until an hour has room for it. */
export async function letWait(tx: Tx, id: number, until: Date, because: string): Promise<void> {
  await tx
    .updateTable('reply')
    .set({ waiting: true, next_attempt_at: until, because: plainText(because), updated_at: sql`now()` })
    .where('id', '=', id)
    .execute();
}

/** Leaves it to a person. */
export async function hold(tx: Tx, id: number, because: string): Promise<void> {
  await tx
    .updateTable('reply')
    .set({
      state: 'held',
      because: plainText(because),
      waiting: false,
      next_attempt_at: null,
      updated_at: sql`now()`,
    })
    .where('id', '=', id)
    .execute();
}
