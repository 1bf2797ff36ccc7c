/** Phrases of the policy among folded words: "received in error", "confidential*". */
import { foldWords, type Word } from './fold.ts';

/** Folded words; the last may go on where the policy ends it with `*`. */
export type Phrase = { readonly words: readonly string[]; readonly open: boolean };

export function compilePhrases(phrases: readonly string[]): Phrase[] {
  const compiled = phrases.map((phrase) => ({
    words: foldWords(phrase).map((word) => word.text),
    open: phrase.endsWith('*'),
  }));
  return compiled.filter(({ words }) => words.length > 0);
}

/** Where the first of the phrases begins, as a word's index; -1 when none is there. */
export function findAny(words: readonly Word[], phrases: readonly Phrase[]): number {
  const starts = startsOf(phrases);
  return words.findIndex(({ text }, at) => starts.get(text.charAt(0))?.some((phrase) => phraseAt(words, at, phrase)));
}

const compiled = new WeakMap<readonly Phrase[], ReadonlyMap<string, readonly Phrase[]>>();

/** The phrases by their first letters: the lists of all languages together are long. */
function startsOf(phrases: readonly Phrase[]): ReadonlyMap<string, readonly Phrase[]> {
  const known = compiled.get(phrases) ?? Map.groupBy(phrases, ({ words }) => words[0]?.charAt(0) ?? '');
  compiled.set(phrases, known);
  return known;
}

/** How many of the phrases are there. */
export function countOf(words: readonly Word[], phrases: readonly Phrase[]): number {
  return phrases.filter((phrase) => words.some((_, at) => phraseAt(words, at, phrase))).length;
}

function phraseAt(words: readonly Word[], at: number, { words: parts, open }: Phrase): boolean {
  return parts.every((part, index) => {
    const word = words[at + index]?.text ?? '';
    return open && index === parts.length - 1 ? word.startsWith(part) : word === part;
  });
}
