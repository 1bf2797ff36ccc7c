/** Lines of a mail -> what stands behind each label of the support template, still as lines. */
import type { LabelField } from '../policy.ts';
import type { LabelIndex } from './label-index.ts';
import { hintAt, LABEL_WINDOW, type LabelMatch, matchLabel } from './labels.ts';
import { cut, isBlank, join, type Line, quoteDepth } from './lines.ts';
import type { Separated } from './separate.ts';

export type Entry = {
  readonly field: LabelField;
  readonly label: string;
  readonly language: string;
  readonly exact: boolean;
  /** The value stood on a line below its label. */
  readonly below: boolean;
  readonly value: readonly Line[];
};

/** Values of these may have several lines. */
const LONG_FIELDS: ReadonlySet<LabelField> = new Set(['description', 'troubleshooting', 'screenshots']);
/** A value is cut after so many lines. */
const MAX_VALUE_LINES = 400;
/** Only a line up to this length is looked through for a second label, at so many places. */
const LONGEST_SPLIT = 1_000;
const MAX_SPLITS = 16;

type Open = { match: LabelMatch; value: Line[]; below: boolean };

/**
 * Reads the template from the new lines of a mail.
 * `endsValue` tells a line that no value goes on past: a closing, a greeting.
 */
export function readTemplate(separated: Separated, labels: LabelIndex, endsValue: (line: string) => boolean): Entry[] {
  const entries: Entry[] = [];
  let open: Open | null = null;
  let language: string | null = null;
  const close = () => {
    if (open) entries.push(toEntry(open));
    open = null;
  };
  const label = (line: Line, match: LabelMatch) => {
    close();
    language ??= match.language;
    const value = withoutHint(labels, cut(line, match.valueAt));
    open = { match, value: isBlank(value) ? [] : [value], below: isBlank(value) };
  };
  for (const { line, context } of prepare(separated, labels)) {
    if (line === null) {
      close();
      continue;
    }
    const match = isBlank(line) ? null : matchLabel(labels, line.text, language);
    if (match && !continues(open, match)) {
      if (!context || match.valueAt === line.text.length) label(line, match);
    } else if (open && !context) {
      open = goOn(open, line, labels, endsValue);
      if (!open) continue;
      if (isFull(open)) close();
    }
  }
  close();
  return entries;

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

/** A label of the field that is being read, within its value, is a word of the writer's. */
function continues(open: Open | null, match: LabelMatch): boolean {
  return open !== null && open.match.field === match.field && open.value.length > 0 && LONG_FIELDS.has(match.field);
}

function isFull(open: Open): boolean {
  return LONG_FIELDS.has(open.match.field) ? open.value.length >= MAX_VALUE_LINES : open.value.length > 0;
}

function toEntry({ match, value, below }: Open): Entry {
  const last = value.findLastIndex((line) => !isBlank(line));
  const { field, label, language, exact } = match;
  return { field, label, language, exact, below, value: value.slice(0, last + 1) };
}

/** A value without the template's own hint before it, in brackets or not. */
function withoutHint(labels: LabelIndex, line: Line): Line {
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

type Prepared = { line: Line | null; context: boolean };

/** New lines one label each; quoted lines right above new ones as context (the question above an inline answer); null where history cuts in. */
function* prepare(separated: Separated, labels: LabelIndex): Generator<Prepared> {
  const { lines, old } = separated;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    if (!line) continue;
    if (old[index]) {
      if (isBlankQuote(line)) continue;
      yield { line: null, context: false };
      if (line.quoted && isAnswered(separated, index)) yield { line: cut(line, quoteDepth(line.text)), context: true };
      continue;
    }
    const columns = headerColumns(lines, index, labels);
    if (columns) {
      for (const column of columns) yield { line: column, context: false };
      index++;
    } else {
      const whole = withWrappedLabel(separated, index, labels);
      if (whole !== line) index++;
      for (const piece of splitAtLabels(whole, labels)) yield { line: piece, context: false };
    }
  }
}

/** Lines that a mail program wraps are about this long; a long label may be wrapped too. */
const WRAPPED = { shortest: 40, longest: 100 };

/** The line, with the next one joined to it when a label begins on it and ends on the next. */
function withWrappedLabel({ lines, old }: Separated, index: number, labels: LabelIndex): Line {
  const line = lines[index] as Line;
  const next = lines[index + 1];
  const { length } = line.text;
  if (length < WRAPPED.shortest || length > WRAPPED.longest || line.part !== 'text') return line;
  if (!next || old[index + 1] || isBlank(next) || matchLabel(labels, line.text)) return line;
  const joined = join([line, next], ' ');
  const match = matchLabel(labels, joined.text);
  return match?.exact && match.valueAt > length + 1 ? joined : line;
}

/** Whether the next line that is not blank is the writer's. */
function isAnswered({ lines, old }: Separated, index: number): boolean {
  for (let next = index + 1; next < lines.length && next < index + 4; next++) {
    const line = lines[next];
    if (line && !isBlank(line) && !isBlankQuote(line)) return !old[next];
  }
  return false;
}

function isBlankQuote(line: Line): boolean {
  return line.quoted && line.text.slice(quoteDepth(line.text)).trim() === '';
}

/** A row of labels above a row of values, as pairs. */
function headerColumns(lines: readonly Line[], index: number, labels: LabelIndex): Line[] | null {
  const row = lines[index]?.row;
  const below = lines[index + 1]?.row;
  if (!row || !below || row.table !== below.table || row.cells.length !== below.cells.length) return null;
  const named = row.cells.filter((cell) => cell !== null);
  const isLabel = (cell: Line) => matchLabel(labels, cell.text)?.valueAt === cell.text.length;
  if (named.length < 2 || !named.every(isLabel)) return null;
  return row.cells.flatMap((cell, column) => {
    const value = below.cells[column];
    return cell && value ? [join([cell, value], '\t')] : [];
  });
}

/** "Email: a | Product: b", "label, tab, value, tab, label, tab, value": one line per label. */
function splitAtLabels(line: Line, labels: LabelIndex): Line[] {
  const { text } = line;
  if (text.length > LONGEST_SPLIT || !/[|;\t•]/.test(text)) return [line];
  const pieces: Line[] = [];
  let from = 0;
  let tried = 0;
  for (let at = 1; at < text.length && tried < MAX_SPLITS; at++) {
    if (!/[|;\t•]/.test(text.charAt(at))) continue;
    tried++;
    const match = matchLabel(labels, text.slice(at + 1, at + 1 + LABEL_WINDOW));
    if (!match?.exact || match.valueAt >= Math.min(LABEL_WINDOW, text.length - at - 1)) continue;
    pieces.push(cut(line, from, at));
    from = at + 1;
  }
  return [...pieces, cut(line, from)];
}
