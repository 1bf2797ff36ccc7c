/** What an associate says was done on a ticket: its deadlines are met by it, and the next one begins. */
import { UserError } from '../errors.ts';
import { events, clock as ledger, tickets } from '../ledger/index.ts';
import type { Tx } from '../ledger/schema.ts';
import type { DeadlineName } from '../model.ts';
import { DEADLINE_WORDS, moment } from '../pipeline/clock/clock-words.ts';
import { promised } from '../pipeline/clock/deadlines.ts';
import { calendarOf, calendarsAfter, isOpen, latest, looked, newRow, refreshed } from './clock-rows.ts';
import type { Context } from './context.ts';
import { takeUp } from './keep-clock.ts';
import { endPauses } from './pauses.ts';

export const MARKS = ['responded', 'determined', 'resolved', 'reopened'] as const;
export type Mark = (typeof MARKS)[number];

/** What each mark fulfils: whoever has found or solved the problem has answered, too. */
const FULFILS: Readonly<Record<Mark, readonly DeadlineName[]>> = {
  responded: ['firstResponse', 'determination'],
  determined: ['firstResponse', 'determination'],
  resolved: ['firstResponse', 'determination', 'resolution'],
  reopened: [],
};

export type Marking = {
  readonly ticketId: number;
  readonly mark: Mark;
  readonly at: Date;
  /** `at` is by another clock: what cannot be counts as the nearest moment that can. */
  readonly nearest?: true;
};

/**
 * Marks a ticket. After a response the next determination runs from it ("the time between subsequent responses");
 * a problem that is determined needs no other.
 * A reopened ticket is promised a determination from its reopening, and to a large account its resolution.
 * @throws UserError when the time cannot be, or the ticket is resolved already, or is to be reopened and never was resolved.
 */
export async function markTicket(
  ctx: Pick<Context, 'db' | 'policy' | 'now'>,
  { ticketId, mark, at: said, nearest }: Marking,
): Promise<void> {
  const number = tickets.ticketNumber(ticketId);
  await ctx.db.transaction().execute(async (tx) => {
    await takeUp(tx, ctx, [ticketId]);
    const [clock] = await ledger.lockClocks(tx, [ticketId]);
    if (!clock) throw new UserError(`there is no ticket ${number}: partner-intake tickets lists them`);
    const at = nearest ? nearestTo(said, clock, ctx.now()) : said;
    const problem = impossible(clock, mark, at, ctx.now());
    if (problem) throw new UserError(`${number} ${problem}`);
    if (mark === 'reopened') return await reopen(tx, ctx, clock, at);
    const zone = clock.calendars.at(-1)?.calendar.zone ?? 'UTC';
    const met = FULFILS[mark].flatMap((what) => {
      const row = latest(clock, what);
      return row && isOpen(row) ? [looked({ ...row, met_at: at })] : [];
    });
    const determination = met.find(({ what }) => what === 'determination');
    const next =
      mark === 'responded' && determination
        ? [nextRound(determination, at)].map((row) => refreshed(row, clock, ctx.now()))
        : [];
    const ended = mark === 'resolved' ? await endPauses(tx, clock, at, 'the ticket is resolved') : { events: [] };
    await ledger.putDeadlines(tx, [...met, ...next]);
    if (mark === 'resolved') await ledger.setStatus(tx, ticketId, 'resolved');
    const kept = met.map(({ what, commitment_at }) => {
      const how = at <= commitment_at ? 'in time' : 'too late';
      return `${DEADLINE_WORDS[what]} ${how}, due by ${moment(commitment_at, zone)}`;
    });
    const begun = next.map(({ commitment_at }) => `the next response is due by ${moment(commitment_at, zone)}`);
    const because = [moment(at, zone), ...kept, ...begun].join('; ');
    await events.record(tx, [{ ticketId, by: 'associate', what: `marked ${mark}`, because }, ...ended.events]);
  });
}

/** First responses are given once; everything else begins again. */
async function reopen(
  tx: Tx,
  { policy, now }: Pick<Context, 'policy' | 'now'>,
  clock: ledger.TicketClock,
  at: Date,
): Promise<void> {
  const { ticketId, decision } = clock;
  // Decisions on a resolved ticket leave its clock alone: its days may be others by now.
  const calendars = calendarsAfter(clock, calendarOf(decision, policy), at);
  const hours = promised(decision, policy);
  const begun = (['determination', 'resolution'] as const).flatMap((what) => {
    const promise = hours[what];
    const round = (latest(clock, what)?.round ?? 0) + 1;
    return promise ? [refreshed(newRow(ticketId, what, round, at, promise), { ...clock, calendars }, now())] : [];
  });
  await ledger.saveCalendars(tx, ticketId, calendars);
  await ledger.putDeadlines(tx, begun);
  await ledger.setStatus(tx, ticketId, 'open');
  const zone = calendars.at(-1)?.calendar.zone ?? 'UTC';
  const due = begun.map(
    ({ what, commitment_at }) => `${DEADLINE_WORDS[what]} is due by ${moment(commitment_at, zone)}`,
  );
  const because = [moment(at, zone), ...due].join('; ');
  await events.record(tx, [{ ticketId, by: 'associate', what: 'marked reopened', because }]);
}

/** Not before anything that happened to the ticket, and not after now. */
function nearestTo(said: Date, { arrivedAt, deadlines, pauses }: ledger.TicketClock, now: Date): Date {
  const happened = [
    arrivedAt,
    ...deadlines.flatMap((row) => [row.started_at, row.met_at]),
    ...pauses.map((one) => one.from_at),
  ];
  const earliest = Math.max(...happened.map((one) => one?.getTime() ?? 0));
  return new Date(Math.min(now.getTime(), Math.max(said.getTime(), earliest)));
}

function nextRound(row: ledger.DeadlineRow, from: Date): ledger.DeadlineRow {
  return newRow(row.ticket_id, row.what, row.round + 1, from, {
    target: row.target_hours,
    commitment: row.commitment_hours,
  });
}

/** What is wrong with a mark, to follow the ticket's number; null when nothing is. */
function impossible(clock: ledger.TicketClock, mark: Mark, at: Date, now: Date): string | null {
  if (clock.status === 'resolved' && mark !== 'reopened')
    return 'is resolved already: if it is not, mark it reopened first';
  if (clock.status !== 'resolved' && mark === 'reopened') return 'is open: only a resolved ticket can be reopened';
  if (at > now) return `cannot be marked ${mark} in the future: --at ${at.toISOString()} has not come yet`;
  if (at < clock.arrivedAt)
    return `cannot be marked ${mark} before its mail arrived (${clock.arrivedAt.toISOString()}): give a later --at`;
  const met = clock.deadlines.flatMap(({ met_at }) => met_at?.getTime() ?? []);
  if (mark === 'reopened' && at.getTime() < Math.max(0, ...met))
    return `cannot be reopened before it was resolved (${new Date(Math.max(...met)).toISOString()}): give a later --at`;
  if (mark === 'reopened') return null;
  const since = latest(clock, 'determination');
  const last = since?.met_at ?? (since && since.round > 1 ? since.started_at : null);
  if (mark === 'determined' && since?.met_at) return `was marked determined at ${since.met_at.toISOString()} already`;
  if (last && at < last) return `was answered at ${last.toISOString()}: give a later --at`;
  return null;
}
