/**
 * What a reader of an HTML mail does not see: preheaders, text in its background's colour, text moved off the page. It is nobody's word.
 *
 * To hide what is visible loses the partner's words; to show what is hidden lets in words that nobody at the other end
 * stands by. So a rule counts exactly where its selector matches: neither error is invited. Where that cannot be known it is
 * decided by property. A colour or background that is not understood shows its text (dark pages are common, and white
 * text on a picture is too); a rule whose selector is not understood hides nothing (such are for one program or a pointer).
 */
import { type Colour, LINK, looksLike, over, type Paint, parsePaint, THIN, WHITE } from './html-colour.ts';
import { fontSize, isFaint, isHidden, isOutdented, isTiny, opacityOf, pixels, USUAL_SIZE } from './html-hiding.ts';
import type { Element } from './html-selector.ts';
import type { Style, StyleSheet } from './html-style.ts';

type Attributes = Readonly<Record<string, string>>;
type Look = {
  readonly visible: boolean;
  readonly size: number;
  readonly indent: number;
  readonly opacity: number;
  /** Null when it is not known: then the text counts as seen. `fill` takes the place of the colour if there is one. */
  readonly colour: Paint | null;
  readonly fill: Paint | null;
  readonly background: Colour | null;
};
type Open = { readonly element: Element; readonly look: Look; last: Element | null; children: number };

const PLAIN: Look = {
  visible: true,
  size: USUAL_SIZE,
  indent: 0,
  opacity: 1,
  colour: null,
  fill: null,
  background: WHITE,
};

/** How much is believed of what hides text: all of it, all but colours (the likeliest to be misread), or nothing. */
export const BELIEFS = ['all', 'shape', 'none'] as const;
export type Belief = (typeof BELIEFS)[number];

const MAX_CLASSES = 50;
/** Elements that hide what is in them until a script or a click says otherwise. */
const CLOSED = new Set(['dialog']);

export function createVisibility(sheet: StyleSheet, belief: Belief) {
  const html = elementOf('html', {}, null);
  const body = elementOf('body', {}, { element: html, look: PLAIN, last: null, children: 0 });
  // Mails without these elements have them all the same, with what the sheet says of them.
  const page = lookOf(lookOf(PLAIN, sheet.of(html), html), sheet.of(body), body);
  const root: Open = { element: body, look: page, last: null, children: 0 };
  const stack: Open[] = [];
  const top = () => stack[stack.length - 1] ?? root;
  return {
    /** Enters an element. @returns whether nothing in it is seen, whatever is inside. */
    open(name: string, attributes: Attributes): boolean {
      const parent = top();
      const element = elementOf(name, attributes, name === 'html' ? null : parent);
      parent.last = element;
      parent.children++;
      const style = sheet.of(element);
      const look = lookOf(parent.look, style, element);
      stack.push({ element, look, last: null, children: 0 });
      if (belief === 'none') return false;
      if ('hidden' in attributes && !style.has('display')) return true;
      if (CLOSED.has(name) && !('open' in attributes)) return true;
      return isHidden(style) || isFaint(look.opacity);
    },
    close(): void {
      stack.pop();
    },
    /** Whether text at this place is seen. */
    isSeen(): boolean {
      const { visible, size, indent, colour, fill, background } = top().look;
      if (belief === 'none') return true;
      if (!visible || isTiny(size) || isOutdented(indent)) return false;
      const paint = fill ?? colour;
      if (belief === 'shape' || paint === null) return true;
      return paint.alpha > THIN && (background === null || !looksLike(over(paint, background), background));
    },
  };
}

function elementOf(name: string, attributes: Attributes, open: Open | null): Element {
  const classes = attributes.class === undefined ? [] : attributes.class.split(/\s+/, MAX_CLASSES).filter(Boolean);
  let parent = open?.element ?? null;
  // Browsers put in the tbody that nobody writes, and style sheets count on it.
  if (name === 'tr' && parent?.name === 'table') parent = elementOf('tbody', {}, open);
  return { name, attributes, classes, parent, previous: open?.last ?? null, index: (open?.children ?? 0) + 1 };
}

const FROM_PARENT = /^(?:inherit|unset|revert|revert-layer)$/;

function lookOf(parent: Look, style: Style, element: Element): Look {
  const { name, attributes } = element;
  if (style.size === 0 && !hasLook(attributes) && name !== 'a') return parent;
  const visibility = style.get('visibility') ?? 'inherit';
  const indent = style.get('text-indent');
  const colour = colourOf(parent.colour, style.get('color') ?? presented(element));
  return {
    visible: FROM_PARENT.test(visibility) ? parent.visible : !/^(?:hidden|collapse)$/.test(visibility),
    size: fontSize(style.get('font-size'), parent.size),
    indent: indent === undefined ? parent.indent : (pixels(indent) ?? parent.indent),
    opacity: parent.opacity * opacityOf(style),
    colour,
    fill: colourOf(parent.fill, style.get('text-fill-color')),
    background: backgroundOf(parent.background, style, attributes, colour),
  };
}

function hasLook({ color, text, bgcolor, background }: Attributes): boolean {
  return color !== undefined || text !== undefined || bgcolor !== undefined || background !== undefined;
}

/** The colour that an element's kind or an attribute gives it; a link is blue until somebody says otherwise. */
function presented({ name, attributes }: Element): string | undefined {
  if (name === 'a' && attributes.href !== undefined) return `rgb(${LINK.join()})`;
  return attributes.color ?? (name === 'body' ? attributes.text : undefined);
}

function colourOf(parent: Paint | null, named: string | undefined): Paint | null {
  if (named === undefined || FROM_PARENT.test(named) || named === 'currentcolor') return parent;
  return parsePaint(named);
}

function backgroundOf(
  parent: Colour | null,
  style: Style,
  attributes: Attributes,
  colour: Paint | null,
): Colour | null {
  const image = style.get('background-image') ?? (attributes.background === undefined ? 'none' : 'url()');
  if (!/^(?:none|initial|inherit|unset)$/.test(image)) return null;
  const named = style.get('background-color') ?? attributes.bgcolor;
  if (named === undefined || named === '' || FROM_PARENT.test(named) || named === 'initial') return parent;
  const paint = named === 'currentcolor' ? colour : parsePaint(named);
  if (paint === null) return null;
  if (paint.alpha === 1) return paint.colour;
  if (parent === null) return paint.alpha === 0 ? parent : null;
  return over(paint, parent);
}
