/** "Are you able to reproduce the issue?": yes, no, or an answer that is neither. */

import { fold, foldWords, UNSPACED, type Word } from '../words/fold.ts';
import type { AnswerWords, Says, Words } from './answer-words.ts';
import { readTicked } from './ticked.ts';

const SEARCHED = 400;
/** "Yes or No" left as the template prints it has at most so many words, or characters, between the two. */
const LONGEST_OR = 6;
const CLAUSE_END = /[\s,.;:!?()[\]/，。、；：！？（）]/;
/** "can" is no word of "can't". */
const APOSTROPHE = /^['’ʼ‘´`]$/;
/** What sets the two words of a question apart, as the template prints them. */
const ALTERNATIVE = /[/|／｜\\☐□⬜]|[[(（][\s_]{0,3}[\])）]/;

/** Reads an answer: the longest phrase it begins with, in the label's language first. Null when it is only the template's "Yes or No". */
export function readAnswer(text: string, words: AnswerWords, language: string): Says | null {
  const own = words.get(language);
  const all = own ? [own, ...[...words.values()].filter((other) => other !== own)] : [...words.values()];
  const start = text.slice(0, SEARCHED);
  const ticked = readTicked(start, (answer) => read(answer, all));
  return ticked === undefined ? read(start, all) : ticked;
}

type Match = { readonly says: Says; readonly phrase: string; readonly length: number; readonly from: Words };
type Answer = { readonly text: string; readonly words: readonly Word[]; readonly clause: string };

function read(text: string, all: readonly Words[]): Says | null {
  const answer = { text, words: foldWords(text), clause: fold(text.trim().split(CLAUSE_END, 1)[0] ?? '') };
  if (answer.words.length === 0) return null;
  const matches = all.flatMap((from) =>
    (['yes', 'no', 'unknown'] as const).flatMap((says): Match[] => {
      const phrase = phraseAt(answer, 0, from[says]);
      return phrase === null ? [] : [{ says, phrase, length: phrase.split(' ').length, from }];
    }),
  );
  const longest = Math.max(0, ...matches.map(({ phrase }) => phrase.length));
  const best = matches.filter(({ phrase }) => phrase.length === longest);
  const says = best[0]?.says;
  if (says === undefined) return all.some((from) => isRefused(answer, 0, from)) ? 'no' : 'unknown';
  for (const match of says === 'unknown' ? [] : best) {
    const rest = readRest(answer, match, all);
    if (rest !== undefined) return rest;
  }
  return says;
}

/** What an answer says that goes on with the other word of the question; undefined when its first word decides. */
function readRest(answer: Answer, match: Match, all: readonly Words[]): Says | null | undefined {
  const { says, from, length } = match;
  for (let at = length; at <= length + LONGEST_OR && at < answer.words.length; at++) {
    const other = phraseAt(answer, at, says === 'yes' ? from.no : from.yes);
    if (other === null) continue;
    const pair = pairOf(answer, match, at, other);
    if (pair === null) break;
    const left = answer.text.slice(answer.words[at + other.split(' ').length - 1]?.end);
    const said = read(left, all);
    if (pair === 'printed' || said === null) return said;
    if (said === 'unknown') return undefined;
    return /^\s*[\p{P}\p{S}]/u.test(left) ? said : 'no';
  }
  return says === 'yes' && isRefused(answer, length, from) ? 'no' : undefined;
}

/** Whether two opposite words are the question as the template prints it ("Yes or No", "No/Yes"), or might be ("Yes No"). */
function pairOf({ text, words }: Answer, match: Match, at: number, other: string): 'printed' | 'beside' | null {
  const { says, phrase, length, from } = match;
  const isPlain = says === 'yes' && [phrase, other].every((word) => word.length === 1 || from.plain.has(word));
  const gap = text.slice(words[length - 1]?.end, words[at]?.start);
  const or = words.slice(length, at).map((word) => word.text);
  if (or.length === 0) return ALTERNATIVE.test(gap) ? 'printed' : isPlain ? 'beside' : null;
  const isShort = isPlain && or.length === 1 && (or[0]?.length ?? 0) <= LONGEST_OR;
  return isShort || from.or.has(or.join(' ')) ? 'printed' : null;
}

/** A refusal without a mark before it: "we can't", and "Yes we can't", "consigo não", which a yes begins. */
function isRefused(answer: Answer, at: number, from: Words): boolean {
  const { text, words } = answer;
  const begin = from.openers.has(words[at]?.text ?? '') ? at + 1 : at;
  const phrase = begin === 0 ? null : phraseAt(answer, begin, from.no);
  if (phrase === null || /[\p{P}\p{S}]/u.test(text.slice(words[begin - 1]?.end, words[begin]?.start))) return false;
  if (at === 0) return true;
  if (/[\p{P}\p{S}]/u.test(text.slice(words[at - 1]?.end, words[at]?.start))) return false;
  const behind = begin + phrase.split(' ').length;
  const isPhrase = phrase.includes(' ') && !UNSPACED.test(phrase);
  const next = text.slice(words[behind - 1]?.end, words[behind]?.start);
  return isPhrase || behind >= words.length || /[\p{P}\n]/u.test(next) || phraseAt(answer, behind, from.yes) !== null;
}

/**
 * The phrase that stands at a word of the answer. One letter ("y") has to be all of it, or one of two ("y/n"); one Chinese or
 * Korean character, its first clause.
 */
function phraseAt({ text, words, clause }: Answer, at: number, phrases: readonly string[]): string | null {
  const rest = words.slice(at).map((word) => word.text);
  const letters = words.length <= 2 && words.every((word) => word.text.length === 1);
  const found = phrases.find((phrase) => {
    const parts = phrase.split(' ');
    if (!parts.every((part, index) => part === rest[index])) return false;
    if (phrase.length === 1)
      return letters || rest.length === 1 || (at === 0 && phrase === clause && phrase > '\u2000');
    const last = at + parts.length;
    return !APOSTROPHE.test(text.slice(words[last - 1]?.end, words[last]?.start)) || last >= words.length;
  });
  return found ?? null;
}
