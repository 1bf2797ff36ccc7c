/** A ticket's clock as its rows have it, moved on by a change. */
import { isDeepStrictEqual } from 'node:util';
import type { clock as ledger } from '../ledger/index.ts';
import { DEADLINE_NAMES, type DeadlineName, type Decision } from '../model.ts';
import type { Calendar } from '../pipeline/clock/business-time.ts';
import { calendarFor, HOUR_MS, type Hours } from '../pipeline/clock/deadlines.ts';
import { dueAt, pausedSince, type Timeline } from '../pipeline/clock/timeline.ts';
import { WEEKEND_RULE } from '../pipeline/decide/impact.ts';
import type { Policy } from '../policy.ts';

type Clock = ledger.TicketClock;
type Row = ledger.DeadlineRow;

/** The days that count for a decision; one of an older ledger does not say whose. */
export function calendarOf(decision: Decision, policy: Policy): Calendar {
  const { region, weekendsCount } = decision.workingTime ?? {
    region: decision.region,
    weekendsCount: decision.reasons.some(({ rule }) => rule === WEEKEND_RULE),
  };
  return calendarFor(region, weekendsCount, policy);
}

/** The calendars with a new one from `now` on, if it is another. The first counts from the arrival. */
export function calendarsAfter(
  clock: Pick<Clock, 'calendars' | 'arrivedAt'>,
  calendar: Calendar,
  now: Date,
): ledger.CalendarRow[] {
  const last = clock.calendars.at(-1);
  if (!last) return [{ since: clock.arrivedAt, calendar }];
  return isDeepStrictEqual(last.calendar, calendar)
    ? [...clock.calendars]
    : [...clock.calendars, { since: now, calendar }];
}

const timelineOf = ({ calendars, pauses }: Pick<Clock, 'calendars' | 'pauses'>, what: DeadlineName): Timeline => ({
  calendars,
  pauses: pauses
    .filter(({ stops }) => stops.includes(what))
    .map(({ from_at, until_at }) => ({ from: from_at, until: until_at })),
});

/** The last round of a promise. */
export const latest = ({ deadlines }: Pick<Clock, 'deadlines'>, what: DeadlineName): Row | undefined =>
  deadlines.findLast((row) => row.what === what);

export const isOpen = (row: Row): boolean => row.met_at === null && row.cancelled_at === null;

export const newRow = (ticketId: number, what: DeadlineName, round: number, startedAt: Date, hours: Hours): Row => ({
  ticket_id: ticketId,
  what,
  round,
  started_at: startedAt,
  target_hours: hours.target,
  commitment_hours: hours.commitment,
  target_at: startedAt,
  commitment_at: startedAt,
  manager_at: null,
  paused_at: null,
  next_at: null,
  warned_at: null,
  breached_at: null,
  escalated_at: null,
  met_at: null,
  cancelled_at: null,
});

/** An open deadline under the calendars and pauses of its ticket. One that has moved into the future has not been missed. */
export function refreshed(row: Row, clock: Pick<Clock, 'calendars' | 'pauses'>, now: Date): Row {
  const timeline = timelineOf(clock, row.what);
  const target_at = dueAt(row.started_at, row.target_hours * HOUR_MS, timeline);
  const commitment_at = dueAt(row.started_at, row.commitment_hours * HOUR_MS, timeline);
  const late = commitment_at <= now;
  return looked({
    ...row,
    target_at,
    commitment_at,
    paused_at: pausedSince(row.started_at, timeline.pauses),
    warned_at: target_at <= now ? row.warned_at : null,
    ...(late ? {} : { breached_at: null, escalated_at: null, manager_at: null }),
  });
}

/** When the clock has to look at a deadline: at its target, its commitment, and when the manager is to be told. */
export function looked(row: Row): Row {
  if (!isOpen(row)) return { ...row, next_at: null };
  if (row.breached_at) return { ...row, next_at: row.escalated_at ? null : row.manager_at };
  const step = row.warned_at ? row.commitment_at : row.target_at;
  return { ...row, next_at: row.paused_at && step > row.paused_at ? null : step };
}

/** The deadlines under what is promised now; one that is promised no longer is cancelled, one that was met stays met. */
export function promisedRows(
  clock: Pick<Clock, 'ticketId' | 'arrivedAt' | 'calendars' | 'pauses' | 'deadlines'>,
  promised: Partial<Record<DeadlineName, Hours>>,
  now: Date,
): Row[] {
  return DEADLINE_NAMES.flatMap((what) => {
    const row = latest(clock, what);
    const hours = promised[what];
    if (row?.met_at) return [];
    if (!hours) return row && isOpen(row) ? [looked({ ...row, cancelled_at: now })] : [];
    const known = row ?? newRow(clock.ticketId, what, 1, clock.arrivedAt, hours);
    const changed = { ...known, target_hours: hours.target, commitment_hours: hours.commitment, cancelled_at: null };
    return [refreshed(changed, clock, now)];
  });
}
