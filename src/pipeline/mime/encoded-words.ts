/** RFC 2047: `=?charset?Q?…?=`. Only for text that is shown; an address is never read from what comes out of here. */
import { decodeCharset } from './charset.ts';

/** A header value is decoded up to here; the rest is shown as it is. */
const MAX_DECODED = 16_000;

type Piece = { charset: string; bytes: Buffer };

/** Decodes the encoded words of a header value. Words of one charset that stand side by side are decoded together: a character may be split over two. */
export function decodeWords(value: string): string {
  const input = value.slice(0, MAX_DECODED);
  let output = '';
  let index = 0;
  let open: Piece | null = null;
  const flush = () => {
    if (open) output += decodeCharset(open.bytes, open.charset);
    open = null;
  };
  while (index < input.length) {
    const start = input.indexOf('=?', index);
    const word = start === -1 ? null : readWord(input, start);
    if (!word) {
      const end = start === -1 ? input.length : start + 2;
      flush();
      output += input.slice(index, end);
      index = end;
      continue;
    }
    const between = input.slice(index, start);
    if (open && between.trim() === '' && (open as Piece).charset === word.charset) {
      open = { charset: word.charset, bytes: Buffer.concat([(open as Piece).bytes, word.bytes]) };
    } else {
      const adjoining = open !== null && between.trim() === '';
      flush();
      if (!adjoining) output += between;
      open = word;
    }
    index = word.end;
  }
  flush();
  return output + value.slice(MAX_DECODED);
}

function readWord(input: string, start: number): (Piece & { end: number }) | null {
  const charsetEnd = input.indexOf('?', start + 2);
  if (charsetEnd === -1 || charsetEnd - start > 60 || input[charsetEnd + 2] !== '?') return null;
  const encoding = input[charsetEnd + 1]?.toLowerCase();
  const close = input.indexOf('?=', charsetEnd + 3);
  if (close === -1 || (encoding !== 'b' && encoding !== 'q')) return null;
  const charset = (input.slice(start + 2, charsetEnd).split('*', 1)[0] ?? '').toLowerCase();
  const payload = input.slice(charsetEnd + 3, close);
  const bytes =
    encoding === 'b' ? Buffer.from(payload, 'base64') : decodeQuoted(Buffer.from(payload.replaceAll('_', ' '), 'utf8'));
  return { charset, bytes, end: close + 2 };
}

/** Quoted-printable bytes, soft line breaks joined; what is no escape stays as it is. */
export function decodeQuoted(bytes: Buffer): Buffer {
  const output = Buffer.alloc(bytes.length);
  let length = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === 0x3d) {
      const hex = bytes.toString('latin1', index + 1, index + 3);
      if (/^[0-9a-f]{2}$/i.test(hex)) {
        output[length++] = Number.parseInt(hex, 16);
        index += 2;
        continue;
      }
      const next = softBreakEnd(bytes, index + 1);
      if (next !== -1) {
        index = next - 1;
        continue;
      }
    }
    output[length++] = byte;
  }
  return output.subarray(0, length);
}

/** Where a line goes on behind a soft line break: relays add blanks between the "=" and the line's end (RFC 2045 6.7). -1 when it is none. */
function softBreakEnd(bytes: Buffer, from: number): number {
  let index = from;
  while (bytes[index] === 0x20 || bytes[index] === 0x09) index++;
  if (bytes[index] === 0x0d) index++;
  return bytes[index] === 0x0a ? index + 1 : -1;
}
