/** Zoho products by their names and the spellings partners use: with or without "Zoho", spaces and hyphens, the longest first. */
import type { LanguagePolicy, Policy } from '../policy.ts';
import { foldCompact, foldWords, type Word } from './fold.ts';
import { compilePhrases, findAny, type Phrase } from './phrases.ts';

type Service = {
  readonly name: string;
  readonly suite: boolean;
  /** An everyday word: without "Zoho" it counts only in the product field or the subject. */
  readonly common: boolean;
  /** In a sentence, without "Zoho", it has to begin with a capital. */
  readonly capital: boolean;
};

export type ProductIndex = {
  readonly names: ReadonlyMap<string, Service>;
  /** Spellings that count when nothing else stands in the product field. */
  readonly fieldOnly: ReadonlyMap<string, Service>;
  readonly unaffected: readonly Phrase[];
  readonly negations: ReadonlySet<string>;
};

export type FoundProduct = {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** "Zoho" stood before it, or it is no everyday word. */
  readonly strong: boolean;
  readonly suite: boolean;
  /** Said to work: the mail is about another. */
  readonly unaffected: boolean;
};

const PREFIX = 'zoho';
/** "Bulk emails / mail merge add-on" is six words. */
const MOST_WORDS = 7;
/** A subject or a field is no longer; of prose only this much is searched. */
const SEARCHED = 20_000;
/** Everyday turns of phrase that begin with a product's name. */
const TURNS_OF_PHRASE: Readonly<Record<string, readonly string[]>> = {
  sign: ['in', 'up', 'on', 'off', 'out', 'into'],
  one: ['of', 'user', 'more', 'customer', 'client'],
  connect: ['to', 'with'],
  show: ['up', 'stopper'],
  learn: ['more'],
};

export function compileProducts(
  services: Policy['services'],
  languages: Readonly<Record<string, LanguagePolicy>> = {},
): ProductIndex {
  const names = new Map<string, Service>();
  const fieldOnly = new Map<string, Service>();
  const add = (map: Map<string, Service>, spelling: string, service: Service) => {
    const key = withoutPrefix(foldCompact(spelling));
    if (key !== '' && !map.has(key)) map.set(key, service);
  };
  for (const kind of ['excluded', 'eligible', 'suites'] as const) {
    for (const entry of services[kind]) {
      const service = { name: entry.name, suite: kind === 'suites', common: entry.commonWord, capital: entry.capital };
      for (const spelling of [entry.name, ...entry.aliases]) add(names, spelling, service);
      for (const spelling of entry.fieldOnly) add(fieldOnly, spelling, service);
    }
  }
  const words = Object.values(languages);
  return {
    names,
    fieldOnly,
    unaffected: compilePhrases(words.flatMap(({ unaffected }) => unaffected)),
    negations: new Set(words.flatMap(({ negations }) => negations.map(foldCompact))),
  };
}

function withoutPrefix(key: string): string {
  return key.startsWith(PREFIX) && key.length > PREFIX.length ? key.slice(PREFIX.length) : key;
}

/** The product a field, a subject or a sentence is about, `prefer` when it names several; null when it names none. */
export function findProduct(
  index: ProductIndex,
  text: string,
  where: 'field' | 'subject' | 'prose',
  prefer: string | null = null,
): FoundProduct | null {
  if (where === 'field') {
    const words = foldWords(text, 0, Math.min(text.length, SEARCHED));
    const whole = index.fieldOnly.get(withoutPrefix(words.map((word) => word.text).join('')));
    const [first, last] = [words[0], words[words.length - 1]];
    if (whole && first && last) {
      return {
        name: whole.name,
        start: first.start,
        end: last.end,
        strong: true,
        suite: whole.suite,
        unaffected: false,
      };
    }
  }
  const found = allProducts(index, text, where);
  return found.find(({ name, strong }) => strong && name === prefer) ?? best(found);
}

