/** UTF-8 that was read as Windows-1252 and written again ("Ã©" for "é"): mended only where it cannot be anything else. */
import { isUtf8 } from 'node:buffer';

/** A letter that begins a mangled sequence: the first bytes of UTF-8 read as Windows-1252. */
const LEAD = /[\u00c2-\u00f4]/;
/** Mangled twice is seen, thrice is not. */
const MOST_TIMES = 2;

/** What each character above ASCII was as a byte of Windows-1252, or of Latin-1 where that has none. */
const BYTE_OF = new Map<string, number>();
for (let byte = 0x80; byte < 0x100; byte++) {
  BYTE_OF.set(String.fromCharCode(byte), byte);
  BYTE_OF.set(new TextDecoder('windows-1252').decode(Uint8Array.of(byte)), byte);
}

/**
 * Mends line by line. A line is changed only when all it has beyond ASCII is Windows-1252 and, as bytes, is valid UTF-8. A text that
 * only names such a letter ("the report shows Ã© instead of é") stays as it is: mangled text has them inside its words.
 */
export function mendMojibake(text: string): string {
  if (!LEAD.test(text)) return text;
  const mended = mendLines(text);
  return INSIDE_A_WORD.test(mended) || !LETTER_ALONE.test(mended) ? mended : text;
}

/** A letter beyond ASCII beside another letter, and one by itself. */
const INSIDE_A_WORD = /\p{L}(?=[^\0-\x7f])\p{L}|(?=[^\0-\x7f])\p{L}\p{L}/u;
const LETTER_ALONE = /(?=[^\0-\x7f])\p{L}/u;

function mendLines(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      let mended = line;
      for (let time = 0; time < MOST_TIMES && LEAD.test(mended); time++) {
        const once = mendLine(mended);
        if (once === null) break;
        mended = once;
      }
      return mended;
    })
    .join('\n');
}

function mendLine(line: string): string | null {
  const bytes = Buffer.allocUnsafe(line.length);
  for (let index = 0; index < line.length; index++) {
    const code = line.charCodeAt(index);
    const byte = code < 0x80 ? code : BYTE_OF.get(line.charAt(index));
    if (byte === undefined) return null;
    bytes[index] = byte;
  }
  return isUtf8(bytes) ? bytes.toString() : null;
}
