/** Labels as people shorten them: "Descr. problema", "Beschr. d. Problems", "Prod." */
import type { Word } from '../words/fold.ts';
import { foldWords } from '../words/fold.ts';
import type { Label, LabelIndex } from './label-index.ts';

type Spelling = { readonly label: Label; readonly words: readonly string[] };

/** A label that is one short form keeps so many letters: "Tel." and "Ref." are none of ours. */
const SHORTEST_ALONE = 4;
const SHORTEST = 3;
/** "del", "van het": what a short form leaves away, and shortens to a letter. */
const LONGEST_PARTICLE = 5;
const MOST_WORDS = 10;

const compiled = new WeakMap<LabelIndex, ReadonlyMap<string, readonly Spelling[]>>();

/** The labels by the first letters of their first words; worked out once per index. */
function spellingsOf(index: LabelIndex): ReadonlyMap<string, readonly Spelling[]> {
  const known = compiled.get(index);
  if (known) return known;
  const labels = new Set([...index.exact.values()].flat());
  const all = [...labels].flatMap((label) => {
    const bare = label.label.split(/[([（?？؟/]/, 1)[0] ?? '';
    const words = foldWords(bare).map(({ text }) => text);
    return words.length > 0 ? [{ label, words }] : [];
  });
  const spellings = Map.groupBy(all, ({ words }) => (words[0] ?? '').slice(0, SHORTEST));
  compiled.set(index, spellings);
  return spellings;
}

/** The label that `head`, words of `text`, is short for; undefined when none of its words is cut by a full stop, or when it may be another field. */
export function abbreviated(
  index: LabelIndex,
  text: string,
  head: readonly Word[],
  prefer: string | null,
): Label | undefined {
  const first = head[0];
  const isCut = (word: Word | undefined) => word !== undefined && text.charAt(word.end) === '.';
  if (!first || head.length > MOST_WORDS || !head.some(isCut)) return undefined;
  if (head.length === 1 ? first.text.length < SHORTEST_ALONE : first.text.length < SHORTEST && isCut(first))
    return undefined;
  const candidates = spellingsOf(index).get(first.text.slice(0, SHORTEST)) ?? [];
  const fitting = candidates.filter(({ words }) => fits(words, 0, 0)).map(({ label }) => label);
  const own = fitting.filter(({ language }) => language === prefer);
  const labels = own.length > 0 ? own : fitting;
  return labels.every(({ field }) => field === labels[0]?.field) ? labels[0] : undefined;

  function fits(words: readonly string[], at: number, from: number): boolean {
    const [part, word] = [head[at], words[from]];
    if (!part || !word) return !part && !word;
    if (isForm(part, word) && fits(words, at + 1, from + 1)) return true;
    return at > 0 && word.length <= LONGEST_PARTICLE && fits(words, at, from + 1);
  }

  function isForm(part: Word, word: string): boolean {
    if (part.text === word) return true;
    const least = word.length <= LONGEST_PARTICLE ? 1 : SHORTEST;
    return isCut(part) && part.text.length >= least && word.startsWith(part.text);
  }
}
