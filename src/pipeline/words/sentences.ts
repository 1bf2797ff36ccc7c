/** Where sentences end: at the stops of every script, and at the spaces of those that have no stop. */
import { fold } from './fold.ts';
import { lengthInWords } from './word-count.ts';

export type Sentence = { readonly start: number; readonly end: number; readonly question: boolean };

/** A full stop within a word ("v2.1") ends nothing; those of other scripts need no space behind them. */
const STOP = /(?<![.!?;])[.!?;]+["'”’»)\]]{0,3}(?=\s|$)|[。．！？；｡؟؛۔।॥።፧။៕]+/g;
/** Thai and Lao, Khmer and Burmese set a space where others set a stop or a comma, and none between words. */
const SPACE =
  /(?<=[\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}])[ \u00a0\t]{1,8}(?=[\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}])/gu;
/** What stands between such spaces and is shorter, in words, is no sentence yet: "ไม่สามารถ ทำซ้ำ ได้" is one. */
const SHORTEST = 3;
/** And what is left behind the last of them, when it is no more than a particle. */
const SHORTEST_REST = 1;
/** Japanese, Chinese, Korean and Thai ask with a last word, and often without a mark. */
const ASKING = /(?:か|吗|嗎|까요?|나요|ไหม|มั้ย|หรือไม่|หรือเปล่า|รึเปล่า)(?:ครับ|คะ|ค่ะ)?["'”’」』)）\]\s。.]{0,6}$/u;

/** Whether a stretch of text has the end of a sentence in it. */
export function hasSentenceEnd(text: string): boolean {
  return text.search(STOP) !== -1;
}

/** The sentences of `text`, by their places in it; blank ones are left out. */
export function* sentencesOf(text: string): Generator<Sentence> {
  let start = 0;
  for (const stop of [...text.matchAll(STOP), null]) {
    const end = stop ? stop.index + stop[0].length : text.length;
    yield* splitAtSpaces(text, start, end);
    start = end;
  }
}

function* splitAtSpaces(text: string, from: number, to: number): Generator<Sentence> {
  const part = text.slice(from, to);
  const ends: number[] = [];
  let seen = 0;
  let words = 0;
  for (const { index: end } of part.matchAll(SPACE)) {
    words += lengthInWords(fold(part.slice(seen, end)));
    seen = end;
    if (words < SHORTEST) continue;
    ends.push(end);
    words = 0;
  }
  const last = ends.at(-1);
  if (last !== undefined && lengthInWords(fold(part.slice(last))) < SHORTEST_REST) ends.pop();
  let start = 0;
  for (const end of [...ends, part.length]) {
    if (part.slice(start, end).trim() !== '') yield sentence(text, from + start, from + end);
    start = end;
  }
}

function sentence(text: string, start: number, end: number): Sentence {
  const said = text.slice(Math.max(start, end - 40), end);
  return { start, end, question: /[?？؟፧]["'”’»)\]]{0,3}\s*$/.test(said) || ASKING.test(said) };
}
