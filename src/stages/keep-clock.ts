/** Keeps a ticket's clock with its decision: in the same transaction, whatever set the decision off. */

import type { NewEvent } from '../ledger/events.ts';
import { clock as ledger } from '../ledger/index.ts';
import type { Tx } from '../ledger/schema.ts';
import type { DeadlineName, Decision, ReplyKind } from '../model.ts';
import { DEADLINE_WORDS, moment } from '../pipeline/clock-words.ts';
import { promised } from '../pipeline/deadlines.ts';
import type { Policy } from '../policy.ts';
import { calendarOf, calendarsAfter, isOpen, looked, promisedRows, refreshed } from './clock-rows.ts';
import type { Context } from './context.ts';

type ClockContext = Pick<Context, 'policy' | 'now'>;

export type Decided = {
  readonly ticketId: number;
  readonly decision: Decision;
  readonly arrivedAt: Date;
  /** The reply that goes out with the decision: a question may stop the clock. */
  readonly replyId: number | undefined;
  /** Made in this very transaction. */
  readonly newTicket: boolean;
};

/** Sets the clock by a decision. Call it with the ticket locked. @returns what the history says of it. */
export async function keepClock(tx: Tx, ctx: ClockContext, decided: Decided): Promise<NewEvent[]> {
  const { ticketId, decision } = decided;
  const now = ctx.now();
  const before = decided.newTicket ? newClock(decided) : (await ledger.lockClocks(tx, [ticketId]))[0];
  if (!before || before.status === 'resolved') return [];
  const calendars = calendarsAfter(before, calendarOf(decision, ctx.policy), now);
  const asks = stoppedBy(decision.reply, ctx.policy);
  const events: NewEvent[] = [];
  let { pauses } = before;
  if (asks.length === 0 && pauses.some(({ until_at }) => until_at === null)) {
    const ended = await endPauses(tx, before, now, 'nothing is missing any more');
    pauses = ended.pauses;
    events.push(...ended.events);
  }
  if (asks.length > 0 && decided.replyId !== undefined && pauses.every(({ until_at }) => until_at !== null)) {
    const because = `the partner is asked (${decision.reply})`;
    const pause = await ledger.openPause(tx, { ticketId, replyId: decided.replyId, stops: asks, from: now, because });
    pauses = [...pauses, pause];
    events.push({ ticketId, what: 'clock paused', because: `${because}; ${named(asks)} wait for the answer` });
  }
  const rows = promisedRows({ ...before, calendars, pauses }, promised(decision, ctx.policy), now);
  await ledger.saveCalendars(tx, ticketId, calendars);
  await ledger.putDeadlines(tx, rows);
  // What the new decision promises is told with the decision.
  return events;
}

/** Ends what waits for the partner, who has answered. Call it with the ticket locked. */
export async function partnerAnswered(tx: Tx, ctx: ClockContext, ticketId: number, at: Date): Promise<NewEvent[]> {
  const [clock] = await ledger.lockClocks(tx, [ticketId]);
  return clock ? await resume(tx, ctx, clock, at, 'the partner answered') : [];
}

/** A question that nobody could send, or that a person holds, has asked nothing: the time is counted as if it had not been. */
export async function neverAsked(tx: Tx, ctx: ClockContext, ticketId: number): Promise<NewEvent[]> {
  const [clock] = await ledger.lockClocks(tx, [ticketId]);
  const open = clock?.pauses.filter(({ until_at }) => until_at === null) ?? [];
  const unsent = await ledger.unsentReplies(
    tx,
    open.flatMap(({ reply_id }) => reply_id ?? []),
  );
  if (!clock || !open.some(({ reply_id }) => reply_id !== null && unsent.has(reply_id))) return [];
  return await resume(tx, ctx, clock, new Date(0), 'the question was not sent');
}

/** Takes up tickets of an older ledger: their deadlines are those of their decisions. */
export async function takeUp(tx: Tx, ctx: ClockContext, ids: readonly number[]): Promise<void> {
  const now = ctx.now();
  const older = (await ledger.lockClocks(tx, ids)).filter(({ calendars }) => calendars.length === 0);
  const rows = older.flatMap((clock) => {
    const calendars = calendarsAfter(clock, calendarOf(clock.decision, ctx.policy), now);
    return promisedRows({ ...clock, calendars }, promised(clock.decision, ctx.policy), now).flatMap((row) => {
      const due = clock.decision.deadlines[row.what];
      return due ? [looked({ ...row, target_at: new Date(due.target), commitment_at: new Date(due.commitment) })] : [];
    });
  });
  for (const clock of older) {
    await ledger.saveCalendars(tx, clock.ticketId, calendarsAfter(clock, calendarOf(clock.decision, ctx.policy), now));
  }
  await ledger.putDeadlines(tx, rows);
}

async function resume(
  tx: Tx,
  ctx: ClockContext,
  clock: ledger.TicketClock,
  at: Date,
  because: string,
): Promise<NewEvent[]> {
  const { pauses, events } = await endPauses(tx, clock, at, because);
  if (events.length === 0) return [];
  const rows = clock.deadlines.filter(isOpen).map((row) => refreshed(row, { ...clock, pauses }, ctx.now()));
  await ledger.putDeadlines(tx, rows);
  return [...events, ...moved(clock, rows, clock.calendars.at(-1)?.calendar.zone ?? 'UTC')];
}

/** Ends all open pauses at `at`; one that began later never was. */
export async function endPauses(
  tx: Tx,
  { ticketId, pauses }: Pick<ledger.TicketClock, 'ticketId' | 'pauses'>,
  at: Date,
  because: string,
) {
  const events: NewEvent[] = [];
  const after = pauses.map((pause) => {
    if (pause.until_at) return pause;
    events.push({
      ticketId,
      what: 'clock runs again',
      because: `${because}; ${named(pause.stops)} waited since ${pause.from_at.toISOString()}`,
    });
    return { ...pause, until_at: at < pause.from_at ? pause.from_at : at, ended_because: because };
  });
  const open = new Set(pauses.filter(({ until_at }) => until_at === null).map(({ id }) => id));
  for (const { id, until_at } of after) if (until_at && open.has(id)) await ledger.endPause(tx, id, until_at, because);
  return { pauses: after, events };
}

/** What waits while a reply asks. */
function stoppedBy(reply: ReplyKind | null, { commitment: { pauses } }: Policy): readonly DeadlineName[] {
  return pauses.whileAsked && reply ? (pauses.stops[reply] ?? []) : [];
}

const named = (stops: readonly DeadlineName[]): string => stops.map((what) => DEADLINE_WORDS[what]).join(' and ');

/** Deadlines that are other than they were, for the history. */
function moved(
  before: Pick<ledger.TicketClock, 'ticketId' | 'deadlines'>,
  rows: readonly ledger.DeadlineRow[],
  zone: string,
): NewEvent[] {
  const changes = rows.flatMap((row) => {
    const known = before.deadlines.find((one) => one.what === row.what && one.round === row.round);
    if (!known || known.commitment_at.getTime() === row.commitment_at.getTime()) return [];
    return [
      `${DEADLINE_WORDS[row.what]} due by ${moment(row.commitment_at, zone)}, was ${moment(known.commitment_at, zone)}`,
    ];
  });
  return changes.length > 0
    ? [{ ticketId: before.ticketId, what: 'deadlines moved', because: changes.join('; ') }]
    : [];
}

function newClock({ ticketId, arrivedAt }: Decided) {
  return { ticketId, arrivedAt, status: 'open', calendars: [], deadlines: [], pauses: [] as ledger.PauseRow[] };
}
