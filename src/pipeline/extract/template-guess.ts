/** A line that looks like a label in front of a value that fits it, though no list has that label. */
import type { LabelField } from '../../policy.ts';
import { fold, foldCompact, foldWords } from '../words/fold.ts';
import { findAny } from '../words/phrases.ts';
import type { Reading } from '../words/reading.ts';
import { lengthInWords } from '../words/word-count.ts';
import { findAddresses } from './address-text.ts';
import { readAnswer } from './answers.ts';
import { findId } from './ids.ts';
import { type Guess, guessIndexOf, guessLabel } from './label-guess.ts';
import { separatorAt, skipPrefix } from './label-marks.ts';
import type { LabelMatch } from './labels.ts';
import { findProduct } from './products.ts';

/** Finds the label a line begins with by likeness; `below` is the text of the next line that is not blank. */
export type LabelGuesser = (
  text: string,
  below: string,
  prefer: string | null,
  /** The line has the shape of the labels above it. */
  expected?: boolean,
  /** The field of the label above that has no value yet. */
  above?: LabelField | null,
) => GuessedLabel | null;

export type GuessedLabel = LabelMatch & {
  /** 0 to 1: how like the labels of its field it is. */
  readonly likeness: number;
};

/** Lines one mail may have guessed: a page of "name: value" costs no more. */
const MOST_GUESSES = 400;
const LONGEST_LABEL = 90;
const MOST_WORDS = 14;
const LONGEST_VALUE = 90;
const LONGEST_TYPE = 56;
/** How like a known label it has to be: little where the value is proof (an address, digits), much where any text would do. */
const NAMED = 0.15;
const PROVEN = 0.34;
const LIKELY = 0.5;
const ALONE = 0.56;
/** One short word ("Steps:") is the end of many labels and the whole of few. */
const SURE = 0.85;
const SHORT_LABEL = 9;
const NAMES_IT = 0.55;
/** What a value that fits a field of its own kind is worth, and a place where a label is due. */
const PROOF = 0.2;
const IN_LINE = 0.14;
/** The likeliest field is to be ahead of the next by so much. */
const AHEAD = 0.04;

const ASKED: ReadonlySet<LabelField> = new Set(['reproducible', 'description', 'troubleshooting']);

