/** Recognises the lines that introduce quoted or forwarded history. */
import { fold, foldWords } from '../words/fold.ts';
import { beginsWith, type HistoryWords, type Starts } from './history-words.ts';
import { isBlank, type Line } from './lines.ts';

/** A mark covers `count` lines; what follows is history of the `kind`. */
export type Mark = { readonly kind: 'wrote' | 'original' | 'headers' | 'forward'; readonly count: number };

/** A line above a quotation names a person and a time: longer ones are prose. */
const LONGEST_INTRODUCTION = 300;
const LONGEST_BANNER = 120;
const LONGEST_NAME = 60;
const LONGEST_HEADER_NAME = 40;
/** Lines looked at for a header block, and how many of them must be headers. */
const HEADER_WINDOW = 8;
const HEADERS_NEEDED = 3;

/** The mark that begins at line `index`, if one does. */
export function markAt(lines: readonly Line[], index: number, words: HistoryWords): Mark | null {
  const text = lines[index]?.text.trim() ?? '';
  if (text === '') return null;
  const banner = bannerOf(text, words);
  if (banner) return { kind: banner, count: 1 };
  const introduction = introductionAt(lines, index, words);
  if (introduction > 0) return { kind: 'wrote', count: introduction };
  if (isHeaderBlock(lines, index, words)) return { kind: 'headers', count: 0 };
  if (isForeignBanner(text) && namedLines(lines, index + 1) >= 2) return { kind: 'original', count: 1 };
  return isForeignHeaderBlock(lines, index, words) ? { kind: 'headers', count: namedLines(lines, index) } : null;
}

/** "-----Original Message-----", "---------- Forwarded message ---------", "Begin forwarded message:". */
function bannerOf(text: string, words: HistoryWords): 'original' | 'forward' | null {
  if (text.length > LONGEST_BANNER) return null;
  const dashed = /^[-_*=>\s]{0,3}[-_*=]{2}/.test(text);
  const folded = fold(text);
  const isOne = (phrases: Starts) => {
    const begins = beginsWith(folded, phrases);
    return begins === 'whole' || (dashed && begins === 'start');
  };
  if (isOne(words.forwardedMessage)) return 'forward';
  return isOne(words.originalMessage) ? 'original' : null;
}

