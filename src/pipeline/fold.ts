/** Folding: what a person sees as the same words becomes the same string, whatever the accents, case, width, bidi marks or dashes. */

/** A folded word and where it stood in the original (UTF-16 units). */
export type Word = { readonly text: string; readonly start: number; readonly end: number };

/** Characters that are neither part of a word nor the end of one: bidi controls, zero-width, soft hyphen, tatweel. */
const INVISIBLE = /[\u00ad\u061c\u0640\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
const WORD_CHARACTER = /[\p{L}\p{N}]/u;
/** Letters that Unicode does not decompose, and Arabic letters that are written for one another. */
const TWINS: Readonly<Record<string, string>> = {
  đ: 'd',
  ð: 'd',
  ø: 'o',
  ł: 'l',
  ı: 'i',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ى: 'ي',
  ة: 'ه',
};
const ARABIC_DIGITS = [0x0660, 0x06f0];

/** One character folded: '' when it is dropped inside a word, ' ' when it ends one. Remembered, since mails use few different ones. */
const remembered = new Map<number, string>();

function foldCharacter(code: number): string {
  const known = remembered.get(code);
  if (known !== undefined) return known;
  const folded = foldUnknown(code);
  remembered.set(code, folded);
  return folded;
}

function foldUnknown(code: number): string {
  const character = String.fromCodePoint(code);
  if (INVISIBLE.test(character)) return '';
  for (const zero of ARABIC_DIGITS) if (code >= zero && code < zero + 10) return String(code - zero);
  const bare = character.normalize('NFKD').toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
  if (bare === '') return /\p{M}/u.test(character) ? '' : ' ';
  let folded = '';
  for (const letter of bare) folded += TWINS[letter] ?? (WORD_CHARACTER.test(letter) ? letter : '');
  return folded === '' ? ' ' : folded;
}

/** The folded words of `text.slice(from, to)`, with their places in `text`. Linear in its length. */
export function foldWords(text: string, from = 0, to = text.length): Word[] {
  const words: Word[] = [];
  let word = '';
  let start = from;
  let end = from;
  for (let index = from; index < to; ) {
    const code = text.codePointAt(index) ?? 0;
    const next = index + (code > 0xffff ? 2 : 1);
    const folded = code < 0x80 ? foldAscii(code) : foldCharacter(code);
    if (folded === ' ') {
      if (word !== '') words.push({ text: word, start, end });
      word = '';
    } else if (folded !== '') {
      if (word === '') start = index;
      word += folded;
      end = next;
    } else if (word !== '') {
      end = next;
    }
    index = next;
  }
  if (word !== '') words.push({ text: word, start, end });
  return words;
}

const ASCII = Array.from({ length: 0x80 }, (_, code) => {
  const character = String.fromCharCode(code).toLowerCase();
  return /[a-z0-9]/.test(character) ? character : ' ';
});

function foldAscii(code: number): string {
  return ASCII[code] ?? ' ';
}

/** Folded words joined by single spaces. */
export function fold(text: string): string {
  return foldWords(text)
    .map((word) => word.text)
    .join(' ');
}

/** Folded without any space, so that "e-mail" is "email" and "SuperAdmin" is "super admin". */
export function foldCompact(text: string): string {
  return foldWords(text)
    .map((word) => word.text)
    .join('');
}

/** Drops what a terminal or a browser would act on: control characters (but tab and line feed) and bidi overrides. */
export function stripControls(text: string): string {
  return text.replace(/(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '');
}
