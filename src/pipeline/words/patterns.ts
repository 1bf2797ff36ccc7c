/**
 * The phrases a support lead writes in the policy, compiled: `cannot|can't` in round brackets are alternatives, a question mark
 * behind the brackets lets them be left away, `…` lets a few words of the same clause stand between, a last `*` lets a word go on:
 * "(cannot|can't) … log in", "(the)? system* is down". Matched against folded words, each followed by one space.
 */
import { fold, UNSPACED } from './fold.ts';

/** What a match may begin with: a whole word, or the beginning of one. */
export type Opening = { readonly text: string; readonly open: boolean };
export type Pattern = { readonly said: string; readonly openings: readonly Opening[]; readonly matcher: RegExp };

/** Words that `…` stands for at most; in unspaced scripts each character is a word. */
const GAP = 6;
const GAP_UNSPACED = 16;

type Fold = (text: string) => string;
type Node =
  | { readonly word: string; readonly open: boolean }
  | { readonly gap: true }
  | { readonly anyOf: readonly (readonly Node[])[]; readonly optional: boolean };

/**
 * Null when nothing of the phrase is left once folded. `…` stands for no word of `notBetween`, folded words.
 * @param foldWith how the words it is looked for in were folded
 */
export function compilePattern(
  said: string,
  notBetween: readonly string[] = [],
  foldWith: Fold = fold,
): Pattern | null {
  // Of thousands of phrases a mail opens a few: of the others only the beginning is ever read.
  let parsed: readonly Node[] | undefined;
  const nodes = (): readonly Node[] => {
    parsed ??= trimGaps(parseSequence(said, foldWith));
    return parsed;
  };
  const openings = isPlain(said) ? openingOfPlain(said, foldWith) : openingsOf(nodes());
  if (openings.length === 0) return null;
  let matcher: RegExp | undefined;
  return {
    said,
    openings,
    get matcher() {
      matcher ??= new RegExp(sourceOf(nodes(), gapOf(said, notBetween)), 'y');
      return matcher;
    },
  };
}

/** A phrase of whole words, one after the other: it means the same wherever it stands. */
export const isPlain = (said: string): boolean => !/[*…|()]/.test(said);

function openingOfPlain(said: string, foldWith: Fold): Opening[] {
  for (const piece of said.match(/\S+/g) ?? []) {
    const [word] = foldWith(piece).split(' ');
    if (word) return [{ text: word, open: false }];
  }
  return [];
}

function gapOf(said: string, notBetween: readonly string[]): string {
  const words = UNSPACED.test(said) ? GAP_UNSPACED : GAP;
  return `(?:(?!(?:${['[,.]', ...notBetween].join('|')}) )[^ ]+ ){0,${words}}?`;
}

function parseSequence(said: string, foldWith: Fold): Node[] {
  if (!said.includes('(')) return parsePlain(said, foldWith);
  const nodes: Node[] = [];
  let plain = '';
  const close = () => {
    nodes.push(...parsePlain(plain, foldWith));
    plain = '';
  };
  for (let at = 0; at < said.length; at++) {
    if (said[at] !== '(') {
      plain += said[at];
      continue;
    }
    close();
    const end = closingOf(said, at);
    const optional = said[end + 1] === '?';
    const anyOf = splitAlternatives(said.slice(at + 1, end)).map((one) => parseSequence(one, foldWith));
    if (anyOf.some((one) => one.length > 0)) nodes.push({ anyOf: anyOf.filter((one) => one.length > 0), optional });
    at = optional ? end + 1 : end;
  }
  close();
  return nodes;
}

function parsePlain(text: string, foldWith: Fold): Node[] {
  return (text.match(/…|[^\s…]+/g) ?? []).flatMap((piece): Node[] => {
    if (piece === '…') return [{ gap: true }];
    const words = foldWith(piece).split(' ').filter(Boolean);
    return words.map((word, index) => ({ word, open: piece.endsWith('*') && index === words.length - 1 }));
  });
}

function closingOf(said: string, from: number): number {
  let depth = 0;
  for (let at = from; at < said.length; at++) {
    if (said[at] === '(') depth++;
    if (said[at] === ')' && --depth === 0) return at;
  }
  return said.length;
}

function splitAlternatives(inner: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of inner) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === '|' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

const isGap = (node: Node | undefined): boolean => node !== undefined && 'gap' in node;

function trimGaps(nodes: readonly Node[]): Node[] {
  const trimmed = [...nodes];
  while (isGap(trimmed[0])) trimmed.shift();
  while (isGap(trimmed.at(-1))) trimmed.pop();
  return trimmed;
}

function openingsOf(nodes: readonly Node[]): Opening[] {
  const openings: Opening[] = [];
  for (const node of nodes) {
    if ('gap' in node) continue;
    if ('word' in node) return [...openings, { text: node.word, open: node.open }];
    openings.push(...node.anyOf.flatMap(openingsOf));
    if (!node.optional) return openings;
  }
  return openings;
}

/** `,` and `.` are words of their own that end a clause and a sentence; no gap goes across either. */
const sourceOf = (nodes: readonly Node[], between: string): string =>
  nodes
    .map((node) => {
      if ('gap' in node) return between;
      if ('word' in node) return node.open ? `${node.word}[^ ]* ` : `${node.word} `;
      return `(?:${node.anyOf.map((one) => sourceOf(one, between)).join('|')})${node.optional ? '?' : ''}`;
    })
    .join('');
