/** What the clock role does for clocks beside watching them. */
import { messageOf } from '../errors.ts';
import { clockPasses, events, tickets } from '../ledger/index.ts';
import type { Db, Tx } from '../ledger/schema.ts';
import type { Context } from './context.ts';
import { takeUp } from './keep-clock.ts';
import { waitedSince } from './pauses.ts';
import { neverAsked, unsentSince, waitedTooLong } from './resume-clock.ts';

export type TendContext = Pick<Context, 'db' | 'policy' | 'now' | 'log'>;
const BATCH = 500;

/** Tickets of an older ledger get their deadlines, all before the clock looks: what they missed is one standstill. */
export async function takeUpOlder(ctx: TendContext): Promise<void> {
  await inBatches(ctx, clockPasses.unclockedTickets, (tx, ids) => takeUp(tx, ctx, ids));
}

/** All tickets that `find` names, many in one transaction. One that fails does not hold up the others. */
export async function inBatches(
  ctx: TendContext,
  find: (db: Db, after: number, limit: number) => Promise<number[]>,
  work: (tx: Tx, ids: readonly number[]) => Promise<void>,
): Promise<void> {
  const together = (ids: readonly number[]) => ctx.db.transaction().execute((tx) => work(tx, ids));
  let after = 0;
  for (;;) {
    const ids = await find(ctx.db, after, BATCH);
    const done = await together(ids).then(
      () => true,
      () => false,
    );
    if (!done) for (const id of ids) await tend(ctx, id, () => together([id]));
    after = ids.at(-1) ?? after;
    if (ids.length < BATCH) return;
  }
}

/** Where our question was never sent, the partner is not waited for. */
export async function resumeUnasked(ctx: TendContext): Promise<void> {
  for (const id of await clockPasses.unaskedTickets(ctx.db, unsentSince(ctx.now()))) {
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
