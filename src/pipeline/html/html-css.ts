/** CSS as tokens, and the declarations in them that decide whether text is seen. Linear: nothing is read twice. */
import { parsePaint } from './html-colour.ts';

type Declaration = { readonly value: string; readonly important: boolean };
/** By property, in lower case, without a browser's prefix; shorthands are spelt out as what they stand for. */
export type Declarations = ReadonlyMap<string, Declaration>;

const STRING = (quote: string) => `${quote}(?:[^${quote}\\\\\\n]|\\\\[\\s\\S])*${quote}?`;
const TOKEN = new RegExp(
  `/\\*[\\s\\S]*?(?:\\*/|$)|${STRING('"')}|${STRING("'")}|url\\([^"'()\\s]{0,2000}\\)|\\\\(?:[0-9a-f]{1,6}\\s?|[^\\n])|<!--|-->|\\s+|[^\\s\\\\"'/<{}()[\\];:,!@-]+|[\\s\\S]`,
  'gi',
);

/** Comments become one space in declarations and nothing in selectors: both are what a browser makes of them. */
export const COMMENT = '/**/';

/** Comments, strings and escapes understood once, so that a brace in a string ends nothing. */
export function tokensOf(css: string): string[] {
  return (css.match(TOKEN) ?? []).map((token) => {
    if (token.startsWith('/*')) return COMMENT;
    if (token === '<!--' || token === '-->') return ' ';
    return token.startsWith('\\') ? unescaped(token) : token;
  });
}

/** Letters and digits as they are; anything else stays escaped, so that `.md\:x` is not taken for a pseudo-class. */
function unescaped(token: string): string {
  const code = /^\\([0-9a-f]{1,6})/i.exec(token)?.[1];
  const number = code === undefined ? 0 : Number.parseInt(code, 16);
  const character = code === undefined ? token.slice(1) : String.fromCodePoint(number > 0x10ffff ? 0xfffd : number);
  return /[\w-]|[^\0-\x7f]/.test(character) ? character : `\\${character}`;
}

const SIDES = ['top', 'right', 'bottom', 'left'];
/** All that is understood of CSS: what is not here cannot hide anything, and need not be kept. */
const KEPT = new Set(
  'display visibility content-visibility mso-hide opacity filter color text-fill-color background-color background-image font-size width height max-width max-height overflow-x overflow-y position clip clip-path text-indent transform translate scale'
    .split(' ')
    .concat(
      SIDES,
      SIDES.map((side) => `margin-${side}`),
    ),
);

/** A later declaration that no browser understands does not undo an earlier one. */
const VALID: Readonly<Record<string, RegExp>> = {
  display:
    /^(?:none|contents|inherit|initial|unset|revert|list-item|ruby|(?:inline|block|table|flex|grid|flow|-)[a-z -]{0,40})$/,
  visibility: /^(?:visible|hidden|collapse|inherit|initial|unset|revert)$/,
  opacity: /^[-+]?[\d.]/,
  color:
    /^(?:[a-z-]{1,20}\(|(?:inherit|initial|unset|revert|currentcolor|window|canvas|field|mark|highlight)$|[a-z]{0,20}text$)/,
};

/** The declarations of a block or of a style attribute. */
export function declarationsOf(tokens: readonly string[]): Declarations {
  const found = new Map<string, Declaration>();
  let name: string | null = null;
  let piece: string[] = [];
  let depth = 0;
  const finish = () => {
    if (name !== null) declare(found, name, piece.join(''));
    name = null;
    piece = [];
  };
  for (const token of tokens) {
    if (token === ';' && depth === 0) finish();
    else if (token === ':' && depth === 0 && name === null) {
      name = piece.join('').trim().toLowerCase();
      piece = [];
    } else {
      if (token === '(' || token === '[' || token === '{') depth++;
      else if (depth > 0 && (token === ')' || token === ']' || token === '}')) depth--;
      piece.push(token === COMMENT ? ' ' : token);
      // A nested rule: mail programs do not know them.
      if (token === '}' && depth === 0) {
        name = null;
        piece = [];
      }
    }
  }
  finish();
  return found;
}

function declare(found: Map<string, Declaration>, name: string, text: string): void {
  const words = text.toLowerCase().trim().split(/\s+/).join(' ');
  const value = words.replace(/! ?important$/, '').trim();
  const important = value.length < words.length;
  for (const [property, part] of spelledOut(name.replace(/^-(?:webkit|moz|ms|o)-/, ''), value)) {
    if (!KEPT.has(property) || part === '') continue;
    const valid = VALID[property];
    if (valid && !valid.test(part) && !(property === 'color' && parsePaint(part))) continue;
    if (important || found.get(property)?.important !== true) found.set(property, { value: part, important });
  }
}

/** Longest shorthand that is taken apart. */
const MAX_SHORTHAND = 300;

function spelledOut(name: string, whole: string): (readonly [string, string])[] {
  const value = whole.slice(0, MAX_SHORTHAND);
  if (name === 'overflow') {
    const [x = '', y = x] = value.split(' ');
    return [
      ['overflow-x', x],
      ['overflow-y', y],
    ];
  }
  if (name === 'margin' || name === 'inset') {
    const [top = '', right = top, bottom = top, left = right] = value.split(' ');
    return [top, right, bottom, left].map((part, side) => [
      `${name === 'margin' ? 'margin-' : ''}${SIDES[side]}`,
      part,
    ]);
  }
  if (name === 'font') {
    const size = /(?:^| )(0|[\d.]{1,20}(?:[a-z]{2,4}|%)|inherit)(?=[ /]|$)/.exec(value)?.[1];
    return size === undefined ? [] : [['font-size', size]];
  }
  if (name === 'background') {
    const picture = /(?:url|gradient|image|image-set|element)\(/.test(value);
    return [
      ['background-image', picture ? value : 'none'],
      ['background-color', picture ? 'unknown' : colourAmong(value)],
    ];
  }
  return [[name, value]];
}

const NO_COLOUR =
  /^(?:none|no-repeat|repeat|repeat-[xy]|space|round|scroll|fixed|local|center|top|bottom|left|right|cover|contain|auto|\/|inherit|initial|unset|revert|(?:border|padding|content)-box|[-+.\d].{0,30})$/;

/** The colour of a `background`: transparent where it names none, and what is not understood where it may name one. */
function colourAmong(value: string): string {
  const words = value.split(/ (?![^(]*\))/);
  return (
    words.find((word) => !NO_COLOUR.test(word) && (parsePaint(word) || word === 'currentcolor')) ??
    words.find((word) => !NO_COLOUR.test(word)) ??
    'transparent'
  );
}
