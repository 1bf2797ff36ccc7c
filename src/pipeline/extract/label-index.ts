/** The policy's labels, folded and indexed once. */
import type { LabelField, LanguagePolicy } from '../../policy.ts';
import { foldCompact, UNSPACED } from '../words/fold.ts';

export type Label = {
  readonly field: LabelField;
  readonly language: string;
  /** As the policy writes it. */
  readonly label: string;
};

export type LabelIndex = {
  /** Folded without spaces -> label. A spelling that two languages share belongs to the first; one that two fields share is listed once per language. */
  readonly exact: ReadonlyMap<string, readonly Label[]>;
  /** Keys by their length, for looking up near misses. */
  readonly byLength: ReadonlyMap<number, readonly { key: string; letters: number }[]>;
  readonly longest: number;
  /** Folded hint texts. */
  readonly hints: ReadonlySet<string>;
};

/** A shortened spelling must keep this many folded characters; in Chinese and its like a character is a word. */
const SHORTEST_VARIANT = 8;
const SHORTEST_UNSPACED_VARIANT = 4;

export function compileLabels(languages: Readonly<Record<string, LanguagePolicy>>): LabelIndex {
  const exact = new Map<string, Label[]>();
  const entries = Object.entries(languages).flatMap(([language, policy]) =>
    Object.entries(policy.labels).flatMap(([field, labels]) =>
      (labels ?? []).map((label) => ({
        key: foldCompact(label),
        label: { field: field as LabelField, language, label },
      })),
    ),
  );
  const add = (key: string, label: Label, explicit: boolean) => {
    const known = exact.get(key);
    if (!known) exact.set(key, [label]);
    else if (explicit ? known.every((other) => other.language !== label.language) : sharesField(known, label))
      known.push(label);
  };
  for (const { key, label } of entries) add(key, label, true);
  const explicit = new Set(exact.keys());
  for (const { label } of entries) {
    for (const key of variantsOf(label.label)) if (!explicit.has(key)) add(key, label, false);
  }
  exact.delete('');
  const byLength = Map.groupBy(
    [...exact.keys()].map((key) => ({ key, letters: lettersOf(key) })),
    ({ key }) => key.length,
  );
  const hints = Object.values(languages).flatMap((language) => language.hints.map(foldCompact));
  return {
    exact,
    byLength,
    longest: Math.max(0, ...byLength.keys()),
    hints: new Set(hints.filter((hint) => hint !== '')),
  };
}

/** The letters of a word as a set of 32 bits: what differs in many letters need not be compared. */
export function lettersOf(word: string): number {
  let letters = 0;
  for (let index = 0; index < word.length; index++) letters |= 1 << (word.charCodeAt(index) & 31);
  return letters;
}

function sharesField(known: readonly Label[], label: Label): boolean {
  return known.every((other) => other.field === label.field && other.language !== label.language);
}

/** The first of these that a label has cuts it: "…できますか? はい/いいえ" cut at its slash would take "はい" for a part of the label. */
const FIRST_CUTS = ['?', '？', '؟'];
/** Outside brackets only: of "Reproducible (Yes/No)", "Reproducible (Yes" would take the answer for a part of its label. */
const CUTS = ['(', '[', '（', '?', '？', '؟', '/', '／', ',', '，', '،', '、'];
const CUTTABLE = /[([（［?？؟/／,，،、]/;

/** What people leave away: a bracketed remark, what follows the question mark, the second of two words with a slash, a clause after a comma. */
function variantsOf(label: string): string[] {
  if (!CUTTABLE.test(label)) return [];
  const bare = label.replace(/[([（［][^)\]）］]{0,200}[)\]）］]/g, ' ');
  const cuts = FIRST_CUTS.filter((mark) => bare.includes(mark));
  const spellings = new Set([bare, ...(cuts.length > 0 ? cuts : CUTS).map((mark) => bare.split(mark, 1)[0] ?? '')]);
  return [...new Set([...spellings].map(foldCompact))].filter(
    (key) => key.length >= (UNSPACED.test(key) ? SHORTEST_UNSPACED_VARIANT : SHORTEST_VARIANT),
  );
}
