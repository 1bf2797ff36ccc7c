/** The commitment clock's rows: deadlines, pauses, and the calendars they count by. All writing needs the lock on the ticket. */
import { type Selectable, sql } from 'kysely';
import { DEADLINE_NAMES, type DeadlineName, type Decision, type ReplyKind } from '../model.ts';
import type { Calendar } from '../pipeline/clock/business-time.ts';
import { spellingsOf } from './recipients.ts';
import type { Tables, Tx } from './schema.ts';
import { jsonText, plainText } from './text.ts';

/** A statement takes 65,535 parameters; a row has 17. */
const ROWS_AT_ONCE = 1_000;

export type DeadlineRow = Omit<Selectable<Tables['deadline']>, 'id'>;
export type PauseRow = Selectable<Tables['pause']>;
export type CalendarRow = { readonly since: Date; readonly calendar: Calendar };

export type TicketClock = {
  readonly ticketId: number;
  readonly status: string;
  readonly decision: Decision;
  readonly mailbox: Tables['ticket']['mailbox'];
  readonly subject: string;
  readonly arrivedAt: Date;
  /** Empty while the clock does not know the ticket. */
  readonly calendars: readonly CalendarRow[];
  /** In the order of the promises, and round by round. */
  readonly deadlines: readonly DeadlineRow[];
  /** Oldest first. */
  readonly pauses: readonly PauseRow[];
};

/**
 * Locks the tickets until the transaction ends and reads their clocks.
 * @param options.skipLocked leaves out those that somebody else is deciding at this moment, instead of waiting.
 */
export async function lockClocks(
  tx: Tx,
  ids: readonly number[],
  options: { skipLocked?: boolean } = {},
): Promise<TicketClock[]> {
  if (ids.length === 0) return [];
  const locking = tx.selectFrom('ticket').select('id').where('id', 'in', ids).orderBy('id').forUpdate();
  const locked = (await (options.skipLocked ? locking.skipLocked() : locking).execute()).map(({ id }) => id);
  if (locked.length === 0) return [];
  const tickets = await tx
    .selectFrom('ticket')
    .innerJoin('mail', 'mail.id', 'ticket.mail_id')
    .select(['ticket.id', 'status', 'decision', 'ticket.mailbox', 'subject', 'calendars', 'mail.arrived_at'])
    .where('ticket.id', 'in', locked)
    .orderBy('ticket.id')
    .execute();
  const deadlines = await tx
    .selectFrom('deadline')
    .selectAll()
    .where('ticket_id', 'in', locked)
    .orderBy('round')
    .execute();
  const pauses = await tx.selectFrom('pause').selectAll().where('ticket_id', 'in', locked).orderBy('id').execute();
  const deadlinesOf = Map.groupBy(deadlines, (row) => row.ticket_id);
  const pausesOf = Map.groupBy(pauses, (row) => row.ticket_id);
  return tickets.map(({ id, calendars, arrived_at, ...ticket }) => ({
    ...ticket,
    ticketId: id,
    arrivedAt: arrived_at,
    calendars: (calendars ?? []).map(({ since, calendar }) => ({ since: new Date(since), calendar })),
    deadlines: (deadlinesOf.get(id) ?? [])
      .map(({ id: _, ...row }) => row)
      .toSorted((a, b) => DEADLINE_NAMES.indexOf(a.what) - DEADLINE_NAMES.indexOf(b.what)),
    pauses: pausesOf.get(id) ?? [],
  }));
}

export async function saveCalendars(tx: Tx, ticketId: number, calendars: readonly CalendarRow[]): Promise<void> {
  const stored = calendars.map(({ since, calendar }) => ({ since: since.toISOString(), calendar }));
  await tx
    .updateTable('ticket')
    .set({ calendars: jsonText(stored) })
    .where('id', '=', ticketId)
    .execute();
}

/** Writes deadlines as they are now, new ones and known ones. */
export async function putDeadlines(tx: Tx, rows: readonly DeadlineRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) await putSome(tx, rows.slice(from, from + ROWS_AT_ONCE));
}

async function putSome(tx: Tx, rows: readonly DeadlineRow[]): Promise<void> {
  await tx
    .insertInto('deadline')
    .values([...rows])
    .onConflict((conflict) =>
      conflict.columns(['ticket_id', 'what', 'round']).doUpdateSet((eb) => ({
        started_at: eb.ref('excluded.started_at'),
        target_hours: eb.ref('excluded.target_hours'),
        commitment_hours: eb.ref('excluded.commitment_hours'),
        target_at: eb.ref('excluded.target_at'),
        commitment_at: eb.ref('excluded.commitment_at'),
        manager_at: eb.ref('excluded.manager_at'),
        paused_at: eb.ref('excluded.paused_at'),
        next_at: eb.ref('excluded.next_at'),
        warned_at: eb.ref('excluded.warned_at'),
        breached_at: eb.ref('excluded.breached_at'),
        escalated_at: eb.ref('excluded.escalated_at'),
        met_at: eb.ref('excluded.met_at'),
        cancelled_at: eb.ref('excluded.cancelled_at'),
      })),
    )
    .execute();
}

