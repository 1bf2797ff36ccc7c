/** Files pasted into text by old programs: "begin 644 name", lines whose first character says their length, "end". */

export type TextAndFiles = { readonly text: string; readonly files: readonly { filename: string; data: Buffer }[] };

const BEGIN = /^begin [0-7]{3,4} (\S[^\n]{0,254})$/;
const MAX_FILES = 50;

/** Takes well-formed uuencoded files out of a text. A block that breaks the format anywhere stays text. Linear in its length. */
export function takeOutFiles(text: string): TextAndFiles {
  if (!/^begin [0-7]{3}/m.test(text)) return { text, files: [] };
  const kept: string[] = [];
  const files: { filename: string; data: Buffer }[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const begin = files.length < MAX_FILES ? BEGIN.exec(line.trimEnd()) : null;
    const end = begin ? endOfBlock(lines, index + 1) : null;
    if (begin && end !== null) {
      files.push({ filename: begin[1] ?? '', data: decodeLines(lines.slice(index + 1, end)) });
      index = end;
    } else {
      kept.push(line);
    }
  }
  return { text: kept.join('\n'), files };
}

/** The index of "end" below lines each as long as its first character says; null when one is not, or they hold nothing. */
function endOfBlock(lines: readonly string[], from: number): number | null {
  let size = 0;
  for (let index = from; index < lines.length; index++) {
    const line = (lines[index] ?? '').replace(/\r$/, '');
    if (line.trimEnd() === 'end') return size > 0 ? index : null;
    const length = lengthOf(line);
    if (length === null) return null;
    size += length;
  }
  return null;
}

function lengthOf(line: string): number | null {
  const trimmed = line.trimEnd();
  if (trimmed === '' || trimmed === '`') return 0;
  const length = (line.charCodeAt(0) - 32) & 63;
  const digits = Math.ceil(length / 3) * 4;
  const present = line.length - 1;
  // Trailing spaces are digits too, and lost on the way; some programs add one as a checksum.
  return present <= digits + 1 && trimmed.length - 1 >= digits - 4 && !/[^\x20-\x60]/.test(line) ? length : null;
}

/** The bytes of the first uuencoded file; null when there is none. */
export function decodeUuencoded(body: Buffer): Buffer | null {
  const lines = body.toString('latin1').split('\n');
  const begin = lines.findIndex((line) => BEGIN.test(line.trimEnd()));
  return begin === -1 ? null : decodeLines(lines.slice(begin + 1));
}

function decodeLines(lines: readonly string[]): Buffer {
  const pieces: Buffer[] = [];
  for (const raw of lines) {
    const line = raw.replace(/\r$/, '');
    if (line.trimEnd() === 'end') break;
    const length = (line.charCodeAt(0) - 32) & 63;
    const bytes = Buffer.alloc(Math.ceil(length / 3) * 3);
    for (let group = 0; group * 3 < length; group++) {
      const digit = (offset: number) => ((line.charCodeAt(1 + group * 4 + offset) || 32) - 32) & 63;
      const value = (digit(0) << 18) | (digit(1) << 12) | (digit(2) << 6) | digit(3);
      bytes.writeUIntBE(value, group * 3, 3);
    }
    pieces.push(bytes.subarray(0, length));
  }
  return Buffer.concat(pieces);
}
