/** What the clock role does for clocks beside watching them. */
import { messageOf } from '../errors.ts';
import { clockPasses, events, tickets } from '../ledger/index.ts';
import type { Context } from './context.ts';
import { takeUp } from './keep-clock.ts';
import { waitedSince } from './pauses.ts';
import { neverAsked, waitedTooLong } from './resume-clock.ts';

type TendContext = Pick<Context, 'db' | 'policy' | 'now' | 'log'>;
const BATCH = 500;

/** Tickets of an older ledger get their deadlines, all before the clock looks: what they missed is one standstill. */
export async function takeUpOlder(ctx: TendContext): Promise<void> {
  let after = 0;
  for (;;) {
    const ids = await clockPasses.unclockedTickets(ctx.db, after, BATCH);
    const taken = await take(ctx, ids).then(
      () => true,
      () => false,
    );
    // One that cannot be taken up does not hold up the others.
    if (!taken) for (const id of ids) await tend(ctx, id, () => take(ctx, [id]));
    after = ids.at(-1) ?? after;
    if (ids.length < BATCH) return;
  }
}

const take = (ctx: TendContext, ids: readonly number[]): Promise<void> =>
  ctx.db.transaction().execute((tx) => takeUp(tx, ctx, ids));

/** Where our question was never sent, the partner is not waited for. */
export async function resumeUnasked(ctx: TendContext): Promise<void> {
  for (const id of await clockPasses.unaskedTickets(ctx.db)) {
    await tend(ctx, id, () =>
      ctx.db.transaction().execute(async (tx) => events.record(tx, await neverAsked(tx, ctx, id))),
    );
  }
}

/** Where the partner has been waited for as long as the policy allows, the clock runs on. */
export async function resumeUnanswered(ctx: TendContext): Promise<void> {
  for (const id of await clockPasses.longPausedTickets(ctx.db, waitedSince(ctx.now(), ctx.policy))) {
    await tend(ctx, id, () =>
      ctx.db.transaction().execute(async (tx) => events.record(tx, await waitedTooLong(tx, ctx, id))),
    );
  }
}

async function tend(ctx: TendContext, id: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    ctx.log.error(
      { ticket: tickets.ticketNumber(id), cause: messageOf(error) },
      'the clock of a ticket cannot be kept',
    );
  }
}
