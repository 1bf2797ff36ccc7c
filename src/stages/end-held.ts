/** A person sends a held mail after all, or drops it: the clock of its ticket follows. */
import { events, outbound } from '../ledger/index.ts';
import type { Context } from './context.ts';
import { neverAsked, questionReleased } from './resume-clock.ts';

/**
 * A question that is released stops the clock from now on, as one that goes out at once does; one that is dropped has asked
 * nobody. False when the mail is not held.
 */
export async function endHeld(
  ctx: Pick<Context, 'db' | 'policy' | 'now'>,
  id: number,
  how: 'release' | 'drop',
): Promise<boolean> {
  return await ctx.db.transaction().execute(async (tx) => {
    const ended = await outbound.endHeld(tx, id, how);
    if (!ended) return false;
    const { kind, ticketId } = ended;
    if (kind === 'notice' || kind === 'receipt' || ticketId === null) return true;
    const told =
      how === 'release'
        ? await questionReleased(tx, ctx, { ticketId, replyId: id, reply: kind })
        : await neverAsked(tx, ctx, ticketId);
    await events.record(tx, told);
    return true;
  });
}
