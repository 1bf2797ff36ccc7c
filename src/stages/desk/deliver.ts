/** Planned calls to Desk -> done, to be made again, to be looked up, or failed (I4). */
import { IntakeError, messageOf, verdictOf } from '../../errors.ts';
import type { CallEnd, DeskCall } from '../../ledger/desk-calls.ts';
import type { PlannedCall } from '../../ledger/desk-plans.ts';
import { deskCalls } from '../../ledger/index.ts';
import { livingInstances } from '../../ledger/leases.ts';
import type { MailboxName } from '../../model.ts';
import { believedAt } from '../../pipeline/deliver/limits.ts';
import { callsAtOnce } from '../../policy/desk.ts';
import type { TicketSystem } from '../../ports.ts';
import { retryAt } from '../retry.ts';
import type { DeskContext } from './context.ts';
import { hasHappened, isRefused, type Made, makeDeskCall, refusedMarker } from './make-call.ts';

/** Until when each portal is left alone, by this process. */
export type Quiet = Map<MailboxName, number>;

export type Delivering = {
  readonly instance: number;
  readonly quiet: Quiet;
  /** Portals whose day is nearly used up. */
  readonly short: () => readonly MailboxName[];
};

/** Makes the next call that is due. @returns false when there is none */
export async function deliverNext(ctx: DeskContext, delivering: Delivering): Promise<boolean> {
  const now = ctx.now();
  const portals = (Object.keys(ctx.desk) as MailboxName[]).filter(
    (one) => (delivering.quiet.get(one) ?? 0) <= now.getTime(),
  );
  if (portals.length === 0) return false;
  const taken = await deskCalls.takeNext(ctx.db, {
    portals,
    short: delivering.short(),
    atOnce: callsAtOnce(ctx.policy.desk),
    now,
    sender: delivering.instance,
  });
  if (!taken) return false;
  const { call, unknown } = taken;
  // What cannot be looked up stays unknown.
  if (unknown) await finish(ctx, delivering, call, () => lookUp(ctx, call), 'sending');
  else await finish(ctx, delivering, call, async () => done(await makeDeskCall(ctx, systemOf(ctx, call), call)));
  return true;
}

/** Calls of processes that are gone: their outcome is unknown. */
export async function takeUpOrphans({ db, policy, now }: DeskContext): Promise<void> {
  await deskCalls.orphanCalls(db, () => livingInstances(db), { now: now(), afterSeconds: policy.desk.indexSeconds });
}

const systemOf = ({ desk }: DeskContext, { portal }: DeskCall): TicketSystem => desk[portal] as TicketSystem;
/** `refused`: Desk does not take what it is told. */
type Ended = CallEnd & { readonly refused?: true };

const done = (made: Made): Ended => ({ state: 'done', ...made });

async function lookUp(ctx: DeskContext, call: DeskCall): Promise<Ended> {
  const happened = await hasHappened(ctx, systemOf(ctx, call), call);
  return happened ? done(happened) : { state: 'intended', because: 'looked up: it had no effect' };
}

/** Writes down how the work on a call ended, whatever happened to it. */
async function finish(
  ctx: DeskContext,
  { instance, quiet }: Delivering,
  call: DeskCall,
  work: () => Promise<Ended>,
  before: 'intended' | 'sending' = 'intended',
): Promise<void> {
  const end = await work().catch((error: unknown) => ended(ctx, quiet, call, error, before));
  await deskCalls.finishCall(ctx.db, call, instance, { ...end, following: following(ctx, call, end) });
}

/**
 * A ticket that was found, or made without its fields, is told what it should say; one that was made in a second attempt must be the
 * only one. Where a field is refused, associates see that, and what it should be.
 */
function following(ctx: DeskContext, call: DeskCall, end: Ended): PlannedCall[] {
  if (end.refused && call.kind === 'update') return [{ kind: 'note', marker: refusedMarker(call.marker) }];
  if (call.kind !== 'create' || end.state !== 'done') return [];
  const notBefore = believedAt(ctx.now(), ctx.policy.desk);
  return [
    ...(end.told ? [] : [{ kind: 'update', marker: 'update-found' } as const]),
    ...(call.attempts > 1 ? [{ kind: 'verify', marker: 'verify', notBefore } as const] : []),
  ];
}

/** The portal cannot be called at all: the call was not tried, and no other is for a while. */
const PORTAL_CODES = new Set(['desk-unreachable', 'desk-stopped', 'desk-configuration', 'desk-tokens-spent']);

const BUSY_CODE = 'desk-busy';

function ended(ctx: DeskContext, quiet: Quiet, call: DeskCall, error: unknown, before: 'intended' | 'sending'): Ended {
  const because = messageOf(error);
  const verdict = verdictOf(error);
  const now = ctx.now().getTime();
  const waitMs = error instanceof IntakeError ? Number(error.fields.retryInMs ?? 0) : 0;
  const again = waitMs > 0 ? new Date(now + waitMs) : retryAt(call.attempts, ctx).next;
  if (error instanceof IntakeError && PORTAL_CODES.has(error.code)) {
    quiet.set(call.portal, again.getTime());
    ctx.log.warn({ portal: call.portal, code: error.code, again, cause: because }, 'Desk cannot be called');
    return before === 'intended'
      ? { state: 'intended', because, notTried: true }
      : { state: 'sending', because, next: again };
  }
  ctx.log.warn({ call: call.id, kind: call.kind, verdict, attempts: call.attempts }, 'a call to Desk did not succeed');
  if (verdict === 'permanent') return { state: 'failed', because, ...(isRefused(error) ? { refused: true } : {}) };
  // What never reached Desk, or came when it was busy, speaks of Desk alone: when it is back, the oldest call is still the first.
  if (error instanceof IntakeError && (error.fields.sent === false || error.code === BUSY_CODE)) {
    const next = waitMs > 0 ? again : retryAt(1, ctx).next;
    return before === 'intended'
      ? { state: 'intended', because, next, notTried: true }
      : { state: 'sending', because, next };
  }
  if (verdict === 'temporary') return { state: before, because, next: again };
  return {
    state: 'sending',
    because: `outcome unknown: ${because}`,
    next: believedAt(new Date(now), ctx.policy.desk),
  };
}
