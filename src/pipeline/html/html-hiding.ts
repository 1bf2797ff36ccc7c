/** The ways in which a style hides an element with all that is in it. */
import { portion } from './html-colour.ts';
import type { Style } from './html-style.ts';

/** Text is off the page from here on (pixels), to the left or above. */
const OFF_PAGE = -400;
/** Margins reach further before they take their text off the page: big ones lay out columns. */
const FAR_OFF_PAGE = 10 * OFF_PAGE;
/** Boxes, scales and letters below this show nothing (pixels; parts of the whole). */
const NOTHING_WIDE = 1;
const NEARLY_NOTHING = 0.05;

const PIXELS: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 4 / 3,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 9.6 / 2.54,
  em: 16,
  rem: 16,
  ex: 8,
  ch: 8,
  // Of a window of 1,000 by 1,000.
  '%': 10,
  vw: 10,
  vh: 10,
};

/** A length in pixels, roughly; null for what is none ("auto"). */
export function pixels(value: string | undefined): number | null {
  const [, number, unit = ''] =
    /^(?:calc\( ?)?([-+]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20}))([a-z]{1,3}|%)?(?: ?\))?$/.exec(value ?? '') ?? [];
  const factor = Object.hasOwn(PIXELS, unit) ? PIXELS[unit] : undefined;
  return number === undefined || factor === undefined ? null : Number(number) * factor;
}

/** Whether nothing in the element is seen, whatever its insides say. What can be undone inside is not asked here. */
export function isHidden(style: Style): boolean {
  const value = (name: string) => style.get(name) ?? '';
  if (value('display') === 'none' || value('mso-hide') === 'all') return true;
  if (value('content-visibility') === 'hidden' || /\bopacity\( ?0?\.?0*%? ?\)/.test(value('filter'))) return true;
  return isSqueezed(style) || isMovedAway(style) || isClipped(style) || isScaledAway(style);
}

/** How much of it is left; 1 where nothing is said. */
export function opacityOf(style: Style): number {
  const opacity = portion(style.get('opacity') ?? '1');
  return Number.isNaN(opacity) ? 1 : Math.min(Math.max(opacity, 0), 1);
}

export function isFaint(opacity: number): boolean {
  return opacity < NEARLY_NOTHING;
}

export function isOutdented(indent: number): boolean {
  return indent <= OFF_PAGE;
}

function isSqueezed(style: Style): boolean {
  const flat = (name: string) => (pixels(style.get(name)) ?? Number.POSITIVE_INFINITY) <= NOTHING_WIDE;
  // Mail programs that cut at max-height do so without being told; writers of preheaders rely on it.
  if (pixels(style.get('max-height')) === 0) return true;
  const cuts = (name: string) => /^(?:hidden|clip|scroll|auto)$/.test(style.get(name) ?? '');
  // A box that cuts in one direction cuts in both (CSS Overflow 3: the other "visible" becomes "auto").
  if (!cuts('overflow-x') && !cuts('overflow-y')) return false;
  return flat('height') || flat('width') || flat('max-height') || flat('max-width');
}

function isMovedAway(style: Style): boolean {
  const lifted = /^(?:absolute|fixed|relative|sticky)$/.test(style.get('position') ?? '');
  const away = (name: string, limit: number) => {
    const length = pixels(style.get(name)) ?? 0;
    return length <= limit || length >= -FAR_OFF_PAGE;
  };
  if (lifted && ['left', 'top', 'right', 'bottom'].some((side) => away(side, OFF_PAGE))) return true;
  if (away('margin-left', FAR_OFF_PAGE) || away('margin-top', FAR_OFF_PAGE)) return true;
  const moves = /translate(?:x|y|3d)?\(([^)]{1,100})\)/.exec(style.get('transform') ?? '')?.[1] ?? '';
  return `${moves},${(style.get('translate') ?? '').replaceAll(' ', ',')}`
    .split(',')
    .map((part) => part.trim())
    .some((part) => {
      // A percentage here is of the element itself: that is how things are centred.
      const length = part.endsWith('%') ? 0 : (pixels(part) ?? 0);
      return length <= OFF_PAGE || length >= -FAR_OFF_PAGE;
    });
}

function isClipped(style: Style): boolean {
  if (/^(?:absolute|fixed)$/.test(style.get('position') ?? '')) {
    const edges = /^rect\(([^)]{1,100})\)/
      .exec(style.get('clip') ?? '')?.[1]
      ?.trim()
      .split(/[\s,]+/);
    const [top, right, bottom, left] = (edges ?? []).map((edge) => pixels(edge) ?? Number.NaN);
    if (Number(bottom) - Number(top) <= NOTHING_WIDE || Number(right) - Number(left) <= NOTHING_WIDE) return true;
  }
  return /^inset\((?:[5-9]\d|100)(?:\.\d{1,9})?%|^(?:circle|ellipse)\( ?0|^polygon\( ?(?:0(?:px|%)?[ ,]*)+\)/.test(
    style.get('clip-path') ?? '',
  );
}

function isScaledAway(style: Style): boolean {
  const inside = /scale(?:x|y|3d)?\(([^)]{1,100})\)/.exec(style.get('transform') ?? '')?.[1] ?? '';
  const parts = [...inside.split(','), ...(style.get('scale') ?? '').split(' ')];
  return parts.some((part) => Math.abs(portion(part.trim())) < NEARLY_NOTHING);
}

/** The size of letters (pixels) in a parent's of `parent`: sizes relative to nothing stay nothing. */
export function fontSize(declared: string | undefined, parent: number): number {
  if (declared === undefined || /^(?:inherit|unset|smaller|larger)$/.test(declared)) return parent;
  const relative = /^(\.?\d[\d.]{0,20})(%|em|ex)$/.exec(declared);
  if (relative)
    return (Number.parseFloat(relative[1] ?? '') * parent) / (relative[2] === '%' ? 100 : relative[2] === 'ex' ? 2 : 1);
  return pixels(declared) ?? USUAL_SIZE;
}

export const USUAL_SIZE = 16;

export function isTiny(size: number): boolean {
  return size <= NOTHING_WIDE;
}
