/** "Are you able to reproduce the issue?": yes, no, or an answer that is neither. */
import type { LanguagePolicy } from '../policy.ts';
import { fold } from './fold.ts';

type Says = 'yes' | 'no' | 'unknown';
type Words = Readonly<Record<Says, readonly string[]>>;
/** Folded words by language, the longest first. */
export type AnswerWords = ReadonlyMap<string, Words>;

export function compileAnswers(languages: Readonly<Record<string, LanguagePolicy>>): AnswerWords {
  const longestFirst = (words: readonly string[]) =>
    words
      .map(fold)
      .filter((word) => word !== '')
      .sort((a, b) => b.length - a.length);
  return new Map(
    Object.entries(languages).map(([code, { yes, no, unsure }]) => [
      code,
      { yes: longestFirst(yes), no: longestFirst(no), unknown: longestFirst(unsure) },
    ]),
  );
}

/** "Yes or No" left as the template prints it has at most this many characters between its words. */
const LONGEST_OR = 6;
const CHECKED = /(?:\[[xX✓✔]\]|\([xX✓✔]\)|[☑☒✓✔✅])\s{0,4}/;
const CLAUSE_END = /[\s,.;:!?()[\]/，。、；：！？（）]/;
const SEARCHED = 400;

/** Reads an answer: the longest phrase it begins with, in the label's language first. Null when it is only the template's "Yes or No". */
export function readAnswer(text: string, words: AnswerWords, language: string): Says | null {
  const start = text.slice(0, SEARCHED);
  const checked = CHECKED.exec(start);
  const answer = checked ? start.slice(checked.index + checked[0].length) : start;
  const folded = fold(answer);
  if (folded === '') return null;
  const clause = fold(answer.trim().split(CLAUSE_END, 1)[0] ?? '');
  const own = words.get(language);
  const all = own ? [own, ...[...words.values()].filter((other) => other !== own)] : [...words.values()];
  const matches = all.flatMap((one) => matchesOf(folded, clause, one));
  const longest = Math.max(0, ...matches.map(({ word }) => word.length));
  const best = matches.filter(({ word }) => word.length === longest);
  const says = best[0]?.says ?? 'unknown';
  if (checked || says === 'unknown') return says;
  for (const { word, from } of best) {
    const left = leftovers(folded.slice(word.length).trim(), says === 'yes' ? from.no : from.yes);
    if (left === '') return null;
    if (left !== null) return readAnswer(left, words, language);
  }
  return says;
}

type Match = { readonly says: Says; readonly word: string; readonly from: Words };

function matchesOf(folded: string, clause: string, from: Words): Match[] {
  return (['yes', 'no', 'unknown'] as const).flatMap((says) => {
    const word = startOf(folded, from[says], clause);
    return word === null ? [] : [{ says, word, from }];
  });
}

/** The phrase an answer begins with. One letter ("y") has to be all of it; one Chinese or Korean character, its first clause. */
function startOf(folded: string, words: readonly string[], clause = ''): string | null {
  const begins = (word: string) =>
    folded === word ||
    (word.length > 1 ? folded.startsWith(`${word} `) : word === clause && word.charCodeAt(0) > 0x2000);
  return words.find(begins) ?? null;
}

/** What follows "… or No" when the answer begins with both words of the question; null when it does not. */
function leftovers(rest: string, other: readonly string[]): string | null {
  for (let from = 0; from <= LONGEST_OR; from = rest.indexOf(' ', from) + 1) {
    const word = startOf(rest.slice(from), other);
    if (word !== null) return rest.slice(from + word.length).trim();
    if (rest.indexOf(' ', from) === -1) break;
  }
  return null;
}
