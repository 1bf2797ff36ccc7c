/** New text apart from quoted history and signature. Nothing is deleted: every line is either new or old. */

import { filledInBelow } from './history-filled.ts';
import {
  endOfHeaders,
  foreignIntroductionAt,
  isBareIntroduction,
  isNameAbove,
  type Mark,
  markAt,
  standsAlone,
} from './history-marks.ts';
import { isPasted, quotedRun } from './history-pasted.ts';
import type { HistoryWords } from './history-words.ts';
import { isMobileSignature } from './history-words.ts';
import { cut, isBlank, type Line, quoteDepth, textOf } from './lines.ts';
import { setSignatureAside } from './signature.ts';
import { namesAnother, type Sender } from './signature-card.ts';

export type Separated = {
  readonly lines: readonly Line[];
  /** For each line whether it is history or signature. */
  readonly old: readonly boolean[];
  readonly text: string;
  readonly quoted: string;
};

export type SeparateOptions = {
  readonly words: HistoryWords;
  /** The subject says that the mail is a forward. */
  readonly forwarded: boolean;
  /** Whether a line is filled in: two of them above a forward are the enquiry, and what is below is older. */
  readonly isFilledIn: (line: string) => boolean;
  /** Whether a line is a notice of confidentiality and the like. */
  readonly isDisclaimer: (line: string) => boolean;
  /** Whether a line is the name of a product and nothing else. */
  readonly isProduct: (line: string) => boolean;
  /** Whether a text says that the answers stand below it. */
  readonly pointsBelow: (text: string) => boolean;
  readonly sender: Sender;
};

/** Letters that are no more than a covering note, whatever they say. */
const COVERING_NOTE = 240;
/** Forwards within forwards that are opened. */
const MAX_FORWARDS = 4;

/** Divides a mail's lines. Linear in their number. */
export function separate(lines: readonly Line[], options: SeparateOptions): Separated {
  let division = divide(lines, options, { signatures: true, forwards: 0 });
  setSignatureAside(division.lines, division.old, options);
  if (isEmpty(division) && !division.marked) {
    // All of it is quoted and nothing says by whom, or all is below "-- ": then that is what the writer had to say.
    const opened = lines.map((line) => unquote(line));
    const inside = divide(opened, options, { signatures: false, forwards: 0 });
    if (!isEmpty(inside)) division = inside;
  }
  const { old } = division;
  return {
    lines: division.lines,
    old,
    text: textOf(division.lines.filter((_, index) => !old[index])),
    quoted: textOf(division.lines.filter((_, index) => old[index])),
  };
}

type Division = { lines: Line[]; old: boolean[]; marked: boolean };
type Depth = { signatures: boolean; forwards: number };

function divide(lines: readonly Line[], options: SeparateOptions, depth: Depth): Division {
  const result: Division = { lines: [...lines], old: lines.map((line) => line.quoted), marked: false };
  const { old } = result;
  let signature = false;
  let inHistory = false;
  /** Once something is quoted, what stands behind ">" further down is quoted too. */
  let quotes = !depth.signatures;
  let said = false;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    if (!line) break;
    if (line.mark === undefined && !isBlank(line)) inHistory = false;
    if (line.quoted) {
      signature = false;
      if (quotes) continue;
      const run = quotedRun(lines, index);
      quotes = !said || !isPasted(lines.slice(index, index + run));
      if (!quotes) takeBack(result, index, run);
      index += run - 1;
      continue;
    }
    const mark = markOf(lines, index, options) ?? (inHistory ? null : markOfHtml(lines, index));
    if (line.mark === 'history' && !isBlank(line)) inHistory = true;
    if (mark) {
      result.marked = true;
      const above = lines[index - 1];
      if (mark.kind === 'wrote' && above && isNameAbove(above, line) && !options.isFilledIn(above.text))
        old[index - 1] = true;
      if (mark.kind === 'wrote' && isQuotedBelow(lines, index + mark.count)) {
        if (!quotes) reopen(result, index, index + mark.count, options);
        quotes = true;
        old.fill(true, index, index + mark.count);
        index += mark.count - 1;
        signature = false;
        continue;
      }
      return opensForward(mark, result, index, options, depth)
        ? openForward(result, index, mark, options, depth)
        : rest(result, index, mark, options);
    }
    if (line.mark === 'signature' && depth.signatures) {
      const count = marked(lines, index);
      if (!lines.slice(index, index + count).some((one) => options.isFilledIn(one.text))) {
        old.fill(true, index, index + count);
        index += count - 1;
        continue;
      }
    }
    if (!signature && depth.signatures && isSignatureMark(line, lines, index, options)) signature = true;
    old[index] =
      signature ||
      isRule(line, lines, index, options) ||
      (depth.signatures && isMobileSignature(line.text, options.words));
    said ||= !old[index] && !isBlank(line);
  }
  return result;
}

