/** The words that answer "yes or no?", and how the template prints the question itself, by language. */
import type { LanguagePolicy } from '../../policy.ts';
import { fold, UNSPACED } from '../words/fold.ts';

export type Says = 'yes' | 'no' | 'unknown';
/** Folded; phrases the longest first. */
export type Words = Readonly<Record<Says, readonly string[]>> & {
  /** The words the template asks with: "yes" and "no", not "we can" and "unable". */
  readonly plain: ReadonlySet<string>;
  /** What stands between the two: "or". */
  readonly or: ReadonlySet<string>;
  /** Words that begin answers and are none: "we", "I". */
  readonly openers: ReadonlySet<string>;
};
export type AnswerWords = ReadonlyMap<string, Words>;

/** "or" in the hint "Yes or No" has at most so many words, or characters. */
const LONGEST_OR = 6;

export function compileAnswers(languages: Readonly<Record<string, LanguagePolicy>>): AnswerWords {
  return new Map(Object.entries(languages).map(([code, language]) => [code, compile(language)]));
}

function compile({ yes, no, unsure, hints }: LanguagePolicy): Words {
  const phrases = { yes: longestFirst(yes), no: longestFirst(no), unknown: longestFirst(unsure) };
  const printed = hints.flatMap((hint) => questionIn(fold(hint), phrases) ?? []);
  const all = [...phrases.yes, ...phrases.no, ...phrases.unknown];
  const first = all.flatMap((phrase) => (phrase.includes(' ') ? (phrase.split(' ', 1)[0] ?? []) : []));
  return {
    ...phrases,
    plain: new Set([...[yes[0], no[0]].map((word) => fold(word ?? '')), ...printed.flatMap(({ words }) => words)]),
    or: new Set(printed.map(({ or }) => or)),
    openers: new Set(first.filter((word) => !UNSPACED.test(word) && !all.includes(word))),
  };
}

function longestFirst(words: readonly string[]): readonly string[] {
  return words
    .map(fold)
    .filter((word) => word !== '')
    .sort((a, b) => b.length - a.length);
}

/** "Yes or No (please explain)": its two words and what stands between them. */
function questionIn(hint: string, { yes, no }: Pick<Words, 'yes' | 'no'>): { words: string[]; or: string } | null {
  const opening = yes.find((word) => hint.startsWith(`${word} `));
  if (opening === undefined) return null;
  const rest = hint.slice(opening.length + 1).split(' ');
  for (let length = 1; length <= LONGEST_OR && length < rest.length; length++) {
    const behind = rest.slice(length).join(' ');
    const closing = no.find((word) => behind === word || behind.startsWith(`${word} `));
    if (closing) return { words: [opening, closing], or: rest.slice(0, length).join(' ') };
  }
  return null;
}
