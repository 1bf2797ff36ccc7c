import { stripControls } from '../words/fold.ts';

const MAX_FILENAME = 255;
/** Characters that a file system forbids or a shell acts on, and those that Unicode takes for a path separator: checked once normalised. */
const FORBIDDEN = /[<>:"|?*\u2044\u2215\u29f8\uff0f\uff3c\ufe68]/g;
/** Device names, whatever follows them ("Naming Files, Paths, and Namespaces", Microsoft). */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\s*(?:\.|$))/i;
/** Nothing to see, yet part of a name: zero-width characters and marks that turn text around. */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b-\u200f\u2028\u2029\u2060-\u2064\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/**
 * An attachment's name without a path or anything a file system or a terminal would act on: first normalised, then cleaned, so that no
 * character becomes a slash afterwards. Empty when nothing is left.
 */
export function cleanFileName(name: string): string {
  const last = stripControls(name.normalize('NFC')).replace(INVISIBLE, '').split(/[\\/]/).pop() ?? '';
  const plain = last
    .replace(FORBIDDEN, '_')
    // A long row of spaces pushes the real ending out of sight.
    .replace(/\s+/g, ' ')
    .replace(/^[ .~-]+(?=.)|[ .]+$/g, '')
    .trim()
    .replace(RESERVED, '_$&');
  return plain.length <= MAX_FILENAME ? plain : shortened(plain);
}

/** The ending stays: it says what the file is. */
function shortened(name: string): string {
  const ending = /\.[^.\s]{1,20}$/.exec(name)?.[0] ?? '';
  return (name.slice(0, MAX_FILENAME - ending.length) + ending).toWellFormed();
}
