/** The clock role: what becomes due by time alone. Each pass is callable by itself, and may run in several processes at once. */
import { messageOf } from '../src/errors.ts';
import { tickets } from '../src/ledger/index.ts';
import { type Context, pinned } from '../src/stages/context.ts';
import { decideAgain, untilUnchanged } from '../src/stages/decide-again.ts';
import { digestNotices } from '../src/stages/digest-notices.ts';
import { followCalendars } from '../src/stages/follow-calendars.ts';
import { retentionPass } from '../src/stages/keep-no-longer.ts';
import { resumeUnanswered, resumeUnasked, takeUpOlder } from '../src/stages/tend-clocks.ts';
import { watchClock } from '../src/stages/watch-clock.ts';
import { every, type Running } from './loop.ts';

const PASS_EVERY_MS = 30_000;
/** Tickets decided again in one pass; the next pass takes the rest. */
const PENDING_LIMIT = 200;

export const startClock = (ctx: Context): Running =>
  every(PASS_EVERY_MS, () => clockPass(pinned(ctx)), 'clock', ctx.log);

/** All passes, one after the other; one that fails does not hold up the others. */
export async function clockPass(ctx: Context): Promise<void> {
  for (const pass of [
    decidePending,
    takeUpOlder,
    followCalendars,
    resumeUnasked,
    resumeUnanswered,
    watchClock,
    sendNotices,
    retentionPass,
  ]) {
    try {
      await pass(ctx);
    } catch (error) {
      ctx.log.error({ pass: pass.name, cause: messageOf(error) }, 'a pass of the clock failed');
    }
  }
}

/** Tickets decided without the directory are decided again when it answers. One that cannot be does not hold up the others. */
export async function decidePending(ctx: Context): Promise<void> {
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

/** What people inside have to be told goes out, several things to one person in one mail. */
export async function sendNotices(ctx: Context): Promise<void> {
  const ids = await digestNotices(ctx);
  if (ids.length > 0) await ctx.queue.enqueue('reply', ids);
}
