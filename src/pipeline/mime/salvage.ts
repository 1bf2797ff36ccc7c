/** What can be read from a mail that no MIME parser makes sense of: its text pieces by their own headers, else the raw body. */
import { nextDashes } from './boundaries.ts';
import { type Headers, readHeaders } from './headers.ts';
import { parameterOf } from './parameters.ts';
import { partText } from './part-text.ts';
import { decodeTransfer } from './transfer.ts';

/** Only this much of a broken body is read: enough for a template, little enough for any machine. */
const MAX_SALVAGED_BYTES = 256 * 1024;
const MAX_PIECES = 50;

export type Salvaged = { text: string; html: string };

/** Decodes a bounded slice of a body by hand. Never throws; at least one of both texts holds something when the body does. */
export function salvage(headers: Headers, body: Buffer): Salvaged {
  const slice = body.subarray(0, MAX_SALVAGED_BYTES);
  const found: Salvaged = { text: '', html: '' };
  for (const piece of piecesOf(slice)) {
    const { headers: own, bodyStart } = readHeaders(piece, 'part');
    const type = own.first('content-type').toLowerCase() || 'text/plain';
    if (!type.startsWith('text/') || /attachment/i.test(own.first('content-disposition'))) continue;
    const text = decode(own, piece.subarray(bodyStart));
    if (text.trim() === '') continue;
    const key = type.startsWith('text/html') ? 'html' : 'text';
    found[key] += found[key] === '' ? text : `\n${text}`;
  }
  if (found.text.trim() !== '' || found.html.trim() !== '') return found;
  const whole = decode(headers, slice);
  const text = whole.trim() === '' ? partText(slice, '') : whole;
  return /^text\/html/i.test(headers.first('content-type')) ? { text: '', html: text } : { text, html: '' };
}

/** The bounded body as it is, for when nothing in it can be shown. */
export function rawText(body: Buffer): string {
  return partText(body.subarray(0, MAX_SALVAGED_BYTES), '');
}

/** Whether a body holds more than boundaries and the headers of parts that are empty. */
export function holdsText(body: Buffer): boolean {
  const lines = body.toString('latin1', 0, MAX_SALVAGED_BYTES).split(/\r?\n/);
  return lines.some((line) => /[^\0- ]/.test(line) && !/^(?:--|[ \t]|content-[a-z-]{1,40}:|mime-version:)/i.test(line));
}

/** What stands between lines that begin with `--` and are followed by a Content- header: the parts of a multipart with a wrong boundary. */
function piecesOf(body: Buffer): Buffer[] {
  const starts: { line: number; start: number }[] = [];
  for (
    let line = nextDashes(body, 0);
    line !== -1 && starts.length < MAX_PIECES * 2;
    line = nextDashes(body, line + 1)
  ) {
    const newline = body.indexOf('\n', line);
    starts.push({ line, start: newline === -1 ? body.length : newline + 1 });
  }
  return starts
    .map(({ start }, index) => body.subarray(start, starts[index + 1]?.line ?? body.length))
    .filter((piece) => /^content-/i.test(piece.toString('latin1', 0, 8)))
    .slice(0, MAX_PIECES);
}

function decode(headers: Headers, body: Buffer): string {
  const charset = parameterOf(headers.first('content-type'), 'charset');
  return partText(decodeTransfer(headers.first('content-transfer-encoding'), body), charset);
}
