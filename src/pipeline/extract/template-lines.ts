/** The lines of a mail as a template is read from: one label each, whatever table, row or wrapped line it stood in. */
import type { LabelField } from '../../policy.ts';
import { cut, isBlank, join, type Line, quoteDepth, type Row } from '../separate/lines.ts';
import type { Separated } from '../separate/separate.ts';
import type { LabelIndex } from './label-index.ts';
import { LABEL_WINDOW } from './label-marks.ts';
import { matchLabel } from './labels.ts';
import type { LabelGuesser } from './template-guess.ts';
import { withTextTables } from './text-tables.ts';

/** Only a line up to this length is looked through for a second label, at so many places. */
const LONGEST_SPLIT = 1_000;
const MAX_SPLITS = 16;

/** Values of these may have several lines. */
export const LONG_FIELDS: ReadonlySet<LabelField> = new Set(['description', 'troubleshooting', 'screenshots']);

type Lines = Pick<Separated, 'lines' | 'old'>;
export type Prepared = { line: Line | null; context: boolean; inTable?: boolean };

/** New lines one label each; quoted lines right above new ones as context (the question above an inline answer); null where history cuts in. */
export function* prepare(typed: Separated, labels: LabelIndex, guess: LabelGuesser | null): Generator<Prepared> {
  const separated = withTextTables(typed);
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
    const rows = rowsUnder(lines, index, labels, guess);
    const heads = line.row?.cells ?? [];
    if (rows.length > 0) {
      for (const row of rows) yield* columnsOf(heads, row, labels);
      index += rows.reduce((sum, row) => sum + 1 + linesBelow(row), 0);
    } else {
      const whole = withWrappedLabel(separated, index, labels);
      if (whole !== line) index++;
      const inTable = (line.row?.cells.filter((cell) => cell !== null).length ?? 0) >= 2;
      for (const piece of splitAtLabels(whole, labels)) yield { line: piece, context: false, inTable };
    }
  }
}

/** Lines that a mail program wraps are about this long; a long label may be wrapped too. */
const WRAPPED = { shortest: 40, longest: 100 };

/** The line, with the next one joined to it when a label begins on it and ends on the next. */
function withWrappedLabel({ lines, old }: Lines, index: number, labels: LabelIndex): Line {
  const line = lines[index] as Line;
  const next = lines[index + 1];
  const { length } = line.text;
  if (length < WRAPPED.shortest || length > WRAPPED.longest || line.part !== 'text' || line.row) return line;
  if (!next || old[index + 1] || isBlank(next) || matchLabel(labels, line.text)) return line;
  const joined = join([line, next], ' ');
  const match = matchLabel(labels, joined.text);
  return match?.exact && match.valueAt > length + 1 ? joined : line;
}

/** Whether the next line that is not blank is the writer's. */
function isAnswered({ lines, old }: Lines, index: number): boolean {
  for (let next = index + 1; next < lines.length && next < index + 4; next++) {
    const line = lines[next];
    if (line && !isBlank(line) && !isBlankQuote(line)) return !old[next];
  }
  return false;
}

function isBlankQuote(line: Line): boolean {
  return line.quoted && line.text.slice(quoteDepth(line.text)).trim() === '';
}

/** Of the cells of a row at least so many are labels when it heads columns. */
const SHARE_OF_HEADS = 0.6;

/** The rows of values below a row of labels, most of them known: a second one is another request. None when it is no such row. */
function rowsUnder(lines: readonly Line[], index: number, labels: LabelIndex, guess: LabelGuesser | null): Row[] {
  const row = lines[index]?.row;
  const below = lines[index + 1]?.row;
  if (!row || !below || row.table !== below.table || row.cells.length !== below.cells.length) return [];
  const isLabel = (cell: Line, value: string) =>
    matchLabel(labels, cell.text)?.valueAt === cell.text.length ||
    guess?.(cell.text, value, null)?.valueAt === cell.text.length;
  const named = row.cells.flatMap((cell, column) => (cell ? [{ cell, value: below.cells[column]?.text ?? '' }] : []));
  const heads = named.filter(({ cell, value }) => isLabel(cell, value)).length;
  if (heads < 2 || heads < named.length * SHARE_OF_HEADS) return [];
  const rows: Row[] = [];
  for (let at = index + 1; ; ) {
    const next = lines[at]?.row;
    if (!next || next.table !== row.table || next.cells.length !== row.cells.length) return rows;
    const first = next.cells[0];
    if (first && named.length === 2 && matchLabel(labels, first.text)?.valueAt === first.text.length) return rows;
    rows.push(next);
    at += 1 + linesBelow(next);
  }
}

/** How many lines below its row belong to it. */
function linesBelow({ cells, lines = [] }: Row): number {
  return Math.max(0, (lines[cells.findLastIndex((cell) => cell !== null)]?.length ?? 1) - 1);
}

/** Each label above with the value below it, on one line, and the further lines of the value below that. */
function* columnsOf(
  heads: readonly (Line | null)[],
  { cells, lines = [] }: Row,
  labels: LabelIndex,
): Generator<Prepared> {
  for (const [column, head] of heads.entries()) {
    const cell = cells[column];
    if (!head || !cell) continue;
    const field = matchLabel(labels, head.text)?.field ?? 'description';
    const [first = cell, ...more] = LONG_FIELDS.has(field) ? (lines[column] ?? []) : [];
    yield { line: join([head, first], '\t'), context: false, inTable: true };
    for (const line of more) yield { line, context: false };
  }
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
