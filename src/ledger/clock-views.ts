/** The commitment clock of tickets, to be shown. */
import type { DeadlineName, Deadlines } from '../model.ts';
import { DEADLINE_NAMES } from '../model.ts';
import type { ClockEntry } from '../pipeline/clock/clock-words.ts';
import type { DeadlineRow } from './clock.ts';
import type { Db } from './schema.ts';

/** The promises on all tickets, or on one, by ticket: in the order of the promises, and round by round. */
export async function clockViews(db: Db, ticketId?: number): Promise<Map<number, ClockEntry[]>> {
  let query = db
    .selectFrom('deadline')
    .innerJoin('ticket', 'ticket.id', 'deadline.ticket_id')
    .selectAll('deadline')
    .select('ticket.calendars')
    .where('cancelled_at', 'is', null)
    .orderBy('round');
  if (ticketId !== undefined) query = query.where('ticket_id', '=', ticketId);
  const rows = await query.execute();
  const pauses = await openPauses(db, ticketId);
  const grouped = Map.groupBy(rows, (row) => row.ticket_id);
  return new Map(
    [...grouped].map(([id, own]) => [
      id,
      own
        .toSorted((a, b) => DEADLINE_NAMES.indexOf(a.what) - DEADLINE_NAMES.indexOf(b.what))
        .map((row) => ({
          ...viewOf(row, pauses.get(id)?.find(({ stops }) => stops.includes(row.what))?.because ?? null),
          zone: row.calendars?.at(-1)?.calendar.zone ?? 'UTC',
        })),
    ]),
  );
}

/** The deadlines that hold now; undefined when the clock does not know the ticket yet. */
export function deadlinesOf(entries: readonly ClockEntry[] | undefined): Deadlines | undefined {
  return (
    entries &&
    Object.fromEntries(
      entries.map(({ what, target, commitment }): [DeadlineName, object] => [what, { target, commitment }]),
    )
  );
}

async function openPauses(db: Db, ticketId?: number) {
  let query = db.selectFrom('pause').select(['ticket_id', 'stops', 'because']).where('until_at', 'is', null);
  if (ticketId !== undefined) query = query.where('ticket_id', '=', ticketId);
  return Map.groupBy(await query.execute(), (row) => row.ticket_id);
}

function viewOf(row: DeadlineRow, because: string | null): Omit<ClockEntry, 'zone'> {
  const { state, since } = stateOf(row);
  return {
    what: row.what,
    round: row.round,
    target: row.target_at.toISOString(),
    commitment: row.commitment_at.toISOString(),
    state,
    since: since.toISOString(),
    because: state === 'paused' ? because : null,
    kept: row.met_at ? row.met_at <= row.commitment_at : row.breached_at ? false : null,
  };
}

function stateOf(row: DeadlineRow): { state: ClockEntry['state']; since: Date } {
  if (row.met_at) return { state: 'met', since: row.met_at };
  if (row.breached_at) return { state: 'breached', since: row.breached_at };
  if (row.paused_at && row.paused_at < row.commitment_at) return { state: 'paused', since: row.paused_at };
  if (row.warned_at) return { state: 'warned', since: row.warned_at };
  return { state: 'running', since: row.started_at };
}
