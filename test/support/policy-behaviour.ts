/** What each figure of the policy does, at its boundary: one below, at, one above. The times and numbers expected are written out. */
import { isDeepStrictEqual } from 'node:util';
import type { Policy } from '../../src/policy.ts';
import type { Behaviour } from './behaviour.ts';
import { CLOCK_BEHAVIOURS } from './clock-behaviour.ts';
import { DESK_BEHAVIOURS } from './desk-behaviour.ts';
import { REPLY_BEHAVIOURS } from './reply-behaviour.ts';

export const BEHAVIOURS: readonly Behaviour[] = [...CLOCK_BEHAVIOURS, ...REPLY_BEHAVIOURS, ...DESK_BEHAVIOURS];

type Sections = Pick<Policy, 'commitment' | 'desk' | 'escalation' | 'mailboxes' | 'outbound' | 'retention'>;
/** The last answer: of thousands of policies that a mutation test tries, few differ in these sections. */
let last: { readonly of: Sections; readonly failures: string[] } | undefined;

/** A line for each thing that is done otherwise than written here. */
export function behaviourFailures(policy: Policy): string[] {
  const { commitment, desk, escalation, mailboxes, outbound, retention } = policy;
  const of: Sections = { commitment, desk, escalation, mailboxes, outbound, retention };
  const isSame = (Object.keys(of) as (keyof Sections)[]).every((section) => last?.of[section] === of[section]);
  if (!last || !isSame) last = { of, failures: failuresOf(policy) };
  return last.failures;
}

const failuresOf = (policy: Policy): string[] =>
  BEHAVIOURS.flatMap(([what, seen, expected]) => {
    const actual = tried(() => seen(policy));
    return isDeepStrictEqual(actual, expected)
      ? []
      : [`${what}: ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`];
  });

function tried(seen: () => unknown): unknown {
  try {
    return seen();
  } catch (error) {
    return String(error);
  }
}
