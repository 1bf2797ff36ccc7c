/** The outbox (I4): every reply is a row before it is a mail, and stays one after. */
import { sql } from 'kysely';
import type { Actor, MailboxName, ReplyKind, ReplyState } from '../model.ts';
import type { OutgoingMail } from '../ports.ts';
import { brakesOf } from './brakes.ts';
import type { Db, Tx } from './schema.ts';
import { jsonText, plainText } from './text.ts';

const REASON_LENGTH = 500;

export type NewNoticeMail = {
  readonly mailbox: MailboxName;
  readonly recipient: string;
  readonly message: OutgoingMail;
  readonly now: Date;
};

/** Writes the mail that tells people inside into the outbox; undefined when its very notices were mailed before (I2). */
export async function intendNotice(tx: Tx, notice: NewNoticeMail): Promise<number | undefined> {
  const row = await tx
    .insertInto('reply')
    .values({
      ticket_id: null,
      mail_id: null,
      kind: 'notice',
      mailbox: notice.mailbox,
      recipient: notice.recipient,
      partner_key: '',
      message_id: notice.message.messageId,
      message: jsonText(notice.message),
      state: 'intended',
      because: null,
      created_at: notice.now,
    })
    .onConflict((conflict) => conflict.column('message_id').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

/** When the last notice to this recipient was written. */
export async function lastNoticeTo(db: Db, recipient: string): Promise<Date | null> {
  const row = await db
    .selectFrom('reply')
    .select('created_at')
    .where(sql`lower(recipient)`, '=', recipient.toLowerCase())
    .where('kind', '=', 'notice')
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.created_at ?? null;
}

export type NewReply = {
  readonly ticketId: number;
  readonly mailId: number;
  readonly kind: ReplyKind;
  readonly mailbox: MailboxName;
  readonly recipient: string;
  readonly partnerKey: string;
  readonly message: OutgoingMail;
  /** What it asks for, in words to compare; null when it asks nothing. */
  readonly asks: string | null;
  /** Why it must wait for a person, or null when it may go. */
  readonly heldBecause: string | null;
  readonly now: Date;
};

/** Writes a reply into the outbox. One mail is answered once: a second reply to it is not written (undefined). */
export async function intendReply(tx: Tx, reply: NewReply): Promise<number | undefined> {
  const row = await tx
    .insertInto('reply')
    .values({
      ticket_id: reply.ticketId,
      mail_id: reply.mailId,
      kind: reply.kind,
      mailbox: reply.mailbox,
      recipient: reply.recipient,
      partner_key: reply.partnerKey,
      message_id: reply.message.messageId,
      message: jsonText(reply.message),
      asks: reply.asks === null ? null : plainText(reply.asks),
      state: reply.heldBecause ? 'held' : 'intended',
      because: reply.heldBecause,
      created_at: reply.now,
    })
    .onConflict((conflict) => conflict.column('mail_id').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

/** Whether this partner got a reply of this kind since `since`. Holds the partner's lock until the transaction ends, so that two mails cannot both see "no". */
export async function wasToldSince(tx: Tx, partnerKey: string, kind: ReplyKind, since: Date): Promise<Date | null> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${kind} ${partnerKey}`}, 0))`.execute(tx);
  const row = await tx
    .selectFrom('reply')
    .select('created_at')
    .where('partner_key', '=', partnerKey)
    .where('kind', '=', kind)
    .where('created_at', '>', since)
    .where('state', '!=', 'failed')
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.created_at ?? null;
}

/** When this was last asked on a ticket since `since`; null when it was not, or the question reached nobody. */
export async function wasAskedSince(tx: Tx, ticketId: number, asks: string, since: Date): Promise<Date | null> {
  const row = await tx
    .selectFrom('reply')
    .select('created_at')
    .where('ticket_id', '=', ticketId)
    .where('asks', '=', plainText(asks))
    .where('created_at', '>', since)
    .where('state', '!=', 'failed')
    .where('bounced_at', 'is', null)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.created_at ?? null;
}

export type ReplyRow = {
  readonly id: number;
  /** Null for a notice to people inside. */
  readonly ticketId: number | null;
  readonly kind: ReplyKind | 'notice';
  readonly mailbox: MailboxName;
  readonly message: OutgoingMail;
  readonly state: ReplyState;
  /** Null while an attempt runs. */
  readonly because: string | null;
  readonly attempts: number;
  readonly sender: number | null;
  /** Since the attempt began, by the database's clock. */
  readonly ageMs: number;
  readonly createdAt: Date;
  /** When it was first tried since it was to be sent, or sent after all. */
  readonly triedSince: Date | null;
};

/** Of a row: what `ReplyRow` has. */
export const replyColumns = [
  'id',
  'ticket_id as ticketId',
  'kind',
  'mailbox',
  'message',
  'state',
  'because',
  'attempts',
  'sender',
  'created_at as createdAt',
  'tried_since as triedSince',
  sql<number>`(extract(epoch from now() - updated_at) * 1000)::int8`.as('ageMs'),
] as const;

export async function findReply(db: Db, id: number): Promise<ReplyRow | undefined> {
  return await db.selectFrom('reply').select(replyColumns).where('id', '=', id).executeTakeFirst();
}

/** Takes over a reply that a dead instance left in `sending`; false when somebody else did. */
export async function adoptReply(db: Db, id: number, from: number | null, sender: number): Promise<boolean> {
  const row = await db
    .updateTable('reply')
    .set({ sender, because: 'outcome unknown: its sender is gone' })
    .where('id', '=', id)
    .where('state', '=', 'sending')
    .where('sender', from === null ? 'is' : '=', from)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export type AttemptEnd = { readonly state: ReplyState; readonly because: string; readonly next?: Date };

/** Writes down how an attempt ended; only its sender may, and only of that very attempt (a late finder must not touch the next one). */
export async function finishReply(
  db: Db,
  reply: Pick<ReplyRow, 'id' | 'ticketId' | 'attempts'>,
  sender: number,
  end: AttemptEnd,
): Promise<void> {
  const because = plainText(end.because).slice(0, REASON_LENGTH);
  const unsettled = end.state === 'sending';
  // Between two look-ups the row stays with its sender and says nothing new; otherwise nobody has it, and the history tells.
  await db
    .with('finished', (cte) =>
      cte
        .updateTable('reply')
        .set({
          state: end.state,
          because,
          next_attempt_at: end.next ?? null,
          sender: unsettled ? sender : null,
          ...(unsettled ? {} : { updated_at: sql<Date>`now()` }),
        })
        .where('id', '=', reply.id)
        .where('state', '=', 'sending')
        .where('sender', '=', sender)
        .where('attempts', '=', reply.attempts)
        .returning('id'),
    )
    // Associates elsewhere learn what we wrote.
    .with('untold', (cte) =>
      cte
        .updateTable('ticket')
        .set({ untold: true })
        .where('id', 'in', (eb) => eb.selectFrom('finished').select(sql<number>`${reply.ticketId}::bigint`.as('id')))
        .where(sql<boolean>`${end.state === 'sent'}::boolean`)
        .returning('id'),
    )
    .insertInto('event')
    .columns(['ticket_id', 'by', 'what', 'because'])
    .expression((eb) =>
      reply.ticketId === null
        ? tellings(end.state, because)
        : eb
            .selectFrom('finished')
            .select((row) => [
              row.val(reply.ticketId).as('ticket_id'),
              row.val<Actor>('daemon').as('by'),
              row.val(`reply ${end.state}`).as('what'),
              row.val(because).as('because'),
            ])
            .where(sql<boolean>`${!unsettled}::boolean`),
    )
    .execute();
}

/** A notice's end for the history of the ticket it is about, or of each of those a summary is about. */
const tellings = (state: ReplyState, because: string) => sql`
  select distinct coalesce(notice.ticket_id, summed.id::bigint), 'daemon',
    notice.level || ${state === 'sent' ? ' told' : ` notice ${state}`}, notice_recipient.recipient || ': ' || ${because}
  from finished join notice_recipient on notice_recipient.reply_id = finished.id
    join notice on notice.id = notice_recipient.notice_id
    left join lateral jsonb_array_elements_text(notice.tickets) as summed(id) on notice.ticket_id is null
  where coalesce(notice.ticket_id, summed.id::bigint) is not null and ${state !== 'sending'}::boolean`;

/**
 * Replies with something left to do that are due, oldest first: for the sweep. While all sending is stopped, what was begun is looked up.
 * @param mailboxes what can be sent from: what cannot be sent must not take the places of what can.
 */
export async function unfinishedReplies(
  db: Db,
  before: Date,
  now: Date,
  limit: number,
  mailboxes: readonly MailboxName[],
): Promise<number[]> {
  const { paused } = await brakesOf(db);
  const rows = await db
    .selectFrom('reply')
    .select('id')
    .where(({ eb, or, and }) =>
      paused
        ? eb('state', '=', 'sending')
        : or([
            eb('state', '=', 'sending'),
            and([eb('state', '=', 'intended'), sql<boolean>`mailbox = any(${[...mailboxes]})`]),
          ]),
    )
    .where('updated_at', '<=', before)
    .where((eb) => eb.or([eb('next_attempt_at', 'is', null), eb('next_attempt_at', '<=', now)]))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** Writes on a reply that it came back; the first report counts. */
export async function markBounced(tx: Tx, id: number, because: string, at: Date): Promise<void> {
  await tx
    .updateTable('reply')
    .set({ bounced_at: at, bounced_because: plainText(because).slice(0, REASON_LENGTH) })
    .where('id', '=', id)
    .where('bounced_at', 'is', null)
    .execute();
}
