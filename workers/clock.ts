/** The clock role: what becomes due by time alone. Now: tickets decided without the directory are decided again when it answers. */
import { tickets } from '../src/ledger/index.ts';
import type { Context } from '../src/stages/context.ts';
import { decideAgain } from '../src/stages/decide-again.ts';
import { every, type Running } from './loop.ts';

const PASS_EVERY_MS = 30_000;
/** Tickets decided again in one pass; the next pass takes the rest. */
const PENDING_LIMIT = 200;

export const startClock = (ctx: Context): Running => every(PASS_EVERY_MS, () => clockPass(ctx), 'clock', ctx.log);

/** One pass, callable by itself. @returns how many tickets are no longer waiting for the directory. */
export async function clockPass(ctx: Context): Promise<number> {
  const pending = await tickets.pendingTickets(ctx.db, PENDING_LIMIT);
  for (const ticketId of pending) {
    const replyId = await decideAgain(ctx, {
      ticketId,
      trigger: 'directory',
      by: 'daemon',
      because: 'the licence directory answers again',
      superadmin: null,
    });
    if (replyId !== undefined) await ctx.queue.enqueue('reply', [replyId]);
  }
  return pending.length;
}
