/** How long a text is in words, as its reader would count them: folding makes a word of every character where no spaces are set. */
import { UNSPACED } from './fold.ts';

/** Characters that make a word on average, in the scripts whose characters are folded one by one. */
const CHARACTERS_PER_WORD: readonly (readonly [RegExp, number])[] = [
  [/\p{sc=Han}/u, 1.5],
  [/[\p{scx=Hira}\p{scx=Kana}]/u, 2.5],
  [/\p{sc=Hang}/u, 2.7],
  [/[\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u, 4.2],
];

/** Words of a folded text (single spaces between its words); 0 for an empty one. Every limit "so many words" is measured by it. */
export function lengthInWords(folded: string): number {
  let length = 0;
  for (const word of folded.split(' ')) {
    if (word === '') continue;
    const [, characters = 1] = UNSPACED.test(word)
      ? (CHARACTERS_PER_WORD.find(([script]) => script.test(word)) ?? [])
      : [];
    length += 1 / characters;
  }
  return length;
}
