/** What becomes due by time alone: warned before the commitment, told when it has passed, once each, and no flood after a standstill. */
import { clockPasses, events, clock as ledger, notices } from '../ledger/index.ts';
import type { Context } from './context.ts';
import { dueOn } from './due.ts';
import { floods, summaries } from './standstill.ts';

/** Tickets looked at in one pass: the next takes the rest. */
const PASS_LIMIT = 2_000;

type WatchContext = Pick<Context, 'db' | 'policy' | 'now'>;

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
    const due = (await ledger.lockClocks(tx, ids, { skipLocked: true })).flatMap((clock) =>
      dueOn(clock, ctx.policy, now),
    );
    await ledger.putDeadlines(
      tx,
      due.map(({ row }) => row),
    );
    await events.record(
      tx,
      due.map(({ event }) => event),
    );
    const flood = floods(counts, { last, now }, ctx.policy);
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
    if (ids.length < PASS_LIMIT) await clockPasses.setLastPass(tx, now, ctx.policy.commitment.standstill.afterMinutes);
  });
}
