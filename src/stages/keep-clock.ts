/** Keeps a ticket's clock with its decision: in the same transaction, whatever set the decision off. */

import type { NewEvent } from '../ledger/events.ts';
import { clock as ledger } from '../ledger/index.ts';
import type { Tx } from '../ledger/schema.ts';
import type { Decision } from '../model.ts';
import { DEADLINE_WORDS, moment } from '../pipeline/clock/clock-words.ts';
import { promised } from '../pipeline/clock/deadlines.ts';
import { calendarOf, calendarsAfter, looked, promisedRows } from './clock-rows.ts';
import type { Context } from './context.ts';
import { asking, pausesAfter, stoppedBy } from './pauses.ts';

type ClockContext = Pick<Context, 'policy' | 'now'>;

export type Decided = {
  readonly ticketId: number;
  readonly decision: Decision;
  readonly arrivedAt: Date;
  /** The reply that goes out with the decision: a question may stop the clock. */
  readonly replyId: number | undefined;
  /** Made in this very transaction. */
  readonly newTicket: boolean;
  /** When the partner's answer arrived, if that is what set the decision off. */
  readonly answeredAt?: Date | undefined;
};

/** Sets the clock by a decision. Call it with the ticket locked. @returns what the history says of it. */
export async function keepClock(tx: Tx, ctx: ClockContext, decided: Decided): Promise<NewEvent[]> {
  const { ticketId, decision, replyId, answeredAt } = decided;
  const now = ctx.now();
  const before = decided.newTicket ? newClock(decided) : (await ledger.lockClocks(tx, [ticketId]))[0];
  if (!before || before.status === 'resolved') return [];
  const calendars = calendarsAfter(before, calendarOf(decision, ctx.policy), now);
  const { reply } = decision;
  const complete = reply === null && decision.missing.length === 0;
  const asked = { reply, replyId, stops: stoppedBy(reply, ctx.policy), complete, answeredAt };
  const { pauses, events } = await pausesAfter(tx, before, asked, now);
  const rows = promisedRows({ ...before, calendars, pauses }, promised(decision, ctx.policy), now);
  await ledger.saveCalendars(tx, ticketId, calendars);
  await ledger.putDeadlines(tx, rows);
  // What a ticket's first decision promises is told with it; later ones do not know what the clock has waited.
  return decided.newTicket ? events : [...events, ...moved(before, rows, calendars.at(-1)?.calendar.zone ?? 'UTC')];
}

/** Takes up tickets of an older ledger: their deadlines are those of their decisions, and they wait for what was asked. */
export async function takeUp(tx: Tx, ctx: ClockContext, ids: readonly number[]): Promise<void> {
  const now = ctx.now();
  const older = (await ledger.lockClocks(tx, ids)).filter(({ calendars }) => calendars.length === 0);
  const asked = await ledger.lastReplies(
    tx,
    older.map(({ ticketId }) => ticketId),
  );
  const rows: ledger.DeadlineRow[] = [];
  for (const clock of older) {
    const { ticketId, decision } = clock;
    const calendars = calendarsAfter(clock, calendarOf(decision, ctx.policy), now);
    const stops = stoppedBy(decision.reply, ctx.policy);
    const question = asked.find((one) => one.ticketId === ticketId && one.kind === decision.reply);
    const pauses = [...clock.pauses];
    if (question && stops.length > 0 && clock.status !== 'resolved') {
      const because = asking(decision.reply);
      const { replyId, at: from } = question;
      pauses.push(await ledger.openPause(tx, { ticketId, replyId, stops, from, because }));
    }
    for (const row of promisedRows({ ...clock, calendars, pauses }, promised(decision, ctx.policy), now)) {
      const due = decision.deadlines[row.what];
      if (!due) continue;
      rows.push(looked({ ...row, target_at: new Date(due.target), commitment_at: new Date(due.commitment) }));
    }
    await ledger.saveCalendars(tx, ticketId, calendars);
  }
  await ledger.putDeadlines(tx, rows);
}

/** Deadlines that are other than they were, as the clock has them, for the history. */
export function moved(
  before: Pick<ledger.TicketClock, 'ticketId' | 'deadlines'>,
  rows: readonly ledger.DeadlineRow[],
  zone: string,
): NewEvent[] {
  const changes = rows.flatMap((row) => {
    const known = before.deadlines.find((one) => one.what === row.what && one.round === row.round);
    const now = row.cancelled_at ? 'is no longer promised' : `due by ${moment(row.commitment_at, zone)}`;
    if (!known || known.cancelled_at) return row.cancelled_at ? [] : [`${DEADLINE_WORDS[row.what]} ${now}`];
    if (!row.cancelled_at && known.commitment_at.getTime() === row.commitment_at.getTime()) return [];
    return [`${DEADLINE_WORDS[row.what]} ${now}, was ${moment(known.commitment_at, zone)}`];
  });
  return changes.length > 0
    ? [{ ticketId: before.ticketId, what: 'deadlines moved', because: changes.join('; ') }]
    : [];
}

function newClock({ ticketId, arrivedAt }: Decided) {
  return { ticketId, arrivedAt, status: 'open', calendars: [], deadlines: [], pauses: [] };
}
