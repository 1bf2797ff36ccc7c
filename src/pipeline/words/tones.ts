/**
 * Languages whose marks are letters to their readers (Vietnamese: "dừng" stops, "dùng" uses, "đúng" is right). People type them or
 * leave all of them away: in a text that has them a word counts with its marks, in one that has none without.
 */
import { fold, type Word } from './fold.ts';

/** Grave, tilde, acute, hook above, dot below: they may be typed on either vowel of a syllable ("hoà", "hòa"). */
const TONE = /[\u0300\u0301\u0303\u0309\u0323]/gu;
const MARKED = /\P{ASCII}/u;
/** Of the words of a text without marks hardly any has one (a name, a product); of Vietnamese with them two in three. */
const MARKED_SHARE = 0.25;

/** Words folded but for the marks of their letters; the tone stands at the end of its syllable. */
export function foldWithMarks(text: string): string {
  const words = text.normalize('NFC').match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  return words
    .map((word) => {
      const parts = word.toLowerCase().normalize('NFD');
      return `${parts.replace(TONE, '')}${parts.match(TONE)?.join('') ?? ''}`.normalize('NFC');
    })
    .join(' ');
}

/** Whether a text's writer types the marks. `words` are places in `text`; stops between them are not counted. */
export function hasMarks(words: readonly Word[], text: string): boolean {
  const spelt = words.filter((word) => word.end > word.start);
  const marked = spelt.filter((word) => MARKED.test(text.slice(word.start, word.end)));
  return marked.length > spelt.length * MARKED_SHARE;
}

/** How a word of such a text is compared. */
export const markedWord = (word: Word, text: string): string =>
  word.end > word.start
    ? foldWithMarks(text.slice(word.start, word.end)).replaceAll(' ', '') || fold(word.text)
    : word.text;
