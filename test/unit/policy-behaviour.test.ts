/** The shipped figures of pauses, clock, notices, replies and Desk, by what they do. test/unit/policy-mutations.test.ts changes each figure and wants one of these to notice. */
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/policy.ts';
import { BEHAVIOURS, behaviourFailures } from '../support/policy-behaviour.ts';
import { mutantsOf } from '../support/policy-mutants.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);

it.each(BEHAVIOURS)('%s', (_, seen, expected) => expect(seen(policy)).toEqual(expected));

/** What none but a behaviour holds: the cases decide single mails. */
const HELD =
  /^(commitment\.(pauses|warning|standstill)|escalation\.(managerAfterHours|basicRequests|recurringIncidents\.days|digest)|outbound|retention|desk)(\.|$)/;

describe('another figure is noticed', () => {
  const mutants = [
    ...mutantsOf(policy, ['commitment', 'escalation', 'outbound', 'retention', 'desk'], () => false),
  ].filter(({ path }) => HELD.test(path));
  it.each(mutants.map(({ path, change, policy: other }) => [`${path}: ${change}`, other] as const))('%s', (_, other) =>
    expect(behaviourFailures(other)).not.toEqual([]),
  );
});
