/** A decision explained: the rules that decided it, what would have been decided by the next rule, and what would have changed it. */
import type { Decision, Reason } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { type ClassifyInput, classify } from './classify.ts';
import { type RuleSource, sourceOf } from './rule-source.ts';
import { type WhatIf, whatIfs } from './what-if.ts';
import { byImpactAlone } from './what-if-account.ts';
import { decidingWords, dropping, speakingWords, without } from './what-if-words.ts';

export type DecidingRule = Reason & { readonly source: RuleSource };
/** What the severity would be without what decided it, maybe the same for another reason: `by` says by what then, `because` why. */
export type RunnerUp = {
  readonly by: string;
  readonly severity: Decision['severity'];
  readonly priorityCustomer: boolean;
  readonly requestNature: Decision['requestNature'];
  readonly because: readonly Reason[];
};
export type Explanation = {
  readonly decision: Decision;
  readonly rules: readonly DecidingRule[];
  readonly runnerUp: RunnerUp | null;
  readonly whatIfs: readonly WhatIf[];
};

/** Pure, as `classify` is: the counterfactuals are decisions on the same mail with one thing changed. */
export function explain(input: ClassifyInput, policy: Policy): Explanation {
  const decision = classify(input, policy);
  const rules = decision.reasons.map((reason) => ({
    ...reason,
    source: sourceOf({ reason, decision, enquiry: input.enquiry, policy }),
  }));
  return {
    decision,
    rules,
    runnerUp: runnerUpOf(input, decision, policy),
    whatIfs: whatIfs(input, decision, policy),
  };
}

/** The next rule in the order: the kind of mail, the large account, the words, the default. */
function runnerUpOf(input: ClassifyInput, decision: Decision, policy: Policy): RunnerUp | null {
  if (input.mail.kind !== 'request')
    return runnerUp('if it were a request', { ...input, mail: { ...input.mail, kind: 'request' } }, policy);
  if (decision.priorityCustomer) return runnerUp('by impact alone', byImpactAlone(input), policy);
  const speaking = speakingWords(input, policy);
  const type = input.enquiry.fields.requestType;
  if (speaking.length === 0 && type && decision.reasons.some(({ rule }) => rule === 'severity.requestTypes'))
    return runnerUp(`without the request type "${type.value}"`, dropping(input, ['requestType']), policy);
  if (speaking.length === 0) return null;
  // The words that lead where the decision went are left out: what remains is the next to be heard.
  const words = decidingWords(input, policy, speaking);
  const by = `without the words ${words.map((one) => `"${one}"`).join(', ')}`;
  return runnerUp(by, without(input, words), policy);
}

/** Of the reasons only those of severity and nature: the account is the same. */
const SPEAKS_FOR = /^(?:severity|kind)\./;

function runnerUp(by: string, input: ClassifyInput, policy: Policy): RunnerUp {
  const { severity, priorityCustomer, requestNature, reasons } = classify(input, policy);
  return {
    by,
    severity,
    priorityCustomer,
    requestNature,
    because: reasons.filter(({ rule }) => SPEAKS_FOR.test(rule)),
  };
}
