/** Colours of HTML mail, as far as telling text from its background needs them. */

export type Colour = readonly [red: number, green: number, blue: number];

export const WHITE: Colour = [255, 255, 255];
const NAMES: Readonly<Record<string, Colour>> = {
  white: WHITE,
  snow: [255, 250, 250],
  ivory: [255, 255, 240],
  ghostwhite: [248, 248, 255],
  whitesmoke: [245, 245, 245],
  black: [0, 0, 0],
  red: [255, 0, 0],
  green: [0, 128, 0],
  blue: [0, 0, 255],
  navy: [0, 0, 128],
  gray: [128, 128, 128],
  grey: [128, 128, 128],
  silver: [192, 192, 192],
  yellow: [255, 255, 0],
  orange: [255, 165, 0],
};

/** A colour, `transparent`, or null for what is not understood ("inherit", "windowtext", a picture). */
export function parseColour(value: string): Colour | 'transparent' | null {
  const text = value.trim().toLowerCase().slice(0, 100);
  if (text === 'transparent') return 'transparent';
  if (Object.hasOwn(NAMES, text)) return NAMES[text] ?? null;
  const hex = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/.exec(text)?.[1];
  if (hex) {
    const wide = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
    return [0, 2, 4].map((at) => Number.parseInt(wide.slice(at, at + 2), 16)) as unknown as Colour;
  }
  const parts = /^rgba?\(([^)]{1,80})\)/
    .exec(text)?.[1]
    ?.split(/[\s,/]+/)
    .filter(Boolean);
  if (!parts || parts.length < 3) return null;
  const channels = parts.map((part) => (part.endsWith('%') ? Number.parseFloat(part) * 2.55 : Number.parseFloat(part)));
  if (channels.some(Number.isNaN)) return null;
  if (parts.length > 3 && Number.parseFloat(parts[3] ?? '1') === 0) return 'transparent';
  return channels.slice(0, 3) as unknown as Colour;
}

/** No eye tells colours apart that differ by less in every channel. */
const SAME_WITHIN = 8;

export function looksLike(one: Colour, other: Colour): boolean {
  return one.every((channel, index) => Math.abs(channel - (other[index] ?? 0)) <= SAME_WITHIN);
}
