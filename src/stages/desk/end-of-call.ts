/** What became of a call to Desk, by what it made or threw. */
import { IntakeError, messageOf, verdictOf } from '../../errors.ts';
import type { CallEnd, DeskCall } from '../../ledger/desk-calls.ts';
import type { DeskCallKind } from '../../ledger/desk-schema.ts';
import type { MailboxName } from '../../model.ts';
import { believedAt } from '../../pipeline/deliver/limits.ts';
import { retryAt } from '../retry.ts';
import type { DeskContext } from './context.ts';
import { isRefused, type Made } from './make-call.ts';

/** Until when each portal is left alone, by this process. */
export type Quiet = Map<MailboxName, number>;

/** `refused`: Desk does not take what it is told. */
export type Ended = CallEnd & { readonly refused?: true };

type Thrown = { readonly call: DeskCall; readonly error: unknown; readonly before: 'intended' | 'sending' };

export const done = (made: Made): Ended => ({ state: 'done', ...made });

/** The portal cannot be called at all: the call was not tried, and no other is for a while. */
const PORTAL_CODES = new Set(['desk-unreachable', 'desk-stopped', 'desk-configuration', 'desk-tokens-spent']);
const BUSY_CODE = 'desk-busy';

/** Attempts with an unknown outcome, hours of them: then a person is asked, and the ticket goes on without. */
export const MOST_UNKNOWNS = 20;
/** Without a ticket there is nothing to go on with. */
const GIVEN_UP: readonly DeskCallKind[] = ['update', 'note', 'attachment'];

/** The end of a call that threw; a portal that cannot be called is left alone. */
export function ended(ctx: DeskContext, quiet: Quiet, { call, error, before }: Thrown): Ended {
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
  if (call.unknowns + 1 >= MOST_UNKNOWNS && GIVEN_UP.includes(call.kind))
    return { state: 'failed', because: `unknown outcome, ${MOST_UNKNOWNS} times: ${because}`, unknown: true };
  const believed = believedAt(new Date(now), ctx.policy.desk);
  return {
    state: 'sending',
    because: `outcome unknown: ${because}`,
    unknown: true,
    next: believed > again ? believed : again,
  };
}