/** How many lines (one to three) read "On … wrote:" in any language of the policy; 0 when none do. */
function introductionAt(lines: readonly Line[], index: number, words: HistoryWords): number {
  let joined = '';
  for (let count = 1; count <= 3; count++) {
    const text = lines[index + count - 1]?.text.trim() ?? '';
    if (text === '' || lines[index + count - 1]?.quoted) return 0;
    joined = joined === '' ? text : `${joined} ${text}`;
    if (joined.length > LONGEST_INTRODUCTION) return 0;
    if (count === 1 && !/[\d@\u0660-\u0669\u0e50-\u0e59]|<$/.test(text)) return 0;
    if (!/[:：]["'*\s-]{0,12}$|[^-]-{3,12}$/.test(text) || !isIntroduction(joined, words)) continue;
    // An answer of one address right above "On … wrote:" is no part of it.
    return restOf(lines, index, count).some((rest) => isWhole(rest, words)) ? 0 : count;
  }
  return 0;
}

/** An introduction that needs no line above it: it has a date and a time of its own. */
function isWhole(text: string, words: HistoryWords): boolean {
  return (text.match(/\d/g)?.length ?? 0) >= 6 && isIntroduction(text, words);
}

/** What an introduction of `count` lines would be without its first line, or its first two. */
function restOf(lines: readonly Line[], index: number, count: number): string[] {
  return Array.from({ length: count - 1 }, (_, skipped) =>
    lines
      .slice(index + skipped + 1, index + count)
      .map((line) => line.text.trim())
      .join(' '),
  );
}

/** A line that says something of its own, "ZUID: 284351623", a bare number or a sentence, is no part of the introduction below it. */
export function standsAlone(line: Line | undefined): boolean {
  return (
    line !== undefined &&
    /^[^\d:：]{2,60}(?:：|:\s)|^\d{5,20}$|(?:[\p{L}\p{M}]{5}|\d{4})[.!?]$|[。！？؟]$/u.test(line.text.trim())
  );
}

/** A line that is the name in front of the `<address>` with which an introduction goes on. */
export function isNameAbove(line: Line | undefined, introduction: Line | undefined): boolean {
  const text = line?.text.trim() ?? '';
  if (!introduction?.text.trimStart().startsWith('<') || text === '' || line?.quoted) return false;
  return text.length <= LONGEST_NAME && !/[.!?:;。！？：]$|[@\t]/.test(text) && !standsAlone(line);
}

/** In a language the policy does not know: an address, a time and a colon at the end. @returns how many lines it covers, 0 for none. */
export function foreignIntroductionAt(lines: readonly Line[], index: number): number {
  let joined = '';
  for (let count = 1; count <= 3; count++) {
    joined += ` ${lines[index + count - 1]?.text.trim() ?? ''}`;
    if (joined.length > LONGEST_INTRODUCTION || !/\d/.test(joined)) return 0;
    if (isForeignIntroduction(joined)) return restOf(lines, index, count).some(isForeignIntroduction) ? 0 : count;
  }
  return 0;
}

/** `17.11.2026, 09:12, "Jane" <jane@b.example>:` and nothing else: so Yandex and others write in all languages, above a blockquote that has no mark. */
const BARE_INTRODUCTION =
  /^\d{1,4}[./-]\d{1,2}[./-]\d{2,4},?\s[^<>@]{0,20}\d{1,2}[:.]\d{2}(?::\d{2})?,?\s[^<>@]{0,100}<[^<>\s@]{1,80}@[^<>\s]{1,120}>\s?[:：]$/;

export function isBareIntroduction(text: string): boolean {
  return text.length <= LONGEST_INTRODUCTION && BARE_INTRODUCTION.test(text);
}

function isForeignIntroduction(text: string): boolean {
  return /[:：]$/.test(text) && text.includes('@') && (text.match(/\d/g)?.length ?? 0) >= 5;
}

function isIntroduction(text: string, words: HistoryWords): boolean {
  const folded = ` ${fold(text)} `;
  const digits = foldWords(text).reduce((sum, word) => sum + (/\d/.test(word.text) ? word.text.length : 0), 0);
  if (digits < 3 && !text.includes('@')) return false;
  const verb = words.wrote.find((word) => folded.includes(` ${word} `));
  // A verb in the middle ("Am … schrieb Jane:") could be prose: then a time of day has to be there too.
  return verb !== undefined && (folded.endsWith(` ${verb} `) || digits >= 6);
}

/** Whether a line is "From: …", "Gesendet: …": a header name of the policy and a colon. */
function isHeaderLine(text: string, words: HistoryWords): boolean {
  const colon = text.slice(0, LONGEST_HEADER_NAME).search(/[:：\t]/);
  return colon > 0 && words.headers.has(fold(text.slice(0, colon)));
}

function isHeaderBlock(lines: readonly Line[], index: number, words: HistoryWords): boolean {
  if (!isHeaderLine(lines[index]?.text.trim() ?? '', words)) return false;
  const names = new Set<string>();
  let address = false;
  let blanks = 0;
  for (let offset = 0; offset < HEADER_WINDOW; offset++) {
    const line = lines[index + offset];
    if (!line || line.quoted) break;
    const text = line.text.trim();
    if (text === '') {
      // A paragraph per header leaves one blank line between them, the end of the block leaves one too.
      if (++blanks > offset) break;
      continue;
    }
    address ||= text.includes('@') || /\d{4}/.test(text);
    if (isHeaderLine(text, words)) names.add(fold(text.slice(0, text.search(/[:：\t]/))));
  }
  return names.size >= HEADERS_NEEDED && address;
}

/** "-----Oprindelig meddelelse-----": words between dashes, in a language the policy does not know. */
function isForeignBanner(text: string): boolean {
  return text.length <= LONGEST_BANNER && /^[-_]{3,30} ?\p{L}[\p{L}\p{M} ]{3,50} ?[-_]{3,30}$/u.test(text);
}

/** How many lines from `index` on read "name: something". */
function namedLines(lines: readonly Line[], index: number): number {
  let count = 0;
  for (; count < HEADER_WINDOW; count++) {
    const line = lines[index + count];
    if (
      !line ||
      line.quoted ||
      !/^\*?\p{L}[\p{L}\p{M} .-]{0,24}[:：]/u.test(line.text.trim().slice(0, LONGEST_HEADER_NAME))
    )
      break;
  }
  return count;
}

/** In a language the policy does not know: a name with its address, a time of day, and four lines or three of "name: …". */
function isForeignHeaderBlock(lines: readonly Line[], index: number, words: HistoryWords): boolean {
  const first = lines[index]?.text.trim() ?? '';
  if (!/<[^<>\s]{1,200}@[^<>\s]{1,200}>|\[mailto:/i.test(first.slice(0, LONGEST_INTRODUCTION))) return false;
  const count = namedLines(lines, index);
  if (count < HEADERS_NEEDED) return false;
  const block = lines.slice(index, index + count).map((line) => line.text.trim());
  const dated = block.slice(1).some((text) => /\d{1,2}[:.]\d{2}/.test(text) && /\d{4}/.test(text));
  return dated && (count >= HEADERS_NEEDED + 1 || block.some((text) => isHeaderLine(text, words)));
}

/** Lines of the header block that begins at or below `index`: where the message under it starts. */
export function endOfHeaders(lines: readonly Line[], index: number, words: HistoryWords): number {
  let end = index;
  let cursor = index;
  while (cursor < lines.length) {
    const line = lines[cursor];
    if (!line) break;
    const text = line.text.trim().replace(/^>+\s?/, '');
    if (isHeaderLine(text, words)) end = cursor + 1;
    else if (!isBlank(line) && !(end === cursor && end > index && /@|[;,]$/.test(text))) break;
    else if (!isBlank(line)) end = cursor + 1;
    cursor++;
  }
  return end;
}
