/** What becomes due by time alone: warned before the commitment, told when it has passed, once each, and no flood after a standstill. */

import type { NewEvent } from '../ledger/events.ts';
import { clockPasses, events, clock as ledger, notices, tickets } from '../ledger/index.ts';
import { DEADLINE_WORDS, moment } from '../pipeline/clock/clock-words.ts';
import { HOUR_MS } from '../pipeline/clock/deadlines.ts';
import { looked } from './clock-rows.ts';
import type { Context } from './context.ts';
import { type ClockNotice, summaries } from './standstill.ts';

/** Tickets looked at in one pass: the next takes the rest. */
const PASS_LIMIT = 2_000;
const MINUTE_MS = 60_000;

type WatchContext = Pick<Context, 'db' | 'policy' | 'now'>;
/** One thing that became due: the row after it, what the history says, and whom to tell. */
type Due = { readonly row: ledger.DeadlineRow; readonly event: NewEvent; readonly notice: ClockNotice | null };

/**
 * One look at everything that is due, in one transaction: all of it is done and told, or nothing is. Whoever comes while
 * another process looks leaves it to that one.
 */
export async function watchClock(ctx: WatchContext): Promise<void> {
  await ctx.db.transaction().execute(async (tx) => {
    if (!(await clockPasses.takePass(tx))) return;
    const now = ctx.now();
    const last = await clockPasses.lastPass(tx);
    const counts = await clockPasses.countDue(tx, now);
    const ids = await clockPasses.dueTickets(tx, now, PASS_LIMIT);
    const due = (await ledger.lockClocks(tx, ids, { skipLocked: true })).flatMap((clock) => dueOn(clock, ctx, now));
    await ledger.putDeadlines(
      tx,
      due.map(({ row }) => row),
    );
    await events.record(
      tx,
      due.map(({ event }) => event),
    );
    const { standstill, warning } = ctx.policy.commitment;
    const stoodStill = last === null || now.getTime() - last.getTime() > standstill.afterMinutes * MINUTE_MS;
    const forLeads = sum(counts, ({ breaches, warnings }) => breaches + (warning.notify ? warnings : 0));
    const flood = {
      lead: stoodStill && forLeads > standstill.moreThan,
      // All that was missed in one standstill is the managers' at one moment, too.
      manager: sum(counts, ({ managers }) => managers) > standstill.moreThan,
    };
    const told = due.flatMap(({ notice }) => notice ?? []);
    const [together, alone] = [told.filter(({ level }) => flood[level]), told.filter(({ level }) => !flood[level])];
    for (const notice of [...alone, ...summaries(together, counts, { last, now }, ctx.policy)]) {
      const isNew = await notices.note(tx, notice);
      // The very moment passed before: the ticket was changed, and changed back.
      if (!isNew && notice.ticketId !== null)
        await events.record(tx, [
          { ticketId: notice.ticketId, what: `${notice.level} not told again`, because: `told before: ${notice.key}` },
        ]);
    }
    // What is left for the next pass belongs to the same standstill.
    if (ids.length < PASS_LIMIT) await clockPasses.setLastPass(tx, now);
  });
}

const sum = (counts: readonly clockPasses.DueCount[], of: (count: clockPasses.DueCount) => number): number =>
  counts.reduce((total, count) => total + of(count), 0);

/** The deadlines of a ticket that need something now. */
function dueOn(clock: ledger.TicketClock, ctx: WatchContext, now: Date): Due[] {
  return clock.deadlines
    .filter(({ next_at }) => next_at !== null && next_at <= now)
    .map((row) => {
      if (row.breached_at) return managerTold(clock, row, now);
      return isBreached(row, now) ? breached(clock, row, ctx, now) : warned(clock, row, ctx, now);
    });
}

/** The commitment has passed, and not while the partner was waited for. */
const isBreached = ({ commitment_at, paused_at }: ledger.DeadlineRow, now: Date): boolean =>
  commitment_at <= now && (paused_at === null || commitment_at <= paused_at);

function breached(clock: ledger.TicketClock, row: ledger.DeadlineRow, { policy }: WatchContext, now: Date): Due {
  const because = `${nameOf(row)} was due by ${at(row.commitment_at, clock)}`;
  const manager_at = new Date(now.getTime() + policy.escalation.managerAfterHours * HOUR_MS);
  return {
    // A warning that comes with the breach would help nobody: it counts as given.
    row: looked({ ...row, warned_at: row.warned_at ?? now, breached_at: now, manager_at }),
    event: { ticketId: clock.ticketId, what: 'commitment breached', because },
    notice: notice(clock, row, { kind: 'breach', level: 'lead', because, now }),
  };
}

function warned(clock: ledger.TicketClock, row: ledger.DeadlineRow, { policy }: WatchContext, now: Date): Due {
  const because = `${nameOf(row)} should have come by ${at(row.target_at, clock)}; it is due by ${at(row.commitment_at, clock)}`;
  return {
    row: looked({ ...row, warned_at: now }),
    event: { ticketId: clock.ticketId, what: 'commitment near', because },
    notice: policy.commitment.warning.notify
      ? notice(clock, row, { kind: 'warning', level: 'lead', because, now })
      : null,
  };
}

function managerTold(clock: ledger.TicketClock, row: ledger.DeadlineRow, now: Date): Due {
  const because = `${nameOf(row)} was due by ${at(row.commitment_at, clock)}; the breach was noted at ${at(row.breached_at ?? now, clock)}`;
  return {
    row: looked({ ...row, escalated_at: now }),
    event: { ticketId: clock.ticketId, what: 'breach goes to the manager', because },
    notice: notice(clock, row, { kind: 'breach', level: 'manager', because, now }),
  };
}

const nameOf = ({ what, round }: ledger.DeadlineRow): string =>
  round > 1 && what === 'determination' ? 'the next response' : DEADLINE_WORDS[what];
const at = (when: Date, { calendars }: ledger.TicketClock): string =>
  moment(when, calendars.at(-1)?.calendar.zone ?? 'UTC');

function notice(
  { ticketId, decision, mailbox }: ledger.TicketClock,
  { what, round, commitment_at }: ledger.DeadlineRow,
  told: Pick<ClockNotice, 'kind' | 'level' | 'because' | 'now'>,
): ClockNotice {
  const key = [
    told.kind,
    tickets.ticketNumber(ticketId),
    what,
    ...(round > 1 ? [round] : []),
    // The occasion: a deadline that moved and passes again is another breach.
    commitment_at.toISOString(),
    ...(told.level === 'manager' ? ['manager'] : []),
  ].join(' ');
  return { ...told, key, region: decision.region, mailbox, ticketId, recipient: null };
}
