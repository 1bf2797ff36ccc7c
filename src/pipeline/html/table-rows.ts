/** Table cells -> one line per row: "label<tab>value". A cell that holds another table is layout, and read from top to bottom. */

import { isBlank, join, type Line } from '../separate/lines.ts';
import type { LineWriter } from './line-writer.ts';

type Table = { id: number; cells: Line[][] | null; collecting: boolean; layout: boolean };

export function createTables(writer: LineWriter) {
  const open: Table[] = [];
  let tables = 0;

  function endCell(table: Table): void {
    if (!table.collecting) return;
    writer.endBlock(false);
    table.cells?.push(writer.gather());
    table.collecting = false;
  }

  function endRow(table: Table): void {
    endCell(table);
    const { cells } = table;
    table.cells = null;
    if (!cells) return;
    const lines = table.layout ? cells.flat() : rowLines(table.id, cells);
    table.layout = false;
    for (const line of lines) writer.push(line);
  }

  return {
    open(name: string): void {
      const table = open[open.length - 1];
      if (name === 'table') {
        if (table?.collecting) table.layout = true;
        open.push({ id: ++tables, cells: null, collecting: false, layout: false });
      } else if (!table) {
        return;
      } else if (name === 'tr') {
        endRow(table);
        table.cells = [];
      } else if (name === 'td' || name === 'th') {
        endCell(table);
        table.cells ??= [];
        table.collecting = true;
        writer.collect();
      }
    },
    close(name: string): void {
      const table = open[open.length - 1];
      if (!table) return;
      if (name === 'td' || name === 'th') endCell(table);
      else if (name === 'tr') endRow(table);
      else if (name === 'table') {
        endRow(table);
        open.pop();
      }
    },
    /** Closes what the document left open. */
    finish(): void {
      for (let table = open.pop(); table; table = open.pop()) endRow(table);
    },
  };
}

/** The row on one line; further lines of its last cell below it, since a value may have several. */
function rowLines(table: number, columns: readonly (readonly Line[])[]): Line[] {
  const filled = columns.map((lines) => lines.filter((line) => !isBlank(line)));
  const last = filled.findLastIndex((lines) => lines.length > 0);
  if (last === -1) return [];
  if (filled.filter((lines) => lines.length > 0).length === 1) {
    return trimBlank(columns[last] ?? []);
  }
  const cells = filled.map((lines) => (lines.length === 0 ? null : join(lines, ' ')));
  const trimmed = columns.map(trimBlank);
  const [firstOfLast, ...below] = trimmed[last] ?? [];
  const row: Line[] = [];
  cells.slice(0, last).forEach((cell) => {
    if (cell) row.push(cell);
  });
  if (firstOfLast) row.push(firstOfLast);
  return [{ ...join(row, '\t'), row: { table, cells, lines: trimmed } }, ...below];
}

function trimBlank(lines: readonly Line[]): Line[] {
  const first = lines.findIndex((line) => !isBlank(line));
  return first === -1 ? [] : lines.slice(first, lines.findLastIndex((line) => !isBlank(line)) + 1);
}
