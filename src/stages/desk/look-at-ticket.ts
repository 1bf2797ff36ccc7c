/** A ticket that may have been changed in Desk is read there, and what people did is taken over. */
import { IntakeError, messageOf } from '../../errors.ts';
import type { ToLookAt } from '../../ledger/desk-tickets.ts';
import { deskEndings, deskTickets } from '../../ledger/index.ts';
import type { DeskContext } from './context.ts';
import { takeBack } from './take-back.ts';

/** A look that failed is repeated after this, unless Desk says when. */
const LOOK_AGAIN_MS = 60_000;
/** Desk's times are whole seconds, and its clock is not ours: within this after a change, another one may have the same time. */
const SAME_TIME_MS = 10_000;

/** Never throws: what could not be read is read later. */
export async function lookAtTicket(ctx: DeskContext, one: ToLookAt): Promise<void> {
  const system = ctx.desk[one.portal];
  if (!system) return;
  try {
    const taken = await takeBack(ctx, system, { ticketId: one.ticketId, remoteId: one.remoteId });
    if (!taken) {
      await deskEndings.endGone(ctx.db, one.ticketId);
      await deskTickets.looked(ctx.db, one.ticketId, null);
      return;
    }
    const settled = ctx.now().getTime() - taken.seenAt.getTime() > SAME_TIME_MS;
    // Not settled: the next time that changes are asked for, it is looked at once more.
    await deskTickets.looked(ctx.db, one.ticketId, settled ? taken.seenAt : new Date(taken.seenAt.getTime() - 1));
  } catch (error) {
    const inMs = (error instanceof IntakeError && Number(error.fields.retryInMs)) || LOOK_AGAIN_MS;
    ctx.log.warn(
      { ticket: one.ticketId, againInMs: inMs, cause: messageOf(error) },
      'a ticket in Desk could not be looked at',
    );
    await deskTickets.lookLater(ctx.db, one.ticketId, new Date(ctx.now().getTime() + inMs));
  }
}
