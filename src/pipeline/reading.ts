/** Everything the reading half needs of a policy, compiled once per policy. */
import type { Policy } from '../policy.ts';
import { compileAnswers } from './answers.ts';
import { fold } from './fold.ts';
import { compileHistoryWords } from './history-words.ts';
import { compileLabels } from './label-index.ts';
import { compileProducts } from './products.ts';
import { compileSuperadmin } from './superadmin.ts';

export type Reading = ReturnType<typeof compile>;

const compiled = new WeakMap<Policy, Reading>();

export function readingOf(policy: Policy): Reading {
  const known = compiled.get(policy) ?? compile(policy);
  compiled.set(policy, known);
  return known;
}

function compile(policy: Policy) {
  const { languages } = policy.labels;
  const folded = (pick: 'greetings' | 'closings' | 'outOfOffice') =>
    [...new Set(Object.values(languages).flatMap((language) => language[pick].map(fold)))].filter(
      (word) => word !== '',
    );
  return {
    languages: Object.keys(languages),
    fallbackLanguage: policy.outbound.fallbackLanguage,
    ownAddresses: new Set(Object.values(policy.mailboxes.mailboxes).map((mailbox) => mailbox.address.toLowerCase())),
    history: compileHistoryWords(languages),
    labels: compileLabels(languages),
    products: compileProducts(policy.services),
    answers: compileAnswers(languages),
    superadmin: compileSuperadmin(Object.values(languages).flatMap((language) => language.superadmin)),
    endings: [...folded('greetings'), ...folded('closings')],
    outOfOffice: folded('outOfOffice'),
  };
}
