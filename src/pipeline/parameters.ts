/** Content-Type and Content-Disposition: a value and its parameters, as RFC 2045 and RFC 2231 have them and as programs really write them. */
import { decodeCharset } from './charset.ts';
import { decodeQuoted, decodeWords } from './encoded-words.ts';

export type Parameterised = { readonly value: string; readonly parameters: ReadonlyMap<string, string> };

/** A header with more is an attack on whoever reads it. */
const MAX_PARAMETERS = 100;
const MAX_LENGTH = 16_000;

/** Reads `text/plain; charset="x"`: the value in lower case, parameter names in lower case, continued and encoded ones put together. */
export function parseParameters(header: string): Parameterised {
  const pieces = split(header.slice(0, MAX_LENGTH));
  const plain = new Map<string, string>();
  const extended = new Map<string, { index: number; encoded: boolean; value: string }[]>();
  for (const piece of pieces.slice(1, MAX_PARAMETERS)) {
    const equals = piece.indexOf('=');
    if (equals === -1) continue;
    const name = piece.slice(0, equals).trim().toLowerCase();
    const value = unquote(piece.slice(equals + 1).trim());
    const star = name.indexOf('*');
    if (star === -1) {
      if (!plain.has(name)) plain.set(name, value);
      continue;
    }
    const base = name.slice(0, star);
    const list = extended.get(base) ?? [];
    extended.set(base, list);
    list.push({ index: Number.parseInt(name.slice(star + 1), 10) || 0, encoded: name.endsWith('*'), value });
  }
  for (const [name, list] of extended) plain.set(name, putTogether(list));
  return { value: (pieces[0] ?? '').trim().split(/[\s,]/, 1).join('').toLowerCase(), parameters: plain };
}

/** At semicolons outside quotes; comments in parentheses are dropped. */
function split(header: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let quoted = false;
  let depth = 0;
  for (let index = 0; index < header.length; index++) {
    const character = header.charAt(index);
    if (character === '\\' && (quoted || depth > 0)) {
      if (depth === 0) piece += character + header.charAt(index + 1);
      index++;
    } else if (character === '"' && depth === 0) {
      quoted = !quoted;
      piece += character;
    } else if (!quoted && character === '(' && /[\s;]$|^$/.test(piece.slice(-1))) {
      depth++;
    } else if (depth > 0) {
      if (character === '(') depth++;
      else if (character === ')') depth--;
    } else if (!quoted && character === ';') {
      pieces.push(piece);
      piece = '';
    } else {
      piece += character;
    }
  }
  pieces.push(piece);
  return pieces;
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  const inner = value.slice(1, value.endsWith('"') && value.length > 1 ? -1 : undefined);
  // A Windows path in quotes has backslashes that escape nothing.
  return inner.replace(/\\(["\\])/g, '$1');
}

/** RFC 2231: pieces in their order, percent-encoded in the charset that the first one names. */
function putTogether(list: readonly { index: number; encoded: boolean; value: string }[]): string {
  let charset = '';
  const bytes = [...list]
    .sort((a, b) => a.index - b.index)
    .map(({ encoded, value }, position) => {
      let rest = value;
      const named = position === 0 && encoded ? /^([^']{0,40})'[^']{0,40}'/.exec(value) : null;
      if (named) {
        charset = named[1] ?? '';
        rest = value.slice(named[0].length);
      }
      return encoded ? decodeQuoted(Buffer.from(rest.replaceAll('%', '='))) : Buffer.from(rest);
    });
  return decodeCharset(Buffer.concat(bytes), charset);
}

/** A file name as its sender meant it: many programs put encoded words where RFC 2231 forbids them. */
export function fileNameOf(disposition: Parameterised, type: Parameterised): string {
  const name = disposition.parameters.get('filename') || type.parameters.get('name') || '';
  return decodeWords(name);
}