export type NewPause = {
  readonly ticketId: number;
  readonly replyId: number | null;
  readonly stops: readonly DeadlineName[];
  readonly from: Date;
  readonly because: string;
};

export async function openPause(tx: Tx, pause: NewPause): Promise<PauseRow> {
  return await tx
    .insertInto('pause')
    .values({
      ticket_id: pause.ticketId,
      reply_id: pause.replyId,
      stops: jsonText(pause.stops),
      from_at: pause.from,
      until_at: null,
      because: plainText(pause.because),
      ended_because: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Ends a pause; one that ended before it began never was. */
export async function endPause(tx: Tx, id: number, until: Date, because: string): Promise<void> {
  await tx
    .updateTable('pause')
    .set({ until_at: sql<Date>`greatest(from_at, ${until}::timestamptz)`, ended_because: plainText(because) })
    .where('id', '=', id)
    .where('until_at', 'is', null)
    .execute();
}

/** Sets the status; what was written after an earlier one has been seen by whoever sets it. */
export async function setStatus(tx: Tx, ticketId: number, status: string): Promise<void> {
  await tx
    .updateTable('ticket')
    .set({ status, answered_after_resolved: null, updated_at: sql`now()` })
    .where('id', '=', ticketId)
    .execute();
}

/** The partner wrote on a resolved ticket: shown until an associate has looked. */
export async function noteLateAnswer(tx: Tx, ticketId: number, at: Date): Promise<void> {
  await tx
    .updateTable('ticket')
    .set({ answered_after_resolved: at, updated_at: sql`now()` })
    .where('id', '=', ticketId)
    .execute();
}

export type Asked = {
  readonly ticketId: number;
  readonly replyId: number;
  readonly kind: ReplyKind;
  readonly at: Date;
};

/** The last reply to the partner on each of these tickets, where it went out or is about to. */
export async function lastReplies(tx: Tx, ids: readonly number[]): Promise<Asked[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<Asked>`
    select distinct on (ticket_id) ticket_id as "ticketId", id as "replyId", kind, created_at as at
    from reply where ticket_id = any(${[...ids]}::bigint[]) and state in ('intended', 'sending', 'sent')
    order by ticket_id, id desc`.execute(tx);
  return rows;
}

/**
 * The reply of ours that came back: the one that left us under the Message-ID that the report names. A report that names none is
 * taken for the last question to that address that a ticket waits on; one that names another's is about another's mail, or forged.
 */
export async function bouncedReply(
  tx: Tx,
  { messageId, recipient }: { readonly messageId: string | null; readonly recipient: string | null },
): Promise<BouncedReply | undefined> {
  const isNamed = sql`btrim(message_id, '<>') = btrim(${messageId ?? ''}::text, '<>')`;
  const isMeant =
    messageId === null
      ? sql`lower(recipient) = any(${spellingsOf(recipient ?? '')})
        and exists (select from pause where pause.reply_id = reply.id and until_at is null)`
      : sql`${isNamed} and state in ('sending', 'sent', 'held') and attempts > 0`;
  const { rows } = await sql<BouncedReply>`
    select reply.id, reply.ticket_id as "ticketId", recipient, ${messageId !== null}::boolean as "isProven" from reply
    where reply.ticket_id is not null and ${isMeant} order by reply.id desc limit 1`.execute(tx);
  return rows[0];
}

export type BouncedReply = {
  readonly id: number;
  readonly ticketId: number;
  readonly recipient: string;
  /** Its Message-ID was named, and it had left us: nobody but who got it can know that. */
  readonly isProven: boolean;
};

/** Of the replies that pauses wait for, those that a person holds, nobody could send, or that wait in the outbox since `before`. */
export async function unsentReplies(tx: Tx, ids: readonly number[], before: Date): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await tx
    .selectFrom('reply')
    .select('id')
    .where('id', 'in', ids)
    .where(({ eb, or, and }) =>
      or([eb('state', 'in', ['held', 'failed']), and([eb('state', '=', 'intended'), eb('created_at', '<=', before)])]),
    )
    .execute();
  return new Set(rows.map(({ id }) => id));
}
