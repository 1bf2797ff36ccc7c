/** Colours of HTML mail, as far as telling text from its background needs them. */
import { COLOUR_NAMES } from './html-colour-names.ts';

export type Colour = readonly [red: number, green: number, blue: number];
/** A colour and how much of it there is: 0 is transparent, 1 hides what is behind it. */
export type Paint = { readonly colour: Colour; readonly alpha: number };

export const WHITE: Colour = [255, 255, 255];
export const LINK: Colour = [0, 0, 238];
const BLACK: Colour = [0, 0, 0];

/** Null for what is not understood ("inherit", "windowtext", a picture): text is then taken for seen. */
export function parsePaint(value: string): Paint | null {
  const text = value.trim().toLowerCase().slice(0, 100);
  if (text === 'transparent') return { colour: BLACK, alpha: 0 };
  const hex = /^#?([0-9a-f]{3,8})$/.exec(COLOUR_NAMES.get(text) ?? text)?.[1];
  if (hex) return ofHex(hex);
  const [, name = '', list = ''] = /^(rgb|hsl)a?\(([^)]{1,80})\)$/.exec(text) ?? [];
  const parts = list.split(/[\s,/]+/).filter(Boolean);
  if (parts.length < 3 || parts.length > 4) return null;
  const alpha = parts[3] === undefined ? 1 : portion(parts[3]);
  const colour = name === 'rgb' ? parts.slice(0, 3).map(channel) : ofHsl(parts);
  if ([...colour, alpha].some(Number.isNaN)) return null;
  return { colour: colour.map((one) => clamp(one, 255)) as unknown as Colour, alpha: clamp(alpha, 1) };
}

/** Three, four, six or eight digits; the last of four and eight are the alpha. */
function ofHex(hex: string): Paint | null {
  if (hex.length === 5 || hex.length === 7) return null;
  const wide = hex.length < 6 ? [...hex].map((digit) => digit + digit).join('') : hex;
  const [red = 0, green = 0, blue = 0, alpha = 255] = (wide.match(/../g) ?? []).map((pair) =>
    Number.parseInt(pair, 16),
  );
  return { colour: [red, green, blue], alpha: alpha / 255 };
}

/** CSS Color 4, "Converting HSL colors to sRGB". */
function ofHsl(parts: readonly string[]): number[] {
  const [angle = '', saturationPart = '', lightnessPart = ''] = parts;
  const turn = angle.endsWith('turn') ? 360 : angle.endsWith('grad') ? 0.9 : angle.endsWith('rad') ? 180 / Math.PI : 1;
  const hue = Number.parseFloat(angle) * turn;
  const saturation = clamp(Number.parseFloat(saturationPart) / 100, 1);
  const lightness = clamp(Number.parseFloat(lightnessPart) / 100, 1);
  return [0, 8, 4].map((n) => {
    const k = (((n + hue / 30) % 12) + 12) % 12;
    return 255 * (lightness - saturation * Math.min(lightness, 1 - lightness) * clampTo(Math.min(k - 3, 9 - k), -1, 1));
  });
}

const channel = (part: string) => (part.endsWith('%') ? Number.parseFloat(part) * 2.55 : Number.parseFloat(part));
const clampTo = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
const clamp = (value: number, high: number) => clampTo(value, 0, high);

/** A number or a percentage as a number; NaN for anything else. */
export function portion(text: string): number {
  return text.endsWith('%') ? Number.parseFloat(text) / 100 : Number.parseFloat(text);
}

/** What is seen of a paint on a ground. */
export function over({ colour, alpha }: Paint, ground: Colour): Colour {
  return colour.map((one, index) => one * alpha + (ground[index] ?? 0) * (1 - alpha)) as unknown as Colour;
}

/** No eye tells colours apart that differ by less in every channel. */
const SAME_WITHIN = 8;
/** Paint as thin as this changes no ground by more. */
export const THIN = SAME_WITHIN / 255;

export function looksLike(one: Colour, other: Colour): boolean {
  return one.every((part, index) => Math.abs(part - (other[index] ?? 0)) <= SAME_WITHIN);
}
