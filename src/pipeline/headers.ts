/** A small tolerant header reader: the same answer for a clean mail and for one that no MIME parser accepts. */

export type Headers = {
  /** Raw values of a header in their order, unfolded and trimmed, encoded words left as they are. */
  all(name: string): readonly string[];
  /** The first one; '' when there is none. */
  first(name: string): string;
  has(name: string): boolean;
};

/** A header block is cut here: real ones are a few kB, Received chains and spam reports included. */
const MAX_HEADER_BYTES = 512 * 1024;
const MAX_HEADERS = 2_000;

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

/**
 * Reads the header block of a mail and says where its body begins.
 * An mbox "From " line and lines that are no header are passed over; a mail without an empty line is all header.
 */
export function readHeaders(raw: Buffer): { headers: Headers; bodyStart: number } {
  const values = new Map<string, string[]>();
  let current: string[] | null = null;
  let index = skipBlankLines(raw);
  let count = 0;
  let body = raw.length;
  while (index < raw.length) {
    const newline = raw.indexOf(LF, index);
    const end = newline === -1 ? raw.length : newline;
    const line = decodeBytes(raw.subarray(index, raw[end - 1] === CR && end > index ? end - 1 : end));
    index = end + 1;
    if (line === '') {
      body = Math.min(index, raw.length);
      break;
    }
    if (index > MAX_HEADER_BYTES || count > MAX_HEADERS) {
      body = endOfHeader(raw, index);
      break;
    }
    if (/^[ \t]/.test(line)) {
      if (current) current[current.length - 1] += ` ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (colon <= 0 || !/^[!-9;-~]{1,200}$/.test(name)) {
      current = null;
      continue;
    }
    count++;
    current = values.get(name) ?? [];
    if (current.length === 0) values.set(name, current);
    current.push(line.slice(colon + 1).trim());
  }
  return {
    headers: {
      all: (name) => values.get(name) ?? [],
      first: (name) => (values.get(name)?.[0] ?? '').trim(),
      has: (name) => values.has(name),
    },
    bodyStart: body,
  };
}

function skipBlankLines(raw: Buffer): number {
  let index = 0;
  while (raw[index] === CR || raw[index] === LF) index++;
  return index;
}

function endOfHeader(raw: Buffer, from: number): number {
  const lf = raw.indexOf('\n\n', from);
  const crlf = raw.indexOf('\r\n\r\n', from);
  const end = Math.min(lf === -1 ? raw.length : lf + 2, crlf === -1 ? raw.length : crlf + 4);
  return Math.min(end, raw.length);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** Bytes without a declared charset: UTF-8 when they are, else Windows-1252. */
export function decodeBytes(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** The value of a parameter, `charset` of `text/plain; charset="x"`: '' when there is none. */
export function parameterOf(header: string, name: string): string {
  for (const piece of header.slice(0, 4_000).split(';').slice(1)) {
    const equals = piece.indexOf('=');
    if (equals === -1 || piece.slice(0, equals).trim().toLowerCase() !== name) continue;
    const value = piece.slice(equals + 1).trim();
    return value.startsWith('"') ? value.slice(1).split('"', 1).join('') : (value.split(/[\s(]/, 1)[0] ?? '');
  }
  return '';
}
