/** Cuts the body of a multipart at its boundary. Works on slices, copies nothing. */

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const DASH = 0x2d;

export type Pieces = {
  readonly parts: readonly Buffer[];
  /** More parts than allowed: the rest was not cut. */
  readonly cut: boolean;
};

/**
 * The parts between `--boundary` lines, at most `most`. Spaces behind a boundary are passed over; a missing end is the end of
 * the body. Without any boundary line there are no parts.
 */
export function splitAt(body: Buffer, boundary: string, most: number): Pieces {
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Buffer[] = [];
  let start = -1;
  const lineAndMark = Buffer.concat([Buffer.of(LF), mark]);
  const next = (from: number) => {
    const found = body.indexOf(lineAndMark, from);
    return found === -1 ? -1 : found + 1;
  };
  const first = body.subarray(0, mark.length).equals(mark) ? 0 : next(0);
  for (let at = first; at !== -1; at = next(at + mark.length)) {
    const closes = body[at + mark.length] === DASH && body[at + mark.length + 1] === DASH;
    const end = endOfMark(body, at + mark.length + (closes ? 2 : 0), closes);
    if (end === -1) continue;
    if (start !== -1) parts.push(body.subarray(start, beforeNewline(body, at, start)));
    // Broken programs give a part the boundary of the whole: there may be more behind its end.
    start = closes ? -1 : end;
    if (parts.length >= most) return { parts, cut: !closes };
  }
  if (start !== -1) parts.push(body.subarray(start));
  return { parts, cut: false };
}

/** Where the line of a boundary ends; -1 when more stands on it: then it is a longer boundary, or text. */
function endOfMark(body: Buffer, from: number, closes: boolean): number {
  let index = from;
  while (body[index] === SPACE || body[index] === TAB || body[index] === CR) index++;
  if (index >= body.length) return body.length;
  if (body[index] === LF) return index + 1;
  return closes ? index : -1;
}

/** The line end before a boundary belongs to the boundary. */
function beforeNewline(body: Buffer, at: number, start: number): number {
  let end = at - 1;
  if (end > start && body[end - 1] === CR) end--;
  return Math.max(end, start);
}

/** Lines looked at for a boundary that was not announced, or announced wrongly. */
const MAX_LINES_TRIED = 200;
const LONGEST_BOUNDARY = 200;

/** The text behind the first `--` line that has a Content- header below it: the boundary that was really used. Null when there is none. */
export function findBoundary(body: Buffer): string | null {
  let tried = 0;
  for (let at = nextDashes(body, 0); at !== -1 && tried < MAX_LINES_TRIED; at = nextDashes(body, at + 1)) {
    tried++;
    const newline = body.indexOf(LF, at);
    if (newline === -1) return null;
    const boundary = body.toString('latin1', at + 2, Math.min(newline, at + 2 + LONGEST_BOUNDARY)).trimEnd();
    if (boundary !== '' && /^content-[a-z-]{1,40}:/i.test(body.toString('latin1', newline + 1, newline + 60)))
      return boundary;
  }
  return null;
}

/** Where the next line that begins with `--` starts, from `from` on; -1 when there is none. */
export function nextDashes(body: Buffer, from: number): number {
  if (from === 0 && body[0] === DASH && body[1] === DASH) return 0;
  const found = body.indexOf('\n--', Math.max(from - 1, 0));
  return found === -1 ? -1 : found + 1;
}
