/** How a call to Desk ended -> the ledger, with the calls that follow from it. */
import { messageOf } from '../../errors.ts';
import type { DeskCall } from '../../ledger/desk-calls.ts';
import type { PlannedCall } from '../../ledger/desk-plans.ts';
import { deskCalls } from '../../ledger/index.ts';
import { believedAt } from '../../pipeline/deliver/limits.ts';
import type { DeskContext } from './context.ts';
import type { Ended } from './end-of-call.ts';
import { refusedMarker } from './make-call.ts';

/** By id, calls of this process whose end could not be written down, and as whom it made them. */
export type Unwritten = Map<number, { readonly call: DeskCall; readonly sender: number }>;

type Writing = { readonly instance: number; readonly unwritten: Unwritten };
/** `made`: it was made now, not looked up. */
type Finished = { readonly call: DeskCall; readonly end: Ended; readonly made: boolean };

/** A deadlock, or a connection that broke, is over the next time. */
const TRIES = 3;

/** Writes down how the work on a call ended. Never throws: what cannot be written down is looked up later. */
export async function writeDown(
  ctx: DeskContext,
  { instance, unwritten }: Writing,
  { call, end, made }: Finished,
): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      const written = { ...end, following: following(ctx, call, end) };
      if (!(await deskCalls.finishCall(ctx.db, call, instance, written))) await lost(ctx, { call, end, made });
      return;
    } catch (error) {
      const told = { call: call.id, kind: call.kind, tried, cause: messageOf(error) };
      ctx.log.warn(told, 'the end of a call to Desk could not be written down');
      if (tried < TRIES) continue;
      unwritten.set(call.id, { call, sender: instance });
      return;
    }
  }
}

/** Calls whose end could not be written down are unknown: nobody else takes them up while this process lives. */
export async function takeUpUnwritten(ctx: DeskContext, unwritten: Unwritten): Promise<void> {
  for (const [id, { call, sender }] of unwritten) {
    try {
      await deskCalls.leaveUnknown(ctx.db, call, sender, believedAt(ctx.now(), ctx.policy.desk));
      unwritten.delete(id);
    } catch (error) {
      ctx.log.warn({ call: id, cause: messageOf(error) }, 'a call to Desk could not be given up');
    }
  }
}

/** Another process took the call over, and may have made it too: a ticket that was made must be the only one. */
async function lost(ctx: DeskContext, { call, end, made }: Finished): Promise<void> {
  const told = { call: call.id, kind: call.kind, attempts: call.attempts, end: end.state };
  if (!made || end.state === 'intended' || end.state === 'failed') {
    ctx.log.warn(told, 'another process took over a call to Desk');
    return;
  }
  ctx.log.error(told, 'a call to Desk may have been made twice: another process had taken it over');
  if (call.kind === 'create') await deskCalls.addFollowing(ctx.db, call.ticketId, [verify(ctx, `-${call.attempts}`)]);
}

const verify = (ctx: DeskContext, which = ''): PlannedCall => ({
  kind: 'verify',
  marker: `verify${which}`,
  notBefore: believedAt(ctx.now(), ctx.policy.desk),
});

/**
 * A ticket that was found, or made without its fields, is told what it should say; one that was made in a second attempt must be the
 * only one. Where a field is refused, associates see that, and what it should be.
 */
function following(ctx: DeskContext, call: DeskCall, end: Ended): PlannedCall[] {
  if (end.refused && call.kind === 'update') return [{ kind: 'note', marker: refusedMarker(call.marker) }];
  if (call.kind !== 'create' || end.state !== 'done') return [];
  return [
    ...(end.told ? [] : [{ kind: 'update', marker: 'update-found' } as const]),
    ...(call.attempts > 1 ? [verify(ctx)] : []),
  ];
}
