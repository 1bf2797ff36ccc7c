/** A figure of the policy, by what it does: how such a thing is written down in clock-behaviour.ts and reply-behaviour.ts. */
import type { Policy } from '../../src/policy.ts';

/** @param seen what the policy makes of it. */
export type Behaviour = readonly [what: string, seen: (policy: Policy) => unknown, expected: unknown];

/** Monday 2 March 2026, 15:00 in Berlin. */
export const MONDAY = new Date('2026-03-02T14:00:00.000Z');
export const date = (time: string): Date => new Date(time);
export const iso = (when: Date | null): string | null => when?.toISOString() ?? null;
