/** "We can reproduce it", "no se reproduce con otro usuario": the answer of a sentence that nobody asked for. */
import type { LanguagePolicy } from '../../policy.ts';
import { foldWords } from '../words/fold.ts';
import { compilePhrases, findAny, type Phrase } from '../words/phrases.ts';
import { sentencesOf } from '../words/sentences.ts';

export type ReproducedWords = { readonly stems: readonly Phrase[]; readonly negations: readonly Phrase[] };

const MOST_SENTENCES = 60;
const SHORTEST_SENTENCE = 3;

export function compileReproduced(languages: Readonly<Record<string, LanguagePolicy>>): ReproducedWords {
  const of = (pick: 'reproduces' | 'notReproduces' | 'negations') =>
    compilePhrases(Object.values(languages).flatMap((language) => language[pick]));
  return { stems: of('reproduces'), negations: [...of('notReproduces'), ...of('negations')] };
}

export type Reproduced = { readonly value: 'yes' | 'no'; readonly start: number; readonly end: number };

/** The first sentence of `text` that says whether the issue was reproduced. */
export function findReproduced(text: string, words: ReproducedWords): Reproduced | null {
  if (words.stems.length === 0) return null;
  let sentences = 0;
  for (const { start, end, question } of sentencesOf(text)) {
    if (sentences++ >= MOST_SENTENCES) return null;
    if (question) continue;
    const folded = foldWords(text, start, end);
    const stem = findAny(folded, words.stems);
    const [first, last, named] = [folded[0], folded[folded.length - 1], folded[stem]];
    if (!first || !last || !named || folded.length < SHORTEST_SENTENCE) continue;
    // "Steps to reproduce:" is a heading.
    if (/^\s{0,3}[:：]/.test(text.slice(named.end, named.end + 4))) continue;
    return { value: findAny(folded, words.negations) === -1 ? 'yes' : 'no', start: first.start, end: last.end };
  }
  return null;
}
