/** What is said of the products a text names: that one works ("works fine"), or that the mail is about it ("the problem is only in"). */
import type { LanguagePolicy } from '../../policy.ts';
import { foldWords, UNSPACED, type Word } from '../words/fold.ts';

type Kind = 'unaffected' | 'concerns';
type Cue = { readonly kind: Kind; readonly words: readonly string[] };

export type ClauseWords = {
  /** By their first words. */
  readonly cues: ReadonlyMap<string, readonly Cue[]>;
  readonly negations: ReadonlySet<string>;
};

/** A product's words among those of the text: [from, to). */
export type Place = { readonly name: string; readonly from: number; readonly to: number };
export type Standing = { readonly unaffected: boolean; readonly concerned: boolean };

const CLAUSE_END = /[,.;:!?()–—。，、；：！？،؟]/;
/** Between "A, B and C" stands nothing else than commas and a few words; where words are not set apart, characters. */
const LIST_END = /[.;:!?()–—。；：！？؟]/;
const COMMA = /[,，、،]/;
const LIST = { words: 2, afterComma: 1, characters: 3 };
/** Characters between a product and what is said of it. */
const CLAUSE_WINDOW = 80;
/** Words, or characters, between "the problem is only in" and the product. */
const NEAR = { words: 2, characters: 4 };
/** Words before "works fine", and before "it is about", among which "not" turns it round. */
const NEGATED: Readonly<Record<Kind, number>> = { unaffected: 2, concerns: 1 };
const MOST_NAMED = 20;
const MOST_SAID = 100;

export function compileClauseWords(languages: readonly LanguagePolicy[]): ClauseWords {
  const of = (kind: Kind): Cue[] =>
    [...new Set(languages.flatMap((language) => language[kind]))]
      .map((phrase) => ({ kind, words: foldWords(phrase).map(({ text }) => text) }))
      .filter(({ words }) => words.length > 0);
  return {
    cues: Map.groupBy([...of('unaffected'), ...of('concerns')], ({ words }) => words[0] ?? ''),
    negations: new Set(languages.flatMap(({ negations }) => negations.map((word) => foldWords(word)[0]?.text ?? ''))),
  };
}

type Said = { readonly kind: Kind; readonly from: number; readonly to: number };

/** What is said of each of the products at `places`, in the order of the text. */
export function standingsOf(
  clauseWords: ClauseWords,
  text: string,
  words: readonly Word[],
  places: readonly Place[],
): Standing[] {
  const named = places.slice(0, MOST_NAMED);
  const said = saidIn(clauseWords, words);
  const lists = listsOf(text, words, named, said);
  const unaffected = new Set<string>();
  const concerned = new Set<number>();
  for (const one of said) {
    const at = productOf(one, text, words, named);
    if (at === -1 || isNegated(clauseWords, words, one, named[at])) continue;
    named.forEach(({ name }, index) => {
      if (lists[index] !== lists[at]) return;
      if (one.kind === 'unaffected') unaffected.add(name);
      else concerned.add(index);
    });
  }
  return places.map(({ name }, index) => ({
    unaffected: unaffected.has(name),
    concerned: concerned.has(index) && !unaffected.has(name),
  }));
}

/** Every such phrase of the text; at one word the longest of each kind. */
function saidIn({ cues }: ClauseWords, words: readonly Word[]): Said[] {
  const said: Said[] = [];
  for (let from = 0; from < words.length && said.length < MOST_SAID; from++) {
    const longest = new Map<Kind, number>();
    for (const cue of cues.get(words[from]?.text ?? '') ?? []) {
      if (cue.words.length <= (longest.get(cue.kind) ?? 0)) continue;
      if (cue.words.every((word, index) => words[from + index]?.text === word)) longest.set(cue.kind, cue.words.length);
    }
    for (const [kind, length] of longest) said.push({ kind, from, to: from + length });
  }
  return said;
}

/** For each product the number of the list it stands in: "A, B and C" is one. */
function listsOf(text: string, words: readonly Word[], places: readonly Place[], said: readonly Said[]): number[] {
  let list = 0;
  /** An "and" was its last joint: what a comma parts from that is no more of it. */
  let isComplete = false;
  return places.map((place, index) => {
    const before = places[index - 1];
    const gap = before ? textBetween(text, words, before.to, place.from) : '';
    const isListed = before !== undefined && continues(before, place, gap) && !(isComplete && COMMA.test(gap));
    if (!isListed) list++;
    isComplete = isListed && before !== undefined && place.from > before.to;
    return list;
  });

  function continues(before: Place, place: Place, gap: string): boolean {
    const characters = UNSPACED.test(gap);
    const most = characters ? LIST.characters : COMMA.test(gap) ? LIST.afterComma : LIST.words;
    if (place.from - before.to > most || LIST_END.test(gap) || place.name === before.name) return false;
    return !said.some(({ from, to }) => from < place.from && to > before.to);
  }
}

/** Which product a phrase speaks of: the nearer one of its clause; -1 when none is near enough. */
function productOf({ kind, from, to }: Said, text: string, words: readonly Word[], places: readonly Place[]): number {
  const before = places.findLastIndex((place) => place.to <= from);
  const behind = places.findIndex((place) => place.from >= to);
  const gapBefore = before === -1 ? null : gapOf(places[before]?.to ?? 0, from);
  const gapBehind = behind === -1 ? null : gapOf(to, places[behind]?.from ?? 0);
  if (kind === 'concerns') {
    const near = gapBehind?.unspaced ? NEAR.characters : NEAR.words;
    if (gapBehind && gapBehind.words <= near) return behind;
    return gapBefore?.words === 0 ? before : -1;
  }
  // Chinese, Japanese, Korean and Thai say it behind what it is said of.
  const follows = UNSPACED.test(words[from]?.text ?? '');
  if (gapBefore && (follows || gapBefore.words <= (gapBehind?.words ?? gapBefore.words))) return before;
  return gapBehind ? behind : -1;

  function gapOf(start: number, end: number): { words: number; unspaced: boolean } | null {
    const gap = textBetween(text, words, start, end);
    if (gap.length > CLAUSE_WINDOW || CLAUSE_END.test(gap)) return null;
    return { words: end - start, unspaced: UNSPACED.test(gap) };
  }
}

/** "not only in", "non riguarda", "concerne pas". */
function isNegated({ negations }: ClauseWords, words: readonly Word[], said: Said, place: Place | undefined): boolean {
  const before = words.slice(Math.max(0, said.from - NEGATED[said.kind]), said.from);
  const behind = said.kind === 'concerns' && place && place.from >= said.to ? words.slice(said.to, place.from) : [];
  return [...before, ...behind].some(({ text }) => negations.has(text));
}

/** What stands between the word before `from` and the word at `to`. */
function textBetween(text: string, words: readonly Word[], from: number, to: number): string {
  return text.slice(words[from - 1]?.end ?? 0, words[to]?.start ?? text.length);
}
