/** Zoho products by their names and the spellings partners use: with or without "Zoho", spaces and hyphens, the longest first. */
import type { LanguagePolicy, Policy } from '../../policy.ts';
import { foldCompact, foldWords, type Word } from '../words/fold.ts';
import { type ClauseWords, compileClauseWords, standingsOf } from './product-clauses.ts';

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
  readonly clauses: ClauseWords;
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
  /** Said to be what the mail is about. */
  readonly concerned: boolean;
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
  return { names, fieldOnly, clauses: compileClauseWords(Object.values(languages)) };
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
        concerned: false,
      };
    }
  }
  const found = allProducts(index, text, where);
  return found.find(({ name, strong, unaffected }) => strong && !unaffected && name === prefer) ?? best(found);
}

/** The products that prose is about, in the order of the text; none is said to work unless all are. */
export const productsIn = (index: ProductIndex, text: string): FoundProduct[] =>
  meant(allProducts(index, text, 'prose'));

function meant<One extends FoundProduct>(all: One[]): One[] {
  const troubled = all.filter(({ unaffected }) => !unaffected);
  const concerned = all.filter((product) => product.concerned);
  return concerned.length > 0 ? concerned : troubled.length > 0 ? troubled : all;
}

/** What was meant when several are named: what the mail is said to be about, else what is not said to work; of these an app before the suite it belongs to, a strong match before an everyday word, then the first. Prose has only strong ones. */
function best(all: FoundProduct[]): FoundProduct | null {
  const found = meant(all);
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
  const found: Candidate[] = [];
  for (let at = 0; at < words.length; at++) {
    const match = longestAt(index, words, at);
    if (!match) continue;
    const { service, prefixed, from, to } = match;
    const [first, last] = [words[from], words[to - 1]];
    const isLower = where === 'prose' && /^\p{Ll}/u.test(text.slice(first?.start, first?.end));
    const strong = prefixed || !(service.common || (service.capital && isLower));
    if ((strong || !isLower) && (strong || !isTurnOfPhrase(words, from, to)) && first && last) {
      const { name, suite } = service;
      found.push({ name, start: first.start, end: last.end, strong, suite, from, to });
    }
    at = to - 1;
  }
  if (where !== 'prose') return found.map((one) => ({ ...one, unaffected: false, concerned: false }));
  // "We use Zoho Desk and Zoho CRM. Desk works fine": an everyday word is a product's name once it was named in full.
  const named = new Set(found.filter(({ strong }) => strong).map(({ name }) => name));
  const kept = found.filter(({ name }) => named.has(name));
  const standings = kept.length > 0 ? standingsOf(index.clauses, text, words, kept) : [];
  return kept.flatMap((one, at) => (standings[at] ? [{ ...one, ...standings[at] }] : []));
}

type Candidate = Omit<FoundProduct, 'unaffected' | 'concerned'> & { readonly from: number; readonly to: number };

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
