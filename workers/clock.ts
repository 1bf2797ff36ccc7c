/** The clock role: what becomes due by time alone. Now: tickets decided without the directory are decided again when it answers. */
import { messageOf } from '../src/errors.ts';
import { tickets } from '../src/ledger/index.ts';
import type { Context } from '../src/stages/context.ts';
import { decideAgain, untilUnchanged } from '../src/stages/decide-again.ts';
import { every, type Running } from './loop.ts';

const PASS_EVERY_MS = 30_000;
/** Tickets decided again in one pass; the next pass takes the rest. */
const PENDING_LIMIT = 200;

export const startClock = (ctx: Context): Running => every(PASS_EVERY_MS, () => clockPass(ctx), 'clock', ctx.log);

/** One pass, callable by itself. A ticket that cannot be decided again does not hold up the others. */
export async function clockPass(ctx: Context): Promise<void> {
  for (const ticketId of await tickets.pendingTickets(ctx.db, PENDING_LIMIT)) {
    try {
      const replyId = await untilUnchanged(() =>
        decideAgain(ctx, {
          ticketId,
          trigger: 'directory',
          by: 'daemon',
          because: 'the licence directory answers again',
          superadmin: null,
        }),
      );
      if (replyId !== undefined) await ctx.queue.enqueue('reply', [replyId]);
    } catch (error) {
      ctx.log.error({ ticket: ticketId, cause: messageOf(error) }, 'a ticket could not be decided again');
    }
  }
}
