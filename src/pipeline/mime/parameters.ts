/** Parameters of a header value, as programs really write them. */

/** A header with more is an attack on whoever reads it. */
const MAX_LENGTH = 16_000;

/** The value of a parameter, `charset` of `text/plain; charset="x"`: '' when there is none. */
export function parameterOf(header: string, name: string): string {
  for (const piece of split(header.slice(0, MAX_LENGTH)).slice(1)) {
    const equals = piece.indexOf('=');
    if (equals === -1 || piece.slice(0, equals).trim().toLowerCase() !== name) continue;
    return unquote(piece.slice(equals + 1).trim());
  }
  return '';
}

/** At semicolons outside quotes. */
function split(header: string): string[] {
  const pieces = [''];
  let quoted = false;
  for (let index = 0; index < header.length; index++) {
    const character = header.charAt(index);
    if (character === '"') quoted = !quoted;
    if (character === ';' && !quoted) pieces.push('');
    else if (character === '\\' && quoted) pieces[pieces.length - 1] += character + header.charAt(++index);
    else pieces[pieces.length - 1] += character;
  }
  return pieces;
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value.split(/[\s(]/, 1).join('');
  return value.slice(1, value.endsWith('"') && value.length > 1 ? -1 : undefined).replace(/\\(["\\])/g, '$1');
}
