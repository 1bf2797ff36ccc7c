/** A holiday that a reload adds is one for open tickets, too: from then on their clocks count the days of the new policy. */
import type { NewEvent } from '../ledger/events.ts';
import { clockPasses, events, clock as ledger } from '../ledger/index.ts';
import type { Tx } from '../ledger/schema.ts';
import type { Policy } from '../policy.ts';
import { calendarOf, calendarsAfter, isOpen, refreshed } from './clock-rows.ts';
import { moved } from './keep-clock.ts';
import { inBatches, type TendContext } from './tend-clocks.ts';

/** What was being decided under the old policy when the new one came is done by then. */
const SETTLED_AFTER_MS = 10 * 60_000;

/** When this process first worked under a policy, by the database's time. */
const inForceSince = new WeakMap<Policy, string>();

/**
 * Looks through open tickets when the policy is another than the one they were last looked through by, and once more when what was
 * under way then is done; else it asks the ledger one question. A process that still has an older policy leaves them alone.
 */
export async function followCalendars(ctx: TendContext): Promise<void> {
  const { db, policy } = ctx;
  const since = inForceSince.get(policy) ?? (await clockPasses.ledgerTime(db)).toISOString();
  inForceSince.set(policy, since);
  const kept = await clockPasses.calendarPolicy(db);
  const isNew = kept?.policy !== policy.hash;
  if (isNew && kept && kept.since > since) return;
  const now = ctx.now();
  const due = isNew ? { policy: policy.hash, since, next: now.toISOString(), again: true } : kept;
  if (due.next === null || Date.parse(due.next) > now.getTime()) return;
  // Kept before the work is done: what dies on the way stays due.
  if (isNew && !(await clockPasses.putCalendarPolicy(db, kept, due))) return;
  await inBatches(ctx, clockPasses.openTickets, (tx, ids) => follow(tx, { policy, now }, ids));
  const next = due.again ? new Date(now.getTime() + SETTLED_AFTER_MS).toISOString() : null;
  await clockPasses.putCalendarPolicy(db, due, { ...due, next, again: false });
}

/** The time that was spent by the days of the old policy stays spent. */
async function follow(tx: Tx, { policy, now }: { policy: Policy; now: Date }, ids: readonly number[]): Promise<void> {
  const rows: ledger.DeadlineRow[] = [];
  const told: NewEvent[] = [];
  for (const clock of await ledger.lockClocks(tx, ids)) {
    const calendar = calendarOf(clock.decision, policy);
    const calendars = calendarsAfter(clock, calendar, now);
    if (clock.status === 'resolved' || calendars.length === clock.calendars.length) continue;
    const after = clock.deadlines.filter(isOpen).map((row) => refreshed(row, { ...clock, calendars }, now));
    await ledger.saveCalendars(tx, clock.ticketId, calendars);
    rows.push(...after);
    const changes = moved(clock, after, calendar.zone);
    told.push(...changes.map((one) => ({ ...one, because: `the policy's working days are others: ${one.because}` })));
  }
  await ledger.putDeadlines(tx, rows);
  await events.record(tx, told);
}
