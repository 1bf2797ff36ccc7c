/** Lines of a mail -> what stands behind each label of the support template, still as lines. */
import type { LabelField } from '../../policy.ts';
import { cut, isBlank, type Line } from '../separate/lines.ts';
import type { Separated } from '../separate/separate.ts';
import type { LabelIndex } from './label-index.ts';
import { hintAt, type LabelMatch, matchLabel } from './labels.ts';
import type { GuessedLabel, LabelGuesser } from './template-guess.ts';
import { LONG_FIELDS, type Prepared, prepare } from './template-lines.ts';

export type Entry = {
  readonly field: LabelField;
  readonly label: string;
  readonly language: string;
  readonly exact: boolean;
  /** Below 1 when no list has the label and its field was guessed. */
  readonly likeness: number;
  /** The value stood on a line below its label. */
  readonly below: boolean;
  readonly value: readonly Line[];
  /** Where its label stands in the part. */
  readonly at: number;
};

/** A value is cut after so many lines. */
const MAX_VALUE_LINES = 400;

type Open = {
  match: LabelMatch | GuessedLabel;
  at: number;
  value: Line[];
  below: boolean;
  inTable: boolean;
  /** Its label begins with a capital. */
  capital: boolean;
};

/**
 * Reads the template from the new lines of a mail.
 * `endsValue` tells a line that no value goes on past: a closing, a greeting. `guess` finds labels that are in no list; below a
 * closing it is not asked, since signatures look like labels.
 */
export function readTemplate(
  separated: Separated,
  labels: LabelIndex,
  endsValue: (line: string) => boolean,
  guess: LabelGuesser | null = null,
): Entry[] {
  const entries: Entry[] = [];
  let open: Open | null = null;
  let language: string | null = null;
  let ended = false;
  const close = () => {
    if (open) entries.push(toEntry(open));
    open = null;
  };
  const label = (line: Line, match: LabelMatch | GuessedLabel, inTable: boolean) => {
    close();
    language ??= match.language;
    const value = withoutHint(labels, cut(line, match.valueAt));
    open = {
      match,
      value: isBlank(value) ? [] : [value],
      below: isBlank(value),
      inTable,
      capital: /^\P{L}*\p{Lu}/u.test(line.text),
      at: line.runs[0]?.start ?? 0,
    };
  };
  const prepared = [...prepare(separated, labels, guess)];
  for (const [at, { line, context, inTable }] of prepared.entries()) {
    if (line === null) {
      close();
      continue;
    }
    if (isBlank(line)) {
      if (open && !context) open = goOn(open, line, labels, endsValue);
      continue;
    }
    let match: LabelMatch | GuessedLabel | null = matchLabel(labels, line.text, language);
    if (!match && entries.length > 0 && endsValue(line.text)) ended = true;
    if (!match && !context && !ended && !isContinued(open, line))
      match = guess?.(line.text, textBelow(prepared, at), language, isExpected(at), unanswered(open)) ?? null;
    if (match && ((inTable && open?.inTable) || !continues(open, match, line))) {
      if (!context || match.valueAt === line.text.length) label(line, match, inTable === true);
    } else if (inTable && open?.inTable) {
      // Another row: whatever it is called, the value above is over.
      close();
    } else if (open && !context) {
      open = goOn(open, line, labels, endsValue);
      if (!open) continue;
      if (isFull(open)) close();
    }
  }
  close();
  return entries;

  /** Two labels or more stood above, each alone on its line below a blank one, as this line does, or each before its value. */
  function isExpected(at: number): boolean {
    if (entries.length + (open ? 1 : 0) < 2) return false;
    const above = prepared[at - 1]?.line;
    const next = prepared[at + 1]?.line;
    const text = prepared[at]?.line?.text ?? '';
    return (
      entries.every((entry) => !entry.below) ||
      (!!above && isBlank(above) && !!next && (!isBlank(next) || /[:：]\s*$/.test(text)))
    );
  }

  function goOn(current: Open, line: Line, index: LabelIndex, ends: (text: string) => boolean): Open | null {
    const isLong = LONG_FIELDS.has(current.match.field);
    if (isBlank(line)) {
      if (isLong && current.value.length > 0) current.value.push(line);
      return current;
    }
    if (ends(line.text)) {
      close();
      return null;
    }
    const value = current.value.length === 0 ? withoutHint(index, line) : line;
    if (!isBlank(value)) current.value.push(value);
    return current;
  }
}

/** The field of a label that still waits for its value. */
function unanswered(open: Open | null): LabelField | null {
  return open && open.value.length === 0 ? open.match.field : null;
}

/**
 * A label of the field that is being read, within its value, is a word of the writer's; and so is a line below its label that is no
 * more than like another label of the field: "Technical support" below "Type of support".
 */
function continues(open: Open | null, match: LabelMatch | GuessedLabel, line: Line): boolean {
  if (open === null || open.match.field !== match.field) return false;
  if (open.value.length > 0) return LONG_FIELDS.has(match.field);
  return 'likeness' in match && match.valueAt === line.text.length;
}

/** A line in small letters without any mark of a label, below a label with a capital and its value: the value goes on. */
function isContinued(open: Open | null, line: Line): boolean {
  return open?.capital === true && !open.below && open.value.length > 0 && /^\s*\p{Ll}[^:=|\t?]*$/u.test(line.text);
}

function isFull(open: Open): boolean {
  return LONG_FIELDS.has(open.match.field) ? open.value.length >= MAX_VALUE_LINES : open.value.length > 0;
}

function toEntry({ match, value, below, at }: Open): Entry {
  const last = value.findLastIndex((line) => !isBlank(line));
  const { field, label, language, exact } = match;
  const likeness = 'likeness' in match ? match.likeness : 1;
  return { field, label, language, exact, likeness, below, at, value: value.slice(0, last + 1) };
}

/** A value without the template's own hint before it, in brackets or not. */
export function withoutHint(labels: LabelIndex, line: Line): Line {
  let from = 0;
  for (let round = 0; round < 3; round++) {
    const opening = /^[\s([（［]{0,8}/.exec(line.text.slice(from, from + 8))?.[0].length ?? 0;
    const length = hintAt(labels, line.text, from + opening);
    if (length === 0) break;
    const behind = /^[\s)\]）］.:：;,*-]{0,12}/.exec(
      line.text.slice(from + opening + length, from + opening + length + 12),
    );
    from += opening + length + (behind?.[0].length ?? 0);
  }
  return from === 0 ? line : cut(line, from);
}

/** The next line that says something, unless history stands between. */
function textBelow(prepared: readonly Prepared[], at: number): string {
  for (let next = at + 1; next < prepared.length && next < at + 4; next++) {
    const line = prepared[next]?.line;
    if (!line) return '';
    if (!isBlank(line)) return line.text;
  }
  return '';
}
