/** The super admin's address as people name it in a sentence: "the super admin is x@y", "x@y (super admin)". */

import type { LanguagePolicy } from '../policy.ts';
import { type FoundAddress, findAddresses } from './address-text.ts';
import { fold, foldWords } from './fold.ts';
import { hasSentenceEnd } from './sentences.ts';

export type SuperadminNames = {
  /** Folded names of the super admin as words, the longest first. */
  readonly names: readonly (readonly string[])[];
  /** Folded: "is", as in "x@y is the super admin"; "not", which says the reverse. */
  readonly copulas: readonly string[];
  readonly negations: readonly string[];
};

/** Characters between the name and the address behind it, before it, and over a line break. */
const NEAR_BEHIND = 70;
const NEAR_BEFORE = 24;
const NEAR_WRAPPED = 40;
const START_OF_LINE = 12;

export function compileSuperadmin(languages: Readonly<Record<string, LanguagePolicy>>): SuperadminNames {
  const of = (pick: 'superadmin' | 'copulas' | 'negations', more: readonly string[] = []) =>
    [...new Set([...Object.values(languages).flatMap((language) => language[pick].map(fold)), ...more])].filter(
      (word) => word !== '',
    );
  return {
    names: of('superadmin', ['super admin', 'superadmin'])
      .map((name) => name.split(' '))
      .sort((a, b) => b.length - a.length),
    copulas: of('copulas'),
    negations: of('negations'),
  };
}

function says(gap: string, words: readonly string[]): boolean {
  const folded = ` ${fold(gap)} `;
  return words.some((word) => folded.includes(` ${word} `));
}

/** The address that `text` names as the super admin's; `above` is the line before it. */
export function findSuperadmin(text: string, above: string, names: SuperadminNames): FoundAddress | null {
  const addresses = findAddresses(text);
  const [first] = addresses;
  if (!first) return null;
  for (const name of occurrences(text, names)) {
    const behind = addresses.find((address) => address.start >= name.end);
    const before = addresses.findLast((address) => address.end <= name.start);
    const isBehind = behind !== undefined && leadsTo(text.slice(name.end, behind.start), NEAR_BEHIND, names);
    const isBefore = before !== undefined && leadsTo(text.slice(before.end, name.start), NEAR_BEFORE, names);
    if (isBefore && before && (!isBehind || isStatedOf(text, before, name, names))) {
      if (!/^\s{0,3}[:=]/.test(text.slice(name.end, name.end + 4))) return before;
    }
    if (isBehind && behind) return behind;
  }
  return first.start <= START_OF_LINE && endsWithName(above, names) ? first : null;
}

/** "x@y is the super admin", "x@y (super admin)": said of the address before it, whatever comes behind. */
function isStatedOf(
  text: string,
  before: FoundAddress,
  name: { start: number },
  { copulas }: SuperadminNames,
): boolean {
  const gap = text.slice(before.end, name.start);
  return !/[,;:]/.test(gap) && (gap.includes('(') || says(gap, copulas));
}

/** Whether what stands between a name and an address connects them. */
function leadsTo(gap: string, longest: number, { negations }: SuperadminNames): boolean {
  if (gap.length > longest || hasSentenceEnd(gap)) return false;
  if (gap.includes(')') && !gap.includes('(')) return false;
  return !says(gap, negations);
}

function endsWithName(above: string, names: SuperadminNames): boolean {
  const tail = above.slice(-NEAR_BEHIND);
  const last = occurrences(tail, names).at(-1);
  return last !== undefined && !tail.includes('@') && leadsTo(tail.slice(last.end), NEAR_WRAPPED, names);
}

function occurrences(text: string, { names }: SuperadminNames): { start: number; end: number }[] {
  const words = foldWords(text);
  const found: { start: number; end: number }[] = [];
  for (let at = 0; at < words.length; at++) {
    const name = names.find((candidate) => candidate.every((word, index) => words[at + index]?.text === word));
    const [first, last] = [words[at], name && words[at + name.length - 1]];
    if (!name || !first || !last) continue;
    found.push({ start: first.start, end: last.end });
    at += name.length - 1;
  }
  return found;
}
