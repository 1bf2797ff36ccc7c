/** What of a ticket becomes due by time alone: a target to warn of, a commitment that was missed, the manager's turn. Pure. */
import type { NewEvent } from '../ledger/events.ts';
import { type clock as ledger, tickets } from '../ledger/index.ts';
import { DEADLINE_WORDS, moment } from '../pipeline/clock/clock-words.ts';
import { managersTurn } from '../pipeline/notice/occasions.ts';
import type { Policy } from '../policy.ts';
import { looked } from './clock-rows.ts';
import type { ClockNotice } from './standstill.ts';

/** One thing that became due: the row after it, what the history says, and whom to tell. */
export type Due = { readonly row: ledger.DeadlineRow; readonly event: NewEvent; readonly notice: ClockNotice | null };

/** The deadlines of a ticket that need something now. */
export function dueOn(clock: ledger.TicketClock, policy: Policy, now: Date): Due[] {
  return clock.deadlines
    .filter(({ next_at }) => next_at !== null && next_at <= now)
    .map((row) => {
      if (row.breached_at) return managerTold(clock, row, now);
      return isBreached(row, now) ? breached(clock, row, policy, now) : warned(clock, row, policy, now);
    });
}

/** The commitment has passed, and not while the partner was waited for. */
const isBreached = ({ commitment_at, paused_at }: ledger.DeadlineRow, now: Date): boolean =>
  commitment_at <= now && (paused_at === null || commitment_at <= paused_at);

function breached(clock: ledger.TicketClock, row: ledger.DeadlineRow, policy: Policy, now: Date): Due {
  const because = `${nameOf(row)} was due by ${at(row.commitment_at, clock)}`;
  const manager_at = managersTurn(now, policy);
  return {
    // A warning that comes with the breach would help nobody: it counts as given.
    row: looked({ ...row, warned_at: row.warned_at ?? now, breached_at: now, manager_at }),
    event: { ticketId: clock.ticketId, what: 'commitment breached', because },
    notice: notice(clock, row, { kind: 'breach', level: 'lead', because, now }),
  };
}

function warned(clock: ledger.TicketClock, row: ledger.DeadlineRow, policy: Policy, now: Date): Due {
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