const BETWEEN = /[\s:：꞉ː=＝|¦→»*_"'?？؟\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;

/** "label - value", "label? - value": not the dash that stands for no value. */
const DASH = /^[-–—]\s{1,6}(?=\S)/;

export function createGuesser(reading: Reading, isForeign: (address: string) => boolean): LabelGuesser {
  const index = guessIndexOf(reading.labels);
  const superadmin = reading.superadmin.names.map((name) => name.join('')).filter((name) => name.length >= 4);
  let guesses = 0;

  return (text, below, prefer, expected = false, above = null) => {
    const head = headOf(text);
    if (!head || guesses++ >= MOST_GUESSES || (head.alone && answers(above, text))) return null;
    const value = head.valueAt < text.length ? text.slice(head.valueAt, head.valueAt + 300) : below.slice(0, 300);
    const fitting = withSuperadmin(guessLabel(index, head.label), text.slice(0, head.valueAt)).filter(
      ({ field }) => fits(field, value) && (!head.question || ASKED.has(field)),
    );
    const candidates = fitting
      .map((guess) => ({ ...guess, rank: guess.likeness + (isProven(guess.field, value, reading) ? PROOF : 0) }))
      .sort((a, b) => b.rank - a.rank);
    const [first, second] = candidates;
    if (!first || first.likeness < needed(first.field, head, value, expected)) return null;
    if (second && first.rank - second.rank < AHEAD) return null;
    const { field, label, likeness } = first;
    return { field, label, language: prefer ?? first.language, exact: false, valueAt: head.valueAt, likeness };
  };

  /** "No, only the customer sees it" below "Can you reproduce it?" is its answer, whatever label it is like. */
  function answers(above: LabelField | null, text: string): boolean {
    if (above === 'requestType') return isProven(above, text, reading);
    return above === 'reproducible' && !['unknown', null].includes(readAnswer(text, reading.answers, ''));
  }

  /** The field by a name of its own: "ZOID …", "… Zoho …" before a product, "… reproduce …" before a yes or no. */
  function isNamed(field: LabelField, label: string): boolean {
    if (field === 'product') return /zoho/i.test(label);
    if (field === 'reproducible') return findAny(foldWords(label), reading.reproduced.stems) !== -1;
    return /z[uog]id/i.test(label);
  }

  /** A label that names the super admin asks for that address and no other, whatever else it says. */
  function withSuperadmin(guesses: Guess[], whole: string): Guess[] {
    const label = whole.trim().slice(0, LONGEST_LABEL);
    const compact = foldCompact(label);
    if (/z[uog]id/.test(compact) || !superadmin.some((name) => compact.includes(name))) return guesses;
    const others = guesses.filter(({ field }) => !field.endsWith('Email'));
    const likeness = Math.max(NAMES_IT, guesses.find(({ field }) => field === 'superadminEmail')?.likeness ?? 0);
    const language = guesses[0]?.language ?? reading.fallbackLanguage;
    return [{ field: 'superadminEmail', label, language, likeness }, ...others];
  }

  function fits(field: LabelField, value: string): boolean {
    switch (field) {
      case 'customerEmail':
      case 'superadminEmail': {
        const found = findAddresses(value)[0];
        return isOpen(value) || (found !== undefined && found.start < 40 && isForeign(found.address));
      }
      case 'zuid':
      case 'zoid':
      case 'zgid':
      case 'serviceOrganisationId':
        return isOpen(value) || (findId(value)?.start ?? 99) < 20;
      case 'product':
        return isOpen(value) || namesProduct(value);
      case 'reproducible':
        return isOpen(value) || readAnswer(value, reading.answers, '') !== 'unknown';
      case 'requestType':
        return value.length < LONGEST_TYPE && !value.includes('@') && (value.trim() === '' || /\p{L}/u.test(value));
      default:
        return findAddresses(value)[0]?.start !== 0 && (findId(value)?.start ?? 1) > 0;
    }
  }

  /** A product's name, and of an everyday word ("mail") nothing else beside it. */
  function namesProduct(value: string): boolean {
    const found = value.length < LONGEST_VALUE ? findProduct(reading.products, value, 'field') : null;
    return found !== null && (found.strong || fold(value) === fold(value.slice(found.start, found.end)));
  }

  function needed(field: LabelField, { alone, label }: Head, value: string, expected: boolean): number {
    if (isProven(field, value, reading)) {
      if (isNamed(field, label)) return NAMED;
      return alone && !expected && !field.endsWith('Email') ? LIKELY : PROVEN;
    }
    if (!/\s/.test(label) && label.length < SHORT_LABEL && !isUnspaced(label)) return SURE;
    return (alone ? ALONE : LIKELY) - (expected ? IN_LINE : 0);
  }
}

/** Whether the value itself speaks for the field. */
function isProven(field: LabelField, value: string, { requestTypes }: Reading): boolean {
  if (field === 'requestType') return requestTypes.has(foldCompact(value.slice(0, LONGEST_VALUE)));
  return !isOpen(value) && !['description', 'troubleshooting', 'screenshots'].includes(field);
}

/** Nothing that could be judged: blank, "N/A", "-", "[…]". */
function isOpen(value: string): boolean {
  return value.trim().length <= 3 || /^\s{0,9}[[<{(（［][^\])}>）］@]{0,200}[\])}>）］]?\s{0,9}$/.test(value);
}

type Head = {
  readonly label: string;
  readonly valueAt: number;
  readonly alone: boolean;
  /** The value follows a question mark. */
  readonly question: boolean;
};

/** What stands before the first separator outside brackets; the whole of a short line that has none. */
function headOf(text: string): Head | null {
  const from = skipPrefix(text);
  const end = separatorAt(text, from, 'question or column');
  if (end === -1) {
    const label = withoutBrackets(text.slice(from));
    return text.length - from <= LONGEST_LABEL && isLabelLike(label)
      ? { label, valueAt: text.length, alone: true, question: false }
      : null;
  }
  const label = withoutBrackets(text.slice(from, end));
  if (!isLabelLike(label)) return null;
  let valueAt = end;
  while (valueAt < text.length && BETWEEN.test(text.charAt(valueAt))) valueAt++;
  const dash =
    valueAt === end || /[?？؟]/.test(text.slice(end, valueAt)) ? DASH.exec(text.slice(valueAt, valueAt + 8)) : null;
  valueAt += dash?.[0].length ?? 0;
  return { label, valueAt, alone: false, question: /[?？؟]/.test(text.charAt(end)) };
}

/** A stop that ends a sentence: not that of an abbreviation at the start of a label ("Cust. email"). */
const SENTENCE = /[.!。！]\s*$|(?<!^\p{L}[\p{L}\p{M}]{0,3})\.\s|[!?؟]\s|[。！？]/u;

function isLabelLike(label: string): boolean {
  if (label.includes('@') || label.length > LONGEST_LABEL || SENTENCE.test(label)) return false;
  const length = lengthInWords(fold(label));
  return length > 0 && length <= MOST_WORDS;
}

/** Chinese, Japanese, Korean, Thai: a word in every character, and few spaces. */
function isUnspaced(label: string): boolean {
  return /[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(label);
}

function withoutBrackets(label: string): string {
  return label
    .replace(/[([（［][^)\]）］]{0,120}[)\]）］]?/g, (remark) => (/z[uog]id/i.test(remark) ? remark : ' '))
    .trim();
}
