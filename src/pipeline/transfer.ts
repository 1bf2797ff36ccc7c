/** Content-Transfer-Encoding: the bytes a part stands for. */
import { decodeQuoted } from './encoded-words.ts';
import { decodeUuencoded } from './uuencode.ts';

/** The decoded bytes. What does not look like its encoding is taken as it is: nothing is lost to a wrong header. */
export function decodeTransfer(encoding: string, body: Buffer): Buffer {
  const name = encoding.trim().toLowerCase();
  if (name.startsWith('base64')) return looksLikeBase64(body) ? Buffer.from(body.toString('latin1'), 'base64') : body;
  if (name.startsWith('quoted')) return decodeQuoted(body);
  if (/^(?:x-)?uue?(?:ncode)?$/.test(name)) return decodeUuencoded(body) ?? body;
  return body;
}

/** Looked at for signs that text was labelled base64 and is not. */
const SAMPLE = 2_000;

function looksLikeBase64(body: Buffer): boolean {
  const sample = body.toString('latin1', 0, SAMPLE);
  const foreign = sample.replace(/[A-Za-z0-9+/=\s_-]/g, '').length;
  // "Hello world how are you" is all base64 digits too; its words give it away.
  const words = sample.trim().split(/\s+/);
  const prose = words.length > 3 && words.filter((word) => word.length < 16).length > words.length * 0.7;
  return foreign * 20 <= sample.length && !prose;
}