function markOf(lines: readonly Line[], index: number, options: SeparateOptions): Mark | null {
  const mark = markAt(lines, index, options.words) ?? foreignMarkAt(lines, index);
  // What is filled in right above an introduction is the writer's.
  const isSaid = (line: Line) => standsAlone(line) || options.isFilledIn(line.text);
  return mark?.kind === 'wrote' && lines.slice(index, index + mark.count - 1).some(isSaid) ? null : mark;
}

function foreignMarkAt(lines: readonly Line[], index: number): Mark | null {
  if (isBareIntroduction(lines[index]?.text.trim() ?? '')) return { kind: 'wrote', count: 1 };
  const count = foreignIntroductionAt(lines, index);
  return count > 0 && isQuotedBelow(lines, index + count) ? { kind: 'wrote', count } : null;
}

/** What the mail program says of its own HTML, where no words are known. */
function markOfHtml(lines: readonly Line[], index: number): Mark | null {
  const line = lines[index];
  if (!line || isBlank(line)) return null;
  if (line.mark === 'history') return { kind: 'wrote', count: 1 };
  if (line.mark !== 'attribution') return null;
  return { kind: /^-{4,}/.test(line.text.trim()) ? 'forward' : 'wrote', count: marked(lines, index) };
}

/** How many lines from `index` on have its mark. */
function marked(lines: readonly Line[], index: number): number {
  const mark = lines[index]?.mark;
  let end = index;
  while (end < lines.length && lines[end]?.mark === mark) end++;
  return end - index;
}

/** All from a mark on is history, but for a form that the text above says to be filled in there. */
function rest(result: Division, from: number, mark: Mark, options: SeparateOptions): Division {
  result.old.fill(true, from);
  reopen(result, from, endOfHeaders(result.lines, from + mark.count, options.words), options);
  return result;
}

/** Makes a form new that is filled in from `body` on, where the text above the mark at `from` says so. */
function reopen({ lines, old }: Division, from: number, body: number, options: SeparateOptions): void {
  const above = textOf(lines.slice(0, from).filter((_, index) => !old[index]));
  if (above.length > COVERING_NOTE || !options.pointsBelow(above)) return;
  const opened = openedAt(lines, body);
  for (const index of filledInBelow(opened, body, options)) {
    const line = opened[index];
    if (line) lines[index] = line;
    old[index] = false;
  }
}

/** The lines with the quotation at `body` opened, and nothing below it; where answers stand between quotations, none is opened. */
function openedAt(lines: readonly Line[], body: number): readonly Line[] {
  const first = lines.slice(body).find((line) => !isBlank(line));
  if (!first?.quoted) return lines;
  let end = body;
  for (let line = lines[end]; line && (line.quoted || isBlank(line)); line = lines[end]) end++;
  if (lines.slice(end).some((line) => line.quoted)) return lines;
  return [...lines.slice(0, body), ...lines.slice(body, end).map(unquote)];
}

