/** A small tolerant header reader: the same answer for a clean mail and for one that no MIME parser accepts. */
import { decodeBytes } from './charset.ts';

export type Headers = {
  /** Raw values of a header in their order, unfolded and trimmed, encoded words left as they are. */
  all(name: string): readonly string[];
  /** The first one; '' when there is none. */
  first(name: string): string;
  has(name: string): boolean;
};

/** Bytes of a header block that are kept: real ones are a few kB, Received chains and spam reports included; more only costs memory. */
const MAX_HEADER_BYTES = 512 * 1024;
/** Header fields that are kept: a hundred thousand empty ones are cheap to send. */
const MAX_HEADERS = 2_000;
/** Bytes of one field: a To of a hundred thousand addresses must not take the place of From. */
const MAX_FIELD_BYTES = 128 * 1024;
/** Kept beyond these limits too, the first of each: what a mail is handled by. */
const WANTED = new Set([
  'from',
  'to',
  'subject',
  'message-id',
  'in-reply-to',
  'references',
  'date',
  'return-path',
  'auto-submitted',
  'precedence',
  'list-id',
  'content-type',
  'content-transfer-encoding',
]);

const LONGEST_NAME = 202;
const COLON = 0x3a;
const CR = 0x0d;
const LF = 0x0a;

/** Lone CRs as LF, everything else untouched; the same buffer when there is none. */
export function normaliseLineEndings(raw: Buffer): Buffer {
  let copy: Buffer | null = null;
  for (let index = raw.indexOf(CR); index !== -1 && index < raw.length; index++) {
    if (raw[index] !== CR || raw[index + 1] === LF) continue;
    copy ??= Buffer.from(raw);
    copy[index] = LF;
  }
  return copy ?? raw;
}

export type HeaderBlock = {
  readonly headers: Headers;
  readonly bodyStart: number;
  /** There were more than are read. */
  readonly cut: boolean;
};

/**
 * Reads the header block of a mail, or of a part of one, and says where its body begins.
 * In a mail, blank lines above, an mbox "From " line and lines that are no header are passed over; a mail without an empty line is
 * all header. A part may have no header at all, and a line that is none begins its body.
 */
export function readHeaders(raw: Buffer, of: 'mail' | 'part' = 'mail'): HeaderBlock {
  const values = new Map<string, string[]>();
  let current: string[] | null = null;
  let index = of === 'mail' ? skipBlankLines(raw) : 0;
  let [count, kept, cut] = [0, 0, false];
  let body = raw.length;
  while (index < raw.length) {
    const start = index;
    const newline = raw.indexOf(LF, index);
    const lineEnd = newline === -1 ? raw.length : newline;
    const end = raw[lineEnd - 1] === CR && lineEnd > index ? lineEnd - 1 : lineEnd;
    index = lineEnd + 1;
    if (end === start) {
      body = Math.min(index, raw.length);
      break;
    }
    const full = count >= MAX_HEADERS || kept >= MAX_HEADER_BYTES;
    if (isFolded(raw, start)) {
      const room = Math.min(MAX_FIELD_BYTES - (current?.[current.length - 1]?.length ?? 0), MAX_HEADER_BYTES - kept);
      if (current && room > 0) {
        current[current.length - 1] += ` ${decodeBytes(raw.subarray(start, Math.min(end, start + room))).trim()}`;
        kept += end - start;
      }
      cut ||= current !== null && room < end - start;
      continue;
    }
    const colon = raw.subarray(start, Math.min(end, start + LONGEST_NAME)).indexOf(COLON);
    const name =
      colon > 0
        ? raw
            .toString('latin1', start, start + colon)
            .trim()
            .toLowerCase()
        : '';
    if (!/^[!-9;-~]{1,200}$/.test(name)) {
      current = null;
      if (of === 'mail' || raw.toString('latin1', start, start + 5) === 'From ' || isHeaderAt(raw, index)) continue;
      body = start;
      break;
    }
    current = null;
    cut ||= full || end - start > MAX_FIELD_BYTES;
    if (full && (!WANTED.has(name) || values.has(name))) continue;
    count++;
    current = values.get(name) ?? [];
    if (current.length === 0) values.set(name, current);
    const value = raw.subarray(start + colon + 1, Math.min(end, start + MAX_FIELD_BYTES));
    current.push(decodeBytes(value).trim());
    kept += value.length;
  }
  return {
    headers: {
      all: (name) => values.get(name) ?? [],
      first: (name) => (values.get(name)?.[0] ?? '').trim(),
      has: (name) => values.has(name),
    },
    bodyStart: body,
    cut,
  };
}

function isFolded(raw: Buffer, at: number): boolean {
  return raw[at] === 0x20 || raw[at] === 0x09;
}

function isHeaderAt(raw: Buffer, index: number): boolean {
  return /^content-[a-z-]{1,40}:/i.test(raw.toString('latin1', index, index + 60));
}

function skipBlankLines(raw: Buffer): number {
  let index = 0;
  while (raw[index] === CR || raw[index] === LF) index++;
  return index;
}
