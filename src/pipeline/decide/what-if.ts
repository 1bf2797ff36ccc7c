/** What would have led to another decision: the same mail decided again with one thing changed at a time. */
import type { Decision } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { type Change, changesOf, DEADLINES, tagChanges } from './changes.ts';
import { type ClassifyInput, classify } from './classify.ts';
import { accountSuppositions } from './what-if-account.ts';
import { placeSuppositions } from './what-if-place.ts';
import { wordSuppositions } from './what-if-words.ts';

/**
 * One thing changed: `supposing` in words ("with 21 fewer licences"), what the rules are then given, and `itself`: the changes that
 * are the supposition and no news ("licences").
 */
export type Supposition = {
  readonly supposing: string;
  readonly input: ClassifyInput;
  readonly itself?: readonly string[];
};
/** What was supposed, and what it changes; never empty-handed. */
export type WhatIf = {
  readonly supposing: readonly string[];
  readonly changes: readonly Change[];
  readonly tags: readonly string[];
  readonly decision: Decision;
};

/** Everything that one change would have changed; suppositions with the same outcome stand together. */
export function whatIfs(input: ClassifyInput, decision: Decision, policy: Policy): WhatIf[] {
  const suppositions =
    input.mail.kind === 'request'
      ? [
          ...accountSuppositions(input, decision, policy),
          ...wordSuppositions(input, policy),
          ...placeSuppositions(input, decision, policy),
        ]
      : [kindSupposition(input)];
  const outcomes = new Map<string, WhatIf>();
  for (const { supposing, input: changed, itself = [] } of suppositions) {
    const after = classify(changed, policy);
    const changes = newsOf(changesOf(decision, after).filter(({ what }) => !itself.includes(what)));
    const tags = tagChanges(decision, after);
    if (changes.length === 0 && tags.length === 0) continue;
    const key = JSON.stringify([changes, tags, kindOfSupposition(supposing)]);
    const same = outcomes.get(key);
    outcomes.set(key, { changes, tags, decision: after, supposing: [...(same?.supposing ?? []), supposing] });
  }
  return [...outcomes.values()];
}

/** "if the region were" stands together with its like, not with a mailbox of the same effect. */
const kindOfSupposition = (supposing: string): string => supposing.split(' ').slice(0, 3).join(' ');

/** Deadlines go with the severity, and the threshold with the region: they are told only when nothing else is. */
function newsOf(changes: readonly Change[]): Change[] {
  const others = changes.filter(({ what }) => !DEADLINES.includes(what));
  return others.length > 0 ? others : [...changes];
}

/** Of automatic mail nothing else is worth knowing: it gets no severity whatever it says. */
function kindSupposition({ mail, ...input }: ClassifyInput): Supposition {
  return {
    supposing: `if it were a request and not ${mail.kind}`,
    input: { ...input, mail: { ...mail, kind: 'request' } },
  };
}