/** Lines behind ">" that the writer pasted. */
function takeBack({ lines, old }: Division, from: number, count: number): void {
  for (let index = from; index < from + count; index++) {
    const line = lines[index];
    if (line) lines[index] = { ...line, quoted: false };
    old[index] = false;
  }
}

/** Whether the history below a mark is what the mail is about. */
function opensForward(mark: Mark, head: Division, at: number, options: SeparateOptions, depth: Depth): boolean {
  if (depth.forwards >= MAX_FORWARDS) return false;
  const above = head.lines.slice(0, at).filter((_, index) => !head.old[index]);
  const letters = above.reduce((sum, line) => sum + line.text.trim().length, 0);
  const filledIn = above.filter((line) => options.isFilledIn(line.text)).length;
  if (mark.kind === 'forward' || options.forwarded) {
    // A longer note tells what is forwarded, unless it names the customer itself. An introduction is that of an answer, too.
    const isNote =
      letters <= COVERING_NOTE || (mark.kind !== 'wrote' && !above.some((line) => namesCustomer(line, options)));
    return isNote && filledIn < 2;
  }
  return mark.kind === 'headers' && letters === 0 && depth.forwards === 0;
}

/** An address that is not of the sender's company, an id, or a label with its value. */
function namesCustomer({ text }: Line, { sender, isFilledIn }: SeparateOptions): boolean {
  return isFilledIn(text) || namesAnother(text, sender) || /(?<![\d+(./-])\b\d{7,20}\b/.test(text);
}

function openForward(head: Division, at: number, mark: Mark, options: SeparateOptions, depth: Depth): Division {
  const { lines, old } = head;
  const bodyAt = endOfHeaders(lines, at + mark.count, options.words);
  let body = lines.slice(bodyAt);
  if (body.find((line) => !isBlank(line))?.quoted) body = body.map(unquote);
  const below = divide(body, options, { ...depth, forwards: depth.forwards + 1 });
  return {
    lines: [...lines.slice(0, bodyAt), ...below.lines],
    old: [...old.slice(0, at), ...lines.slice(at, bodyAt).map(() => true), ...below.old],
    marked: true,
  };
}

function isQuotedBelow(lines: readonly Line[], from: number): boolean {
  for (let index = from; index < lines.length && index < from + 4; index++) {
    const line = lines[index];
    if (line && !isBlank(line)) return line.quoted;
  }
  return false;
}

/** "-- " alone on its line. Without the space it may be a value left empty: then no filled-in line may follow. */
function isSignatureMark(line: Line, lines: readonly Line[], index: number, options: SeparateOptions): boolean {
  if (line.text === '-- ') return true;
  if (line.text.trim() !== '--') return false;
  return !lines.slice(index + 1, index + 1 + SIGNATURE_WINDOW).some((below) => options.isFilledIn(below.text));
}
const SIGNATURE_WINDOW = 15;

/** The rule that Outlook draws above a header block. */
function isRule(line: Line, lines: readonly Line[], index: number, options: SeparateOptions): boolean {
  if (!/^[_-]{10,200}$/.test(line.text.trim())) return false;
  for (let below = index + 1; below < index + 4; below++) {
    const next = lines[below];
    if (next && !isBlank(next)) return markAt(lines, below, options.words) !== null;
  }
  return false;
}

/** A line with one level of quotation taken away. */
function unquote(line: Line): Line {
  if (!line.quoted) return line;
  const mark = line.text.indexOf('>');
  if (line.part !== 'text' || mark === -1) return { ...line, quoted: false };
  const opened = cut(line, line.text[mark + 1] === ' ' ? mark + 2 : mark + 1);
  return { ...opened, quoted: quoteDepth(opened.text) > 0 };
}

function isEmpty(division: Division): boolean {
  return division.lines.every((line, index) => division.old[index] || isBlank(line));
}
