/** Everything the reading half needs of a policy, compiled once per policy. */
import type { Policy } from '../../policy.ts';
import { compileAnswers } from '../extract/answer-words.ts';
import { compileIdWords } from '../extract/id-words.ts';
import { compileLabels } from '../extract/label-index.ts';
import { compileProducts } from '../extract/products.ts';
import { compileReproduced } from '../extract/reproduced.ts';
import { compileSuperadmin } from '../extract/superadmin.ts';
import { compileHistoryWords } from '../separate/history-words.ts';
import { fold, foldCompact } from './fold.ts';
import { compileDetector } from './language.ts';
import { compilePhrases } from './phrases.ts';

export type Reading = ReturnType<typeof compile>;

const compiled = new WeakMap<Policy, Reading>();

export function readingOf(policy: Policy): Reading {
  const known = compiled.get(policy) ?? compile(policy);
  compiled.set(policy, known);
  return known;
}

function compile(policy: Policy) {
  const { languages } = policy.labels;
  const folded = (pick: 'greetings' | 'closings' | 'mobileSignatures' | 'outOfOffice' | 'absence' | 'placeholders') =>
    [...new Set(Object.values(languages).flatMap((language) => language[pick].map(fold)))].filter(
      (word) => word !== '',
    );
  return {
    languages: compileDetector(languages),
    fallbackLanguage: policy.outbound.fallbackLanguage,
    ownAddresses: new Set(Object.values(policy.mailboxes.mailboxes).map((mailbox) => mailbox.address.toLowerCase())),
    history: compileHistoryWords(languages),
    labels: compileLabels(languages),
    products: compileProducts(policy.services, languages),
    answers: compileAnswers(languages),
    idWords: compileIdWords(languages),
    superadmin: compileSuperadmin(languages),
    requestTypes: requestTypesOf(policy),
    reproduced: compileReproduced(languages),
    disclaimers: compilePhrases(Object.values(languages).flatMap((language) => language.disclaimers)),
    below: compilePhrases(Object.values(languages).flatMap((language) => language.below)),
    /** By their first words. */
    endings: Map.groupBy(
      [...folded('greetings'), ...folded('closings'), ...folded('mobileSignatures')],
      (phrase) => phrase.split(' ', 1)[0] ?? '',
    ),
    placeholders: new Set(folded('placeholders')),
    outOfOffice: folded('outOfOffice'),
    absence: { notes: folded('absence'), greetings: folded('greetings'), closings: folded('closings') },
  };
}

/** The names of the kinds of request and the words for them, folded. */
function requestTypesOf({ severity, labels }: Policy): ReadonlySet<string> {
  const names = severity.requestTypes.map(({ name }) => name);
  const words = Object.values(labels.languages).flatMap((language) => Object.values(language.requestTypes).flat());
  return new Set([...names, ...words].map(foldCompact));
}
