/** When to try again: doubling, capped, jittered, as the policy says. */
import type { Policy } from '../policy.ts';
import type { Context } from './context.ts';

/** Between half and the whole of the doubled delay, so that many rows do not come back at one moment. */
const JITTER = 0.5;

/** Milliseconds until the next attempt, after `attempts` that failed. */
function retryDelayMs(attempts: number, policy: Policy, random: () => number): number {
  const { first, most } = policy.outbound.retrySeconds;
  const full = Math.min(most, first * 2 ** Math.max(0, attempts - 1)) * 1000;
  return Math.round(full * (1 - JITTER * random()));
}

/** The same as a moment. */
export function retryAt(
  attempts: number,
  ctx: Pick<Context, 'policy' | 'random' | 'now'>,
): { next: Date; inMs: number } {
  const inMs = retryDelayMs(attempts, ctx.policy, ctx.random);
  return { next: new Date(ctx.now().getTime() + inMs), inMs };
}
