/** The super admin's address as people name it in a sentence: "the super admin is x@y", "x@y (super admin)". */

import type { LanguagePolicy } from '../../policy.ts';
import { fold, foldWords } from '../words/fold.ts';
import { hasSentenceEnd } from '../words/sentences.ts';
import { lengthInWords } from '../words/word-count.ts';
import { type FoundAddress, findAddresses } from './address-text.ts';

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

export type NamedAddress = FoundAddress & {
  /** Said in so many words ("is", a colon, brackets), and not only near. */
  readonly stated: boolean;
};

/** The address that `text` names as the super admin's; `above` is the line before it. */
export function findSuperadmin(text: string, above: string, names: SuperadminNames): NamedAddress | null {
  const addresses = findAddresses(text);
  const [first] = addresses;
  if (!first) return null;
  for (const name of occurrences(text, names)) {
    const behind = addresses.find((address) => address.start >= name.end);
    const before = addresses.findLast((address) => address.end <= name.start);
    const gapBehind = behind && text.slice(name.end, behind.start);
    const gapBefore = before && text.slice(before.end, name.start);
    const tieBehind = gapBehind === undefined ? 0 : tie(gapBehind, BEHIND, names);
    const tieBefore =
      gapBefore === undefined || /^\s{0,3}[:=：]/.test(text.slice(name.end, name.end + 4))
        ? 0
        : tie(gapBefore, BEFORE, names);
    if (before && tieBefore >= STATED && tieBefore >= tieBehind) return { ...before, stated: true };
    if (behind && tieBehind > 0) return { ...behind, stated: tieBehind >= STATED };
    if (before && tieBefore > 0 && !isSubject(text, name.end, names)) return { ...before, stated: false };
  }
  return first.start <= START_OF_LINE && endsWithName(above, names) ? { ...first, stated: false } : null;
}

type Side = {
  readonly longest: number;
  /** What joins an address and a name without a word. */
  readonly joint: RegExp;
};
/** "Super admin: x@y", "super admin x@y"; "x@y (super admin)", "x@y - super admin". */
const BEHIND: Side = { longest: NEAR_BEHIND, joint: /^[\s\u00a0"'*_<>=:：\-–—→)\]）]*$/ };
const BEFORE: Side = { longest: NEAR_BEFORE, joint: /^[\s\u00a0"'*_<>]{0,6}[([（=:：\-–—→][^)\]）,;，、；،]*$/ };

/** How closely an address and a name belong together: not at all, near each other, or one said of the other; then the fewer words between them, the closer. */
const NEAR = 1;
const STATED = 2;
const MOST_WORDS_OF_STATEMENT = 4;

function tie(gap: string, { longest, joint }: Side, names: SuperadminNames): number {
  const isJoint = joint.test(gap);
  if (!isJoint && /^\s{0,3}[)\]）]/.test(gap)) return tieOf(gap.replace(/[)\]）]/, ' '), STATED);
  return tieOf(gap, NEAR);

  function tieOf(text: string, least: number): number {
    if (!leadsTo(text, longest, names)) return 0;
    const words = lengthInWords(fold(text));
    const isStated = !CLAUSE.test(text) && words <= MOST_WORDS_OF_STATEMENT && says(text, names.copulas);
    const found = isJoint ? STATED + 1 : isStated ? STATED + 1 / (1 + words) : NEAR;
    return found < least ? 0 : found;
  }
}
const CLAUSE = /[,;，、；،]/;

/** "…, the super admin is on leave": the name is what something else is said of. */
function isSubject(text: string, from: number, { copulas }: SuperadminNames): boolean {
  const clause = /^[^.,;:!?。，、；：！？،؟]{0,80}/.exec(text.slice(from))?.[0] ?? '';
  const folded = `${fold(clause)} `;
  return copulas.some((copula) => folded.startsWith(`${copula} `) && folded.length > copula.length + 1);
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
    const name = names.find((candidate) =>
      candidate.every((part, index) => isForm(words[at + index]?.text ?? '', part, index === candidate.length - 1)),
    );
    const [first, last] = [words[at], name && words[at + name.length - 1]];
    if (!name || !first || !last) continue;
    found.push({ start: first.start, end: last.end });
    at += name.length - 1;
  }
  return found;
}

/** "adminnya", "adminin", "admins"; "ومالك": the last word of a name may have an ending, an Arabic word a particle before it. */
function isForm(word: string, part: string, isLast: boolean): boolean {
  if (word === part) return true;
  if (/^[وفبل]/.test(word) && word.slice(1) === part && part.length >= SHORTEST_STEM) return true;
  return isLast && part.length >= SHORTEST_STEM && word.length <= part.length + LONGEST_ENDING && word.startsWith(part);
}
const SHORTEST_STEM = 4;
const LONGEST_ENDING = 3;
