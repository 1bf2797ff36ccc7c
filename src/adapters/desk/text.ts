/** Text as Desk takes it: well-formed, without control characters, and not longer than allowed. */

/** Everything that no person wrote on purpose; tabs and line ends stay. */
const CONTROLS = /[\p{Cc}--[\t\n]]/gv;

export const clean = (text: string): string => text.toWellFormed().replace(/\r\n?/g, '\n').replace(CONTROLS, '');

export const oneLine = (text: string): string => clean(text).replace(/\s+/g, ' ').trim();

/** At most `length` UTF-16 units, and no half of a character. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const cutIn = /[\uD800-\uDBFF]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return text.slice(0, cutIn);
}

/** As it is, or cut with `tail` at its end. */
export function cutWith(text: string, length: number, tail: string): string {
  return text.length <= length ? text : `${cut(text, length - tail.length)}${tail}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\n': '<br>',
};
const escaped = (character: string): string => ENTITIES[character] ?? character;

/**
 * Plain text as the HTML that Desk takes a description for: line ends stay, and no markup of the text is markup. What does not fit
 * into `length` is left out, and `tail` says so.
 */
export function asHtml(text: string, length: number, tail: string): string {
  const whole = text.replace(/[&<>"'\n]/g, escaped);
  if (whole.length <= length) return whole;
  const end = tail.replace(/[&<>"'\n]/g, escaped);
  let size = end.length;
  let kept = '';
  for (const character of text) {
    const next = escaped(character);
    size += next.length;
    if (size > length) break;
    kept += next;
  }
  return kept + end;
}
