/** What stands behind a label -> the value of its field, and exactly where it stood. Null when it is left open ("N/A") or is no such value. */
import type { FieldName } from '../../model.ts';
import { isBlank, type Line, sourceOf } from '../separate/lines.ts';
import { fold, stripControls } from '../words/fold.ts';
import { findAddresses } from './address-text.ts';
import type { AnswerWords } from './answer-words.ts';
import { readAnswer } from './answers.ts';
import { findNamedId, type IdWords } from './id-words.ts';
import { findProduct, type ProductIndex } from './products.ts';

export type Value = {
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** Below 1 when the value is not of the kind the field asks for. */
  readonly certainty: number;
};

export type ValueWords = {
  readonly products: ProductIndex;
  readonly answers: AnswerWords;
  readonly idWords: IdWords;
  /** Folded values that say there is none. */
  readonly placeholders: ReadonlySet<string>;
};

const LONGEST_TEXT = 20_000;
const LONGEST_NAME = 300;
const UNLISTED_PRODUCT = 0.6;
const UNCLEAR_ANSWER = 0.8;

const TRIMMED = /[\s"'«»“”„*_`|<>\u00a0\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
/** "N/A" and its like are no longer, folded. */
const LONGEST_PLACEHOLDER = 60;

/** Reads the value of `field` from the lines behind its label. */
export function readValue(
  field: FieldName,
  lines: readonly Line[],
  words: ValueWords,
  language: string,
  writer: () => string = () => language,
): Value | null {
  const first = lines[0];
  const isLong = field === 'description' || field === 'troubleshooting';
  if (!first || isPlaceholder(isLong ? lines : [first], words.placeholders)) return null;
  switch (field) {
    case 'customerEmail':
    case 'superadminEmail':
      return fromLines(lines, (line) => {
        const found = findAddresses(line.text)[0];
        return found ? { ...found, value: found.address } : null;
      });
    case 'zuid':
    case 'zoid':
    case 'zgid':
    case 'serviceOrganisationId':
      return fromLines([first], (line) => findNamedId(line.text, words.idWords));
    case 'product':
      return (
        fromLines([first], (line) => {
          const found = findProduct(words.products, line.text, 'field');
          return found ? { value: found.name, start: found.start, end: found.end } : null;
        }) ?? wholeLine(first, UNLISTED_PRODUCT)
      );
    case 'reproducible': {
      const whole = wholeLine(first, 1);
      const text = lines.map((line) => line.text).join(' ');
      // The label's language, then the writer's: "tak" is Polish for yes and Indonesian for no.
      const own = words.answers.get(language);
      const byLabel = own ? readAnswer(text, new Map([[language, own]]), language) : 'unknown';
      const answer = byLabel === 'unknown' ? readAnswer(text, words.answers, writer()) : byLabel;
      return whole && answer ? { ...whole, value: answer, certainty: answer === 'unknown' ? UNCLEAR_ANSWER : 1 } : null;
    }
    case 'requestType':
      // A number is no kind of request.
      return /\p{L}/u.test(first.text) ? wholeLine(first, 1) : null;
    case 'description':
    case 'troubleshooting':
      return wholeText(lines);
  }
}

type Found = { value: string; start: number; end: number };

function fromLines(lines: readonly Line[], find: (line: Line) => Found | null): Value | null {
  for (const line of lines) {
    const found = find(line);
    const source = found && sourceOf(line, found.start, found.end);
    if (found && source) return { value: found.value, ...source, certainty: 1 };
  }
  return null;
}

/** A value on one line, without quotation marks, emphasis and brackets around it. */
function wholeLine(line: Line, certainty: number): Value | null {
  const { from, to } = trimmed(line.text, 0, Math.min(line.text.length, LONGEST_NAME));
  const source = sourceOf(line, from, to);
  const value = plain(line.text.slice(from, to));
  return source && value !== '' ? { value, ...source, certainty } : null;
}

/** A value of several lines, as the writer set them. */
function wholeText(lines: readonly Line[]): Value | null {
  const sources = lines.flatMap((line) => sourceOf(line, ...outerSpace(line.text)) ?? []);
  const [first, last] = [sources[0], sources[sources.length - 1]];
  const text = plain(lines.map((line) => line.text.trimEnd()).join('\n')).slice(0, LONGEST_TEXT);
  return first && last && text !== '' ? { value: text, start: first.start, end: last.end, certainty: 1 } : null;
}

function outerSpace(text: string): [number, number] {
  const from = text.length - text.trimStart().length;
  return [from, Math.max(from, text.trimEnd().length)];
}

function trimmed(text: string, start: number, end: number): { from: number; to: number } {
  let from = start;
  let to = end;
  while (from < to && TRIMMED.test(text.charAt(from))) from++;
  while (to > from && TRIMMED.test(text.charAt(to - 1))) to--;
  return { from, to };
}

function plain(text: string): string {
  return stripControls(text).replaceAll('\u00a0', ' ').trim();
}

/** "N/A", "-", "…", "[customer email]", "<address>", "xxx": the template filled with nothing. */
function isPlaceholder(lines: readonly Line[], placeholders: ReadonlySet<string>): boolean {
  const filled = lines.filter((line) => !isBlank(line));
  const text = filled[0]?.text.trim() ?? '';
  if (text === '') return true;
  if (filled.length > 1) return false;
  const bracketed =
    /^\[[^\]@]{0,200}\][.;]?$|^\{[^}@]{0,200}\}$|^<[^>@]{0,200}>$/.test(text) && !/^\[[^\]]*\d{5}/.test(text);
  const folded = fold(text.slice(0, 200));
  return bracketed || folded === '' || (folded.length <= LONGEST_PLACEHOLDER && placeholders.has(folded));
}
