/** Tables that people type: "| label | value |", with or without outer strokes, with rules of dashes, in frames of "+---+". */
import { cut, isBlank, join, type Line } from '../separate/lines.ts';
import type { Separated } from '../separate/separate.ts';

const STROKE = /[|│┃║]/;
const OUTER = /^\s{0,8}[|│┃║].{0,2000}[|│┃║]\s{0,8}$/;
/** "|---|:---:|", "---|---", "+-----+=====+", "├──┼──┤": nothing but strokes, and dashes among them. */
const RULE = /^[\s|+:=\-─-╿]{3,400}$/;
const DASHES = /[-=─━═]{2}/;
const JOINT = /[|+│┃║┬┴┼┌┐└┘├┤╦╩╬╔╗╚╝╠╣]/;
const LONGEST_ROW = 4_000;

/** The new lines with each row of a typed table as a row, and the rules between them left out. */
export function withTextTables(separated: Separated): Pick<Separated, 'lines' | 'old'> {
  const { lines, old } = separated;
  if (!lines.some(({ text }) => STROKE.test(text))) return separated;
  const cells = lines.map((line, index) => (old[index] || line.row ? [] : cellsOf(line)));
  const isRow = (index: number) => (cells[index]?.length ?? 0) >= 2;
  const isRule = (index: number) => {
    const text = lines[index]?.text ?? '';
    return !old[index] && RULE.test(text) && DASHES.test(text) && JOINT.test(text);
  };
  const kept: Line[] = [];
  const keptOld: boolean[] = [];
  let table = 0;
  lines.forEach((line, index) => {
    if (isRule(index) && (isRow(index - 1) || isRow(index + 1))) return;
    if (!isRow(index)) table = index + 1;
    kept.push(isRow(index) ? rowOf(index) : line);
    keptOld.push(old[index] ?? false);
  });
  return { lines: kept, old: keptOld };

  /** Without outer strokes it takes a second row to make a table of it; the line stays as it is written. */
  function rowOf(index: number): Line {
    const line = lines[index] as Line;
    const row = cells[index] ?? [];
    const filled = row.filter((cell) => cell !== null);
    if (OUTER.test(line.text)) {
      const [only] = filled;
      if (filled.length < 2) return only ?? cut(line, 0, 0);
      return { ...join(filled, '\t'), row: { table, cells: row } };
    }
    const isTable = [index - 1, index + 1].some((next) => cells[next]?.length === row.length || isRule(next));
    return isTable ? { ...line, row: { table, cells: row } } : line;
  }
}

/** The cells of a line, null for an empty one; none where no stroke stands between spaces or at both ends. */
function cellsOf(line: Line): (Line | null)[] {
  const { text } = line;
  if (line.quoted || text.length > LONGEST_ROW || !STROKE.test(text) || RULE.test(text)) return [];
  const from = OUTER.test(text) ? text.search(STROKE) + 1 : 0;
  const to = from > 0 ? text.trimEnd().length - 1 : text.length;
  const cells: (Line | null)[] = [];
  for (let start = from; start <= to; ) {
    let end = start;
    while (end < to && !STROKE.test(text.charAt(end))) end++;
    const cell = cut(line, start + leading(text.slice(start, end)), start + text.slice(start, end).trimEnd().length);
    cells.push(end === start || isBlank(cell) ? null : cell);
    start = end + 1;
  }
  return cells;
}

function leading(text: string): number {
  return text.trim() === '' ? 0 : text.length - text.trimStart().length;
}
