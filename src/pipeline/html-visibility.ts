/** What a reader of an HTML mail does not see: preheaders, text in its background's colour, text moved off the page. It is nobody's word. */
import { type Colour, looksLike, parseColour, WHITE } from './html-colour.ts';
import type { Declarations, StyleSheet } from './html-style.ts';

type Look = {
  readonly tiny: boolean;
  /** Null when it is not known: then the text counts as seen. */
  readonly colour: Colour | 'transparent' | null;
  readonly background: Colour | null;
};

const PLAIN: Look = { tiny: false, colour: null, background: WHITE };
/** Text is off the page from here on (pixels). */
const OFF_PAGE = -400;

export function createVisibility(sheet: StyleSheet) {
  const looks: Look[] = [];
  let look = PLAIN;
  return {
    /** Enters an element. @returns whether nothing in it is seen, whatever is inside. */
    open(attributes: Readonly<Record<string, string>>): boolean {
      looks.push(look);
      const { style, class: className, id, color, bgcolor } = attributes;
      if ('hidden' in attributes) return true;
      const plain = style === undefined && className === undefined && id === undefined;
      if (plain && color === undefined && bgcolor === undefined && attributes.background === undefined) return false;
      const declarations = sheet.of(attributes);
      if (isHidden(declarations)) return true;
      look = lookOf(look, declarations, attributes);
      return false;
    },
    close(): void {
      look = looks.pop() ?? PLAIN;
    },
    /** Whether text at this place is seen. */
    isSeen(): boolean {
      const { tiny, colour, background } = look;
      if (tiny || colour === 'transparent') return false;
      return colour === null || background === null || !looksLike(colour, background);
    },
  };
}

function isHidden(style: Declarations): boolean {
  const value = (name: string) => style.get(name) ?? '';
  if (value('display') === 'none' || /^(?:hidden|collapse)$/.test(value('visibility'))) return true;
  if (value('mso-hide') === 'all') return true;
  if (style.has('opacity') && Number.parseFloat(value('opacity')) === 0) return true;
  const clipped = /hidden|clip/.test(value('overflow'));
  if (isZero(value('max-height')) || (clipped && (isZero(value('height')) || isZero(value('width'))))) return true;
  if (isZero(value('max-width')) && clipped) return true;
  const lifted = /^(?:absolute|fixed)$/.test(value('position'));
  if (lifted && ['left', 'top', 'right', 'bottom'].some((side) => pixels(value(side)) <= OFF_PAGE)) return true;
  if (lifted && /^rect\((?:[01](?:px)?[\s,]*){4}\)/.test(value('clip'))) return true;
  if (pixels(value('text-indent')) <= OFF_PAGE || pixels(value('margin-left')) <= OFF_PAGE * 10) return true;
  return /^inset\((?:50|100)%/.test(value('clip-path')) || /scale\(0\)/.test(value('transform'));
}

function lookOf(parent: Look, style: Declarations, attributes: Readonly<Record<string, string>>): Look {
  const named = style.get('color') ?? attributes.color;
  const colour = named === undefined || named === 'inherit' ? parent.colour : parseColour(named);
  return { tiny: tinyOf(parent.tiny, style), colour, background: backgroundOf(parent.background, style, attributes) };
}

/** Sizes relative to nothing stay nothing: only an absolute one ends it. */
function tinyOf(parent: boolean, style: Declarations): boolean {
  const size = style.get('font-size') ?? /(?:^|\s)(\d{1,3}(?:\.\d{1,3})?(?:px|pt))/.exec(style.get('font') ?? '')?.[1];
  if (size === undefined || size === '' || size === 'inherit') return parent;
  const number = Number.parseFloat(size);
  if (Number.isNaN(number)) return false;
  if (/%|em|ex$/.test(size)) return parent || number === 0;
  return number <= 1;
}

function backgroundOf(
  parent: Colour | null,
  style: Declarations,
  attributes: Readonly<Record<string, string>>,
): Colour | null {
  if (attributes.background !== undefined || style.has('background-image')) return null;
  const named = style.get('background-color') ?? style.get('background') ?? attributes.bgcolor;
  if (named === undefined || named === '' || named === 'none' || named === 'inherit') return parent;
  const colour = parseColour(named) ?? parseColour(named.split(/\s+/, 1)[0] ?? '');
  return colour === 'transparent' ? parent : colour;
}

function isZero(value: string): boolean {
  return value !== '' && /^0(?:\.0+)?(?:px|pt|em|%)?$/.test(value);
}

/** In pixels, roughly; 0 for none. */
function pixels(value: string): number {
  const number = Number.parseFloat(value);
  if (Number.isNaN(number)) return 0;
  return /em$/.test(value) ? number * 16 : number;
}
