/** "Are you able to reproduce the issue?": yes, no, or an answer that is neither. */
import type { LanguagePolicy } from '../policy.ts';
import { fold } from './fold.ts';

export type AnswerWords = ReadonlyMap<string, { readonly yes: readonly string[]; readonly no: readonly string[] }>;

export function compileAnswers(languages: Readonly<Record<string, LanguagePolicy>>): AnswerWords {
  const longestFirst = (words: readonly string[]) => words.map(fold).sort((a, b) => b.length - a.length);
  return new Map(
    Object.entries(languages).map(([code, { yes, no }]) => [code, { yes: longestFirst(yes), no: longestFirst(no) }]),
  );
}

/** Answers that begin like a "no" and are none. */
const UNSURE = [
  'not sure',
  'no idea',
  'no lo se',
  'no se',
  'no estoy segur',
  'no estamos segur',
  'nao sei',
  'nao sabemos',
  'nao tenho certeza',
  'khong biet',
  'khong ro',
  'khong chac',
  'لا اعرف',
  'لا نعرف',
  'لست متاكد',
  'weiss nicht',
  'nicht sicher',
  'je ne sais',
  'pas sur',
].map(fold);
/** "Yes or No" left as the template prints it has at most this many characters between its words. */
const LONGEST_OR = 5;
const CHECKED = /(?:\[[xX✓✔]\]|\([xX✓✔]\)|[☑☒✓✔✅])\s{0,4}/;
const SEARCHED = 400;

/** Reads an answer, in the label's language first. Null when it is only the template's "Yes or No". */
export function readAnswer(text: string, words: AnswerWords, language: string): 'yes' | 'no' | 'unknown' | null {
  const start = text.slice(0, SEARCHED);
  const checked = CHECKED.exec(start);
  const folded = fold(checked ? start.slice(checked.index + checked[0].length) : start);
  if (folded === '') return null;
  if (UNSURE.some((phrase) => folded.startsWith(phrase))) return 'unknown';
  const own = words.get(language);
  for (const { yes, no } of own ? [own, ...words.values()] : words.values()) {
    const first = startOf(folded, yes) ?? startOf(folded, no);
    if (first === null) continue;
    const says = startOf(folded, yes) === null ? 'no' : 'yes';
    if (checked) return says;
    const rest = folded.slice(first.length).trim();
    const other = says === 'yes' ? no : yes;
    const left = leftovers(rest, other);
    if (left === '') return null;
    if (left !== null) return readAnswer(left, words, language);
    return says;
  }
  return 'unknown';
}

/** The word an answer begins with; a single letter ("y") has to be all of it. */
function startOf(folded: string, words: readonly string[]): string | null {
  return words.find((word) => folded === word || (word.length > 1 && folded.startsWith(`${word} `))) ?? null;
}

/** What follows "… or No" when the answer begins with both words of the question; null when it does not. */
function leftovers(rest: string, other: readonly string[]): string | null {
  const or = rest.indexOf(' ');
  for (const from of or > 0 && or <= LONGEST_OR ? [0, or + 1] : [0]) {
    const word = startOf(rest.slice(from), other);
    if (word !== null) return rest.slice(from + word.length).trim();
  }
  return null;
}
