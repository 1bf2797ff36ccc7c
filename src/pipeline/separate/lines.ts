/** Lines that know where they came from: every character of a line can be traced to its place in the decoded part. */
import type { FieldSource } from '../../model.ts';

/** A stretch of a line and the stretch of the part it shows. They differ in length where an entity or a run of spaces was read as one. */
export type Run = {
  readonly at: number;
  readonly length: number;
  readonly start: number;
  readonly sourceLength: number;
};

export type Row = {
  readonly table: number;
  readonly cells: readonly (Line | null)[];
  /** The lines of each cell, where cells may have several; those of the last one but its first stand below the row as well. */
  readonly lines?: readonly (readonly Line[])[];
};

export type Line = {
  readonly text: string;
  readonly part: FieldSource['part'];
  readonly runs: readonly Run[];
  /** The mail itself marks it as quoted: `>` in text, blockquote in HTML. */
  readonly quoted: boolean;
  /** What the mail program said of the line in HTML: the line above a quotation, the beginning of older mail, a signature. */
  readonly mark?: 'attribution' | 'history' | 'signature';
  /** The row of a table this line shows; null for a cell that is empty. */
  readonly row?: Row;
};

/** More lines than this are read as one last line: nobody fills a form there. */
export const MAX_LINES = 20_000;

/** A line whose text stands in the part as it is. */
export function plainLine(text: string, part: Line['part'], start: number, quoted = false): Line {
  return { text, part, runs: [{ at: 0, length: text.length, start, sourceLength: text.length }], quoted };
}

/** The lines of a decoded text part, `>` marks left in. */
export function linesOf(text: string, part: Line['part'] = 'text'): Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start <= text.length) {
    const newline = lines.length < MAX_LINES ? text.indexOf('\n', start) : -1;
    const end = newline === -1 ? text.length : newline;
    lines.push(plainLine(text.slice(start, end), part, start, quoteDepth(text, start, end) > start));
    if (newline === -1) break;
    start = newline + 1;
  }
  return lines;
}

/** Where the text of a line begins behind its `>` marks; `from` when it has none. */
export function quoteDepth(text: string, from = 0, to = text.length): number {
  let index = from;
  let behind = from;
  for (; index < to; index++) {
    const character = text[index];
    if (character === '>') behind = index + 1;
    else if (character !== ' ' && character !== '\t' && character !== '\u00a0') break;
  }
  return behind;
}

/** `line.text.slice(from, to)` as a line of its own. */
export function cut(line: Line, from: number, to = line.text.length): Line {
  if (from === 0 && to === line.text.length) return line;
  const runs: Run[] = [];
  for (const run of line.runs) {
    const first = Math.max(from, run.at);
    const last = Math.min(to, run.at + run.length);
    if (first >= last) continue;
    const exact = run.length === run.sourceLength;
    runs.push({
      at: first - from,
      length: last - first,
      start: exact ? run.start + (first - run.at) : run.start,
      sourceLength: exact ? last - first : run.sourceLength,
    });
  }
  return { text: line.text.slice(from, to), part: line.part, runs, quoted: line.quoted };
}

/** Lines joined to one, `between` standing for nothing in the source. */
export function join(lines: readonly Line[], between: string): Line {
  const runs: Run[] = [];
  let text = '';
  lines.forEach((line, index) => {
    if (index > 0) text += between;
    for (const run of line.runs) runs.push({ ...run, at: run.at + text.length });
    text += line.text;
  });
  return { text, part: lines[0]?.part ?? 'text', runs, quoted: lines.every((line) => line.quoted) };
}

/** Where `line.text.slice(from, to)` stands in its part; null when nothing of it does. */
export function sourceOf(line: Line, from: number, to: number): { start: number; end: number } | null {
  const { runs } = cut(line, from, to);
  const first = runs[0];
  const last = runs[runs.length - 1];
  return first && last ? { start: first.start, end: last.start + last.sourceLength } : null;
}

export function isBlank(line: Line): boolean {
  return line.text.trim() === '';
}

/** The text people read: lines joined, blank lines at both ends dropped. */
export function textOf(lines: readonly Line[]): string {
  return lines
    .map((line) => line.text.trimEnd())
    .join('\n')
    .replace(/^\n+/, '')
    .trimEnd();
}
