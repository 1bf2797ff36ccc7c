/** Finds the label a line begins with, whatever stands before it (bullets, numbers) and between it and its value. */

import { foldCompact, foldWords, UNSPACED, type Word } from '../words/fold.ts';
import { nearestKey } from '../words/near-miss.ts';
import { abbreviated } from './abbreviations.ts';
import { findAddresses } from './address-text.ts';
import { findId } from './ids.ts';
import type { Label, LabelIndex } from './label-index.ts';
import { DASH, LABEL_WINDOW, SEPARATOR, separatorAt, skipPrefix } from './label-marks.ts';

export type LabelMatch = Label & {
  readonly exact: boolean;
  /** Where the value begins in the line; the line's length when the label stands alone. */
  readonly valueAt: number;
};

/** A bracketed remark behind a label is no longer than this. */
const LONGEST_REMARK = 200;
const ID_FIELDS: ReadonlySet<string> = new Set(['zuid', 'zoid', 'zgid', 'serviceOrganisationId']);
/** As many spaces side by side stand for a tab. */
const COLUMN_GAP = 3;

/** No label of the policy has one. */
const COLON = /[:：꞉﹕︰=＝\t]/;
const QUESTION = /[?？؟]/;
const OPENING = /[([（［【〔]/;
const CLOSING = /[)\]）］】」』〕》]/;
/** "Reproducible [x] yes [ ] no": what stands behind it is the value. */
const TICK_BOX = /^[[(][xX✓✔\s_]?[\])]/;
/** Where words are not set apart, a wide space ends a label. */
const WIDE_SPACE = '\u3000';
const PASSED_OVER = /[\s*_"'»”’.\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;

/** The label at the start of `text`, the longest that fits. `prefer` decides between languages that share a spelling. */
export function matchLabel(index: LabelIndex, text: string, prefer: string | null = null): LabelMatch | null {
  const start = skipPrefix(text);
  const words = foldWords(text, start, Math.min(text.length, start + LABEL_WINDOW));
  const candidates: { key: string; end: number }[] = [];
  let key = '';
  for (const word of words) {
    key += word.text;
    if (key.length > index.longest) break;
    if (index.exact.has(key) && !isDivided(text, start, word.end)) candidates.push({ key, end: word.end });
  }
  for (const candidate of candidates.reverse()) {
    const label = choose(index.exact.get(candidate.key) ?? [], prefer);
    const valueAt =
      valueAfter(index, text, candidate.end) ?? (label ? bareValueAfter(label, text, candidate.end) : null);
    if (label && valueAt !== null) return { ...label, exact: true, valueAt };
  }
  return nearMiss(index, text, start, words, prefer);
}

/** A colon within the words of a label parts a shorter label from its value: of "…được: không" the answer is no part. */
function isDivided(text: string, from: number, to: number): boolean {
  return COLON.test(text.slice(from, to));
}

function choose(labels: readonly Label[], prefer: string | null): Label | undefined {
  return labels.find((label) => label.language === prefer) ?? labels[0];
}

/** "ZUID 650456410", "Super admin ann@client.example": no separator, and nothing else on the line than an id or an address. */
function bareValueAfter({ field }: Label, text: string, from: number): number | null {
  const rest = text.slice(from, from + LABEL_WINDOW);
  if (from + rest.length < text.length || !/^[\s\u00a0]/.test(rest)) return null;
  const found = field.endsWith('Email') ? findAddresses(rest)[0] : ID_FIELDS.has(field) ? findId(rest) : undefined;
  if (!found || !/^[\s\u00a0#<(["'*_]{0,6}$/.test(rest.slice(0, found.start))) return null;
  return /^[\s\u00a0>)\]"'*_.,;]{0,12}$/.test(rest.slice(found.end)) ? from + found.start : null;
}

/** Where the value begins behind a label that ends at `from`; null when what follows shows that it was no label. */
function valueAfter(index: LabelIndex, text: string, from: number): number | null {
  let separated = false;
  let column = 0;
  let hintEnd = -1;
  let cursor = from;
  while (cursor < text.length && cursor < from + LABEL_WINDOW) {
    const character = text.charAt(cursor);
    if (SEPARATOR.test(character)) {
      separated = true;
    } else if (DASH.test(character)) {
      if (separated ? text[cursor - 1] !== ':' : !isLooseDash(text, cursor)) break;
      separated = true;
    } else if (QUESTION.test(character) || (CLOSING.test(character) && (cursor === from || cursor === hintEnd))) {
      column = COLUMN_GAP;
    } else if (!separated && OPENING.test(character) && !TICK_BOX.test(text.slice(cursor, cursor + 3))) {
      const close = closingOf(text, cursor);
      if (close === -1) break;
      if (isHint(index, text.slice(cursor, close))) column = COLUMN_GAP;
      cursor = close;
    } else if (PASSED_OVER.test(character)) {
      if (character === WIDE_SPACE) column = COLUMN_GAP;
      if (!separated && column < COLUMN_GAP && (character === ' ' || character === '\u00a0')) column++;
    } else {
      const hint = separated ? 0 : hintAt(index, text, cursor);
      if (hint === 0) break;
      column = COLUMN_GAP;
      cursor += hint - 1;
      hintEnd = cursor + 1;
    }
    cursor++;
  }
  if (text.slice(cursor, cursor + 1) === '') return text.length;
  return separated || column >= COLUMN_GAP ? cursor : null;
}

function isLooseDash(text: string, at: number): boolean {
  return at + 1 === text.length || /\s/.test(text.charAt(at - 1)) || /\s/.test(text.charAt(at + 1));
}

function closingOf(text: string, open: number): number {
  for (let index = open + 1; index < text.length && index < open + LONGEST_REMARK; index++) {
    if (CLOSING.test(text.charAt(index))) return index;
  }
  return -1;
}

function isHint(index: LabelIndex, remark: string): boolean {
  const folded = foldCompact(remark);
  for (const hint of index.hints) if (folded.startsWith(hint)) return true;
  return false;
}

/**
 * Length of the hint of the template that begins at `from`; 0 when none does. A hint ends where a word ends; in a script without
 * spaces, where no further letter follows ("if any" is a hint, "if any error occurs" is not).
 */
export function hintAt(index: LabelIndex, text: string, from: number): number {
  const words = foldWords(text, from, Math.min(text.length, from + LABEL_WINDOW));
  let key = '';
  let length = 0;
  for (const word of words) {
    key += word.text;
    if (index.hints.has(key) && !isMidSentence(text, word.end)) length = word.end - from;
  }
  return length;
}

function isMidSentence(text: string, at: number): boolean {
  return UNSPACED.test(text.slice(at - 1, at)) && /^\p{L}/u.test(text.slice(at, at + 2));
}

/** A misspelt or a shortened label: only in front of a separator, and only when one field is clearly meant. */
function nearMiss(
  index: LabelIndex,
  text: string,
  start: number,
  words: readonly Word[],
  prefer: string | null,
): LabelMatch | null {
  const end = separatorAt(text, start);
  if (end === -1) return null;
  const opening = text.slice(start, end).search(OPENING);
  const until = opening === -1 ? end : start + opening;
  const head = words.filter((word) => word.end <= until);
  const short = abbreviated(index, text, head, prefer);
  const key = short ? null : nearestKey(index, head.map((word) => word.text).join(''));
  const label = short ?? (key === null ? undefined : choose(index.exact.get(key) ?? [], prefer));
  const valueAt = label ? valueAfter(index, text, end) : null;
  return label && valueAt !== null ? { ...label, exact: false, valueAt } : null;
}
