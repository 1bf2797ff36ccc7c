/** Content-Transfer-Encoding: the bytes a part stands for. */
import { decodeQuoted } from './encoded-words.ts';
import { decodeUuencoded } from './uuencode.ts';

/** The decoded bytes. What does not look like its encoding is taken as it is: nothing is lost to a wrong header. */
export function decodeTransfer(encoding: string, body: Buffer): Buffer {
  const name = encoding.trim().toLowerCase();
  if (name.startsWith('base64')) return looksLikeBase64(body) ? decodeBase64(body) : body;
  if (name.startsWith('quoted')) return decodeQuoted(body);
  if (/^(?:x-)?uue?(?:ncode)?$/.test(name)) return decodeUuencoded(body) ?? body;
  return body;
}

/** Looked at for signs that text was labelled base64 and is not. */
const SAMPLE = 2_000;
const NO_DIGIT = /[^A-Za-z0-9+/=\s_-]/;

function looksLikeBase64(body: Buffer): boolean {
  const sample = runsOf(body.toString('latin1', 0, SAMPLE))[0]?.text ?? '';
  // "Hello world how are you" is all base64 digits too; its words give it away.
  const words = sample.trim().split(/\s+/);
  return (
    sample.trim() !== '' && !(words.length > 3 && words.filter((word) => word.length < 16).length > words.length * 0.7)
  );
}

/**
 * Gateways append their footers below the base64 of others, as base64 with a padding of its own or as plain text: every run is
 * decoded by itself, and what is none stays as it is.
 */
function decodeBase64(body: Buffer): Buffer {
  const decoded = runsOf(body.toString('latin1')).flatMap(({ text, isBase64 }) =>
    isBase64 ? text.split(/=+/).map((piece) => Buffer.from(piece, 'base64')) : [Buffer.from(text, 'latin1')],
  );
  return Buffer.concat(decoded);
}

type Run = { readonly text: string; readonly isBase64: boolean };

/** The leading lines of base64, then what follows: text from the first line that cannot be base64. */
function runsOf(text: string): Run[] {
  const foreign = text.search(NO_DIGIT);
  if (foreign === -1) return [{ text, isBase64: true }];
  const start = text.lastIndexOf('\n', foreign) + 1;
  return [
    ...(start > 0 ? [{ text: text.slice(0, start), isBase64: true }] : []),
    { text: `${start > 0 ? '\n' : ''}${text.slice(start)}`, isBase64: false },
  ];
}
