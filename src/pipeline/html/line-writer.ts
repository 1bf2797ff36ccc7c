/** Builds lines from the text nodes of a document: collapses white space as a browser does and remembers where each stretch came from. */
import type { Line, Run } from '../separate/lines.ts';

export type LineWriter = ReturnType<typeof createLineWriter>;

const SPACE = /[ \t\r\n\f]/;
/** One line holds at most this many runs: text of nothing but entities is cut there. */
const MAX_RUNS = 20_000;

export function createLineWriter(part: Line['part']) {
  let lines: Line[] = [];
  /** Lines of finished blocks wait here while a table cell collects its own. */
  const waiting: Line[][] = [];
  let total = 0;
  let text = '';
  let runs: Run[] = [];
  let spaceAt = -1;
  let quoted = false;
  let mark: Line['mark'] | undefined;

  function append(value: string, start: number, sourceLength: number): void {
    const last = runs[runs.length - 1];
    const follows =
      last !== undefined &&
      last.length === last.sourceLength &&
      value.length === sourceLength &&
      last.start + last.length === start &&
      last.at + last.length === text.length;
    if (follows) {
      const length = last.length + value.length;
      runs[runs.length - 1] = { at: last.at, length, start: last.start, sourceLength: length };
    } else if (runs.length < MAX_RUNS) {
      runs.push({ at: text.length, length: value.length, start, sourceLength });
    }
    text += value;
  }

  function writeCollapsed(data: string, start: number): void {
    let from = 0;
    for (let index = 0; index <= data.length; index++) {
      if (index < data.length && !SPACE.test(data.charAt(index))) continue;
      if (index > from) {
        if (spaceAt >= 0 && text !== '') append(' ', spaceAt, 1);
        spaceAt = -1;
        append(data.slice(from, index), start + from, index - from);
      }
      if (index < data.length && spaceAt < 0) spaceAt = start + index;
      from = index + 1;
    }
  }

  function push(line: Line): void {
    lines.push(line);
    total++;
  }

  function endLine(): void {
    push(mark === undefined ? { text, part, runs, quoted } : { text, part, runs, quoted, mark });
    text = '';
    runs = [];
    spaceAt = -1;
  }

  return {
    /** A text node: `sourceLength` units of the source from `start` on read as `data`. */
    write(data: string, start: number, sourceLength: number, preformatted: boolean): void {
      if (data.length !== sourceLength) {
        if (spaceAt >= 0 && text !== '') append(' ', spaceAt, 1);
        spaceAt = -1;
        append(data === '\n' ? ' ' : data, start, sourceLength);
      } else if (preformatted) {
        data.split('\n').reduce((offset, line, index) => {
          if (index > 0) endLine();
          if (line !== '') append(line, start + offset, line.length);
          return offset + line.length + 1;
        }, 0);
      } else {
        writeCollapsed(data, start);
      }
    },
    /** `<br>`: ends the line even when nothing stands on it. */
    breakLine: endLine,
    /** The edge of a block: ends the line when something stands on it, and leaves a blank one below blocks that stand apart. */
    endBlock(spaced: boolean): void {
      if (text.trim() !== '') endLine();
      text = '';
      runs = [];
      spaceAt = -1;
      const last = lines[lines.length - 1];
      if (spaced && last && last.text !== '') push({ text: '', part, runs: [], quoted });
    },
    quote(on: boolean): void {
      quoted = on;
    },
    /** What the lines from here on are, in the words of the mail program. */
    mark(as: Line['mark'] | undefined): void {
      mark = as;
    },
    push,
    /** From here on lines are collected apart, until `gather` hands them over. */
    collect(): void {
      waiting.push(lines);
      lines = [];
    },
    gather(): Line[] {
      const gathered = lines;
      lines = waiting.pop() ?? [];
      return gathered;
    },
    count: () => total,
    finish(): Line[] {
      if (text.trim() !== '') endLine();
      while (waiting.length > 0) lines = [...(waiting.pop() ?? []), ...lines];
      return lines;
    },
  };
}