/** What was meant when several are named: an app before the suite it belongs to, a strong match before an everyday word, then the first. Prose has only strong ones. */
function best(all: readonly FoundProduct[]): FoundProduct | null {
  const troubled = all.filter(({ unaffected }) => !unaffected);
  const found = troubled.length > 0 ? troubled : all;
  const pick =
    found.find((product) => product.strong && !product.suite) ??
    found.find((product) => !product.suite) ??
    found.find((product) => product.strong) ??
    found[0];
  if (!pick) return null;
  return found.find((product) => product.name.startsWith(`${pick.name} `) && !product.suite) ?? pick;
}

function allProducts(index: ProductIndex, text: string, where: 'field' | 'subject' | 'prose'): FoundProduct[] {
  const words = foldWords(text, 0, Math.min(text.length, SEARCHED));
  const found: FoundProduct[] = [];
  for (let at = 0; at < words.length; at++) {
    const match = longestAt(index, words, at);
    if (!match) continue;
    const { service, prefixed, from, to } = match;
    const [first, last] = [words[from], words[to - 1]];
    const isLower = service.capital && /^\p{Ll}/u.test(text.slice(first?.start, first?.end));
    const strong = prefixed || !(service.common || (isLower && where === 'prose'));
    if ((strong || where !== 'prose') && (strong || !isTurnOfPhrase(words, from, to)) && first && last) {
      found.push({
        name: service.name,
        start: first.start,
        end: last.end,
        strong,
        suite: service.suite,
        unaffected: false,
      });
    }
    at = to - 1;
  }
  return found.length > 0 && where === 'prose' ? withUnaffected(index, text, words, found) : found;
}

/** A clause that has a product in it is looked at so far to both sides. */
const CLAUSE_WINDOW = 80;
const CLAUSE_END = /[,.;:!?()–—。，、；！？،؟]/;
const MOST_NAMED = 20;
/** Words before "works fine" among which "not" turns it round. */
const NEGATED = 2;

/** Each product with whether its clause, up to the next product, says that it works. */
function withUnaffected(
  { unaffected, negations }: ProductIndex,
  text: string,
  words: readonly Word[],
  found: readonly FoundProduct[],
): FoundProduct[] {
  return found.map((product, at) => {
    if (at >= MOST_NAMED) return product;
    let from = product.start;
    const floor = Math.max(0, found[at - 1]?.end ?? 0, product.start - CLAUSE_WINDOW);
    while (from > floor && !CLAUSE_END.test(text.charAt(from - 1))) from--;
    let to = product.end;
    const ceiling = Math.min(text.length, found[at + 1]?.start ?? text.length, product.end + CLAUSE_WINDOW);
    while (to < ceiling && !CLAUSE_END.test(text.charAt(to))) to++;
    const clause = words.filter(({ start, end }) => start >= from && end <= to);
    const says = findAny(clause, unaffected);
    const negated = clause
      .slice(Math.max(0, says - NEGATED), Math.max(0, says))
      .some((word) => negations.has(word.text));
    return says === -1 || negated ? product : { ...product, unaffected: true };
  });
}

type Match = { service: Service; prefixed: boolean; from: number; to: number };

function longestAt(index: ProductIndex, words: readonly Word[], at: number): Match | null {
  const first = words[at]?.text ?? '';
  const alone = first === PREFIX;
  const glued = !alone && first.startsWith(PREFIX);
  let key = '';
  let match: Match | null = null;
  const start = alone ? at + 1 : at;
  for (let to = start; to < words.length && to < start + MOST_WORDS; to++) {
    const word = words[to]?.text ?? '';
    key += to === at && glued ? word.slice(PREFIX.length) : word;
    const service = index.names.get(key);
    if (service) match = { service, prefixed: alone || glued, from: at, to: to + 1 };
  }
  return match;
}

function isTurnOfPhrase(words: readonly Word[], from: number, to: number): boolean {
  if (to - from !== 1) return false;
  const next = words[to]?.text ?? '';
  return TURNS_OF_PHRASE[words[from]?.text ?? '']?.includes(next) ?? false;
}
