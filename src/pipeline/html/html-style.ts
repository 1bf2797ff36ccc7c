/** The style sheets of a mail: which rules there are, and what they and an element's own attribute say of it together. */
import { COMMENT, type Declarations, declarationsOf, tokensOf } from './html-css.ts';
import { type Element, matches, parseSelector, type Selector } from './html-selector.ts';

/** What holds for one element, by property. */
export type Style = ReadonlyMap<string, string>;
export type StyleSheet = ReturnType<typeof createStyleSheet>;

type Rule = Selector & { readonly order: number; readonly declarations: Declarations };

/** Letters of all sheets together: more than any part is long. */
const MAX_SHEET = 400_000;
/** Rules that could hide something; a newsletter has a hundred. */
const MAX_RULES = 5_000;
/** Comparisons of an element with a compound, over all the mail: a second's work at most. */
const MAX_COMPARISONS = 4_000_000;
/** Of blocks within blocks. */
const MAX_MEDIA = 20;

const NOTHING: Style = new Map();
/** Said of every element when the comparisons are used up: no colour is known, so none takes text for unseen. */
const UNKNOWN: Declarations = new Map(
  ['color', 'background-color'].map((property) => [property, { value: 'unknown', important: true }]),
);

/** Collects `<style>` elements. */
export function createStyleSheet() {
  const rules = new Map<string, Rule[]>();
  let count = 0;
  let read = 0;
  let comparisons = 0;
  const spend = (cost: number) => {
    comparisons += cost;
    return comparisons <= MAX_COMPARISONS;
  };
  const isSpent = () => comparisons > MAX_COMPARISONS;

  function addRule(prelude: readonly string[], block: readonly string[]): void {
    const declarations = declarationsOf(block);
    if (declarations.size === 0) return;
    for (const source of listOf(prelude)) {
      const selector = count < MAX_RULES ? parseSelector(source) : null;
      if (!selector) continue;
      const rule = { ...selector, order: count++, declarations };
      const known = rules.get(rule.key);
      if (known) known.push(rule);
      else rules.set(rule.key, [rule]);
    }
  }

  function rulesOf(element: Element): Rule[] {
    const { id } = element.attributes;
    const keys = [...new Set(element.classes)].map((name) => `.${name}`);
    keys.push(element.name, '*');
    if (id !== undefined) keys.push(`#${id}`);
    return keys
      .flatMap((key) => rules.get(key) ?? [])
      .filter(({ steps }) => matches(steps, element, spend))
      .sort((one, other) => one.weight - other.weight || one.order - other.order);
  }

  return {
    add(source: string, media = ''): void {
      const sheet = source.slice(0, MAX_SHEET - read);
      read += sheet.length;
      if (isForReaders(media)) readRules(tokensOf(sheet), addRule);
    },
    /** The cascade: the sheet by weight and order, the element's own attribute, then the same of what is `!important`. */
    of(element: Element): Style {
      const { style } = element.attributes;
      const own = style === undefined ? [] : [declarationsOf(tokensOf(style))];
      if (count === 0 && own.length === 0) return NOTHING;
      const layers: Declarations[] = count === 0 || isSpent() ? [] : rulesOf(element).map((rule) => rule.declarations);
      layers.push(...own);
      if (isSpent()) layers.push(UNKNOWN);
      const result = new Map<string, string>();
      for (const insisting of [false, true]) {
        for (const layer of layers) {
          for (const [property, { value, important }] of layer)
            if (important === insisting) result.set(property, value);
        }
      }
      return result;
    },
  };
}

/** Walks a sheet once. Blocks that hold for a reader at a desk are read as if they were not there, others are passed over. */
function readRules(
  tokens: readonly string[],
  add: (prelude: readonly string[], block: readonly string[]) => void,
): void {
  let prelude: string[] = [];
  let open = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    const isAtRule = prelude[0] === '@';
    if (token === '{') {
      if (isAtRule && open < MAX_MEDIA && holds(prelude.join(''))) open++;
      else {
        const end = endOfBlock(tokens, at);
        if (!isAtRule) add(prelude, tokens.slice(at + 1, end));
        at = end;
      }
      prelude = [];
    } else if (token === ';' && isAtRule) prelude = [];
    else if (token === '}' && open > 0) {
      open--;
      prelude = [];
    } else if (token !== COMMENT && (prelude.length > 0 || token.trim() !== '')) prelude.push(token);
  }
}

/** Whether what is in an at-rule counts: `@media screen {`, `@supports (…) {`, `@layer x {`. */
function holds(prelude: string): boolean {
  const [, name = '', condition = ''] = /^@([\w-]{1,30})([\s\S]*)$/.exec(prelude.toLowerCase()) ?? [];
  if (name === 'media') return isForReaders(condition);
  if (name === 'supports') return !/^\s*not\b/.test(condition);
  return name === 'layer';
}

/** The width of the window a mail is read in (pixels): a desk's, not a telephone's. */
const WIDTH = 1_000;

/** Whether a media query holds for a person who reads at a desk. What else it asks (dark, print, a device) is taken for no. */
function isForReaders(media: string): boolean {
  const queries = media
    .toLowerCase()
    .slice(0, MAX_MEDIA * 100)
    .split(',');
  return queries.some((query) =>
    query
      .trim()
      .split(/\s+and\s+/)
      .every((part) => {
        if (/^(?:(?:only\s+)?(?:all|screen)|not\s+(?:print|speech|tty))?$/.test(part.trim())) return true;
        const [, limit, number, unit] =
          /^\(\s*(min|max)-(?:device-)?width\s*:\s*([\d.]{1,9})(px|em|rem)?\s*\)$/.exec(part.trim()) ?? [];
        if (limit === undefined) return false;
        const pixels = Number.parseFloat(number ?? '') * (unit === 'em' || unit === 'rem' ? 16 : 1);
        return limit === 'min' ? pixels <= WIDTH : pixels >= WIDTH;
      }),
  );
}

/** Selectors between commas; those in brackets part nothing. */
function listOf(prelude: readonly string[]): string[] {
  const list: string[] = [];
  let depth = 0;
  let piece: string[] = [];
  for (const token of prelude) {
    if (token === ',' && depth === 0) {
      list.push(piece.join(''));
      piece = [];
      continue;
    }
    if (token === '(' || token === '[') depth++;
    else if (token === ')' || token === ']') depth--;
    piece.push(token);
  }
  list.push(piece.join(''));
  return list;
}

/** The token that closes the block opened at `open`; the end of the sheet closes every block, as in a browser. */
function endOfBlock(tokens: readonly string[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at] === '{') depth++;
    else if (tokens[at] === '}' && --depth === 0) return at;
  }
  return tokens.length;
}
