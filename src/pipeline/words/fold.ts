/**
 * Folding: what a person sees as the same words becomes the same string, whatever the accents, case, width, bidi marks or dashes.
 * Where a script sets no spaces between words (Chinese, Japanese, Thai), or sets them as the writer pleases (Korean), each
 * character is a word of its own: so a phrase is found inside a sentence, and spaces between its characters do not matter.
 */

/** A folded word and where it stood in the original (UTF-16 units). */
export type Word = { readonly text: string; readonly start: number; readonly end: number };

/** Characters that are neither part of a word nor the end of one: bidi controls, zero-width, soft hyphen, tatweel. */
const INVISIBLE = /[\u00ad\u061c\u0640\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
const WORD_CHARACTER = /[\p{L}\p{N}]/u;
/** A Korean syllable in the parts that macOS stores file names in. */
const JAMO = /^[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?/;
/** Characters that are words of their own: their scripts set no spaces between words, or set them freely. */
export const UNSPACED = /[\p{sc=Han}\p{scx=Hira}\p{scx=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;
/**
 * Marks that people leave away or that stand for nothing: accents, Arabic vowels, Thai and Lao tone marks. Marks of other scripts
 * are letters: Thai vowels, the strokes that make ka into ga.
 */
const DROPPED_MARK =
  /[[\p{M}&&[\p{sc=Zinh}\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Arab}\p{sc=Hebr}]]--[\u3099\u309a]]|[\u0e47-\u0e4e\u0ec8-\u0ecd]/v;
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
/** The zeros of the digits people type besides ours: Arabic, Persian, Thai. */
const DIGITS = [0x0660, 0x06f0, 0x0e50];

/**
 * One code point: '' when it is dropped inside a word, ' ' when it ends one; `alone` when it is a word of its own, `mark` when it
 * belongs to the character before it. Remembered, since mails use few different ones.
 */
type Folded = { readonly text: string; readonly alone: boolean; readonly mark: boolean };
const remembered = new Map<number, Folded>();

function foldCharacter(code: number): Folded {
  const known = remembered.get(code);
  if (known) return known;
  const text = foldUnknown(code);
  const folded = { text, alone: UNSPACED.test(text), mark: /^\p{M}+$/u.test(text) };
  remembered.set(code, folded);
  return folded;
}

function foldUnknown(code: number): string {
  const character = String.fromCodePoint(code);
  if (INVISIBLE.test(character)) return '';
  for (const zero of DIGITS) if (code >= zero && code < zero + 10) return String(code - zero);
  const bare = [...character.normalize('NFKD').toLowerCase().normalize('NFKD')]
    .filter((part) => !DROPPED_MARK.test(part))
    .join('');
  if (bare === '') return '';
  let folded = '';
  for (const letter of bare)
    folded += TWINS[letter] ?? (WORD_CHARACTER.test(letter) || /\p{M}/u.test(letter) ? letter : '');
  // Composed again: a Korean syllable is one character, not three.
  return folded === '' ? ' ' : folded.normalize('NFC');
}

/** The folded words of `text.slice(from, to)`, with their places in `text`. Linear in its length. */
export function foldWords(text: string, from = 0, to = text.length): Word[] {
  const words: Word[] = [];
  let word = '';
  let start = from;
  let end = from;
  const close = () => {
    if (word !== '') words.push({ text: word, start, end });
    word = '';
  };
  let alone = false;
  for (let index = from; index < to; ) {
    let code = text.codePointAt(index) ?? 0;
    let next = index + (code > 0xffff ? 2 : 1);
    if (code >= 0x1100 && code < 0x1200) {
      const syllable = JAMO.exec(text.slice(index, index + 3))?.[0] ?? '';
      if (syllable !== '') [code, next] = [syllable.normalize('NFC').charCodeAt(0), index + syllable.length];
    }
    const folded = code < 0x80 ? (ASCII[code] ?? SPACE) : foldCharacter(code);
    if (folded === SPACE || folded.text === ' ') {
      close();
    } else if (folded.text === '' || folded.mark) {
      if (word !== '') {
        // Composed at its first mark only: a mail of nothing but marks must not cost more than its length.
        word = word.length === 1 ? (word + folded.text).normalize('NFC') : word + folded.text;
        end = next;
      }
    } else {
      if (alone || folded.alone) close();
      alone = folded.alone;
      if (word === '') start = index;
      word += folded.text;
      end = next;
    }
    index = next;
  }
  close();
  return words;
}

const SPACE: Folded = { text: ' ', alone: false, mark: false };
const ASCII = Array.from({ length: 0x80 }, (_, code): Folded => {
  const character = String.fromCharCode(code).toLowerCase();
  return /[a-z0-9]/.test(character) ? { text: character, alone: false, mark: false } : SPACE;
});

/** Folded words joined by single spaces. */
export function fold(text: string): string {
  return foldWords(text)
    .map((word) => word.text)
    .join(' ');
}

/** Folded without any space, so that "e-mail" is "email" and "SuperAdmin" is "super admin". */
export function foldCompact(text: string): string {
  let folded = '';
  for (const word of foldWords(text)) folded += word.text;
  return folded;
}

/** Drops what a terminal or a browser would act on: control characters (but tab and line feed) and bidi overrides. */
export function stripControls(text: string): string {
  return text.replace(/(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '');
}
