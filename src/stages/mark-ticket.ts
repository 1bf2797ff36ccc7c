/** What an associate says was done on a ticket: its deadlines are met by it, and the next one begins. */
import { UserError } from '../errors.ts';
import { events, clock as ledger, tickets } from '../ledger/index.ts';
import type { DeadlineName } from '../model.ts';
import { DEADLINE_WORDS, moment } from '../pipeline/clock-words.ts';
import { isOpen, latest, looked, newRow, refreshed } from './clock-rows.ts';
import type { Context } from './context.ts';
import { endPauses, takeUp } from './keep-clock.ts';

export const MARKS = ['responded', 'determined', 'resolved'] as const;
export type Mark = (typeof MARKS)[number];

/** What each mark fulfils: whoever has found or solved the problem has answered, too. */
const FULFILS: Readonly<Record<Mark, readonly DeadlineName[]>> = {
  responded: ['firstResponse', 'determination'],
  determined: ['firstResponse', 'determination'],
  resolved: ['firstResponse', 'determination', 'resolution'],
};

export type Marking = { readonly ticketId: number; readonly mark: Mark; readonly at: Date };

/**
 * Marks a ticket. After a response the next determination runs from it ("the time between subsequent responses");
 * a problem that is determined needs no other.
 * @throws UserError when the time cannot be, or the ticket is resolved already.
 */
export async function markTicket(
  ctx: Pick<Context, 'db' | 'policy' | 'now'>,
  { ticketId, mark, at }: Marking,
): Promise<void> {
  const number = tickets.ticketNumber(ticketId);
  await ctx.db.transaction().execute(async (tx) => {
    await takeUp(tx, ctx, [ticketId]);
    const [clock] = await ledger.lockClocks(tx, [ticketId]);
    if (!clock) throw new UserError(`there is no ticket ${number}: partner-intake tickets lists them`);
    const problem = impossible(clock, mark, at, ctx.now());
    if (problem) throw new UserError(`${number} ${problem}`);
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

function nextRound(row: ledger.DeadlineRow, from: Date): ledger.DeadlineRow {
  return newRow(row.ticket_id, row.what, row.round + 1, from, {
    target: row.target_hours,
    commitment: row.commitment_hours,
  });
}

/** What is wrong with a mark, to follow the ticket's number; null when nothing is. */
function impossible(clock: ledger.TicketClock, mark: Mark, at: Date, now: Date): string | null {
  if (clock.status === 'resolved') return 'is resolved already';
  if (at > now) return `cannot be marked ${mark} in the future: --at ${at.toISOString()} has not come yet`;
  if (at < clock.arrivedAt)
    return `cannot be marked ${mark} before its mail arrived (${clock.arrivedAt.toISOString()}): give a later --at`;
  const since = latest(clock, 'determination');
  const last = since?.met_at ?? (since && since.round > 1 ? since.started_at : null);
  if (mark === 'determined' && since?.met_at) return `was marked determined at ${since.met_at.toISOString()} already`;
  if (last && at < last) return `was answered at ${last.toISOString()}: give a later --at`;
  return null;
}
