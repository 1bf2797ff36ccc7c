/**
 * An address that a partner gives without a word for whose it is: alone on a line at the beginning of the answer, or as what a
 * sentence says it is ("it is owner@customer.example"). An address in another sentence, or below the thanks, names nobody.
 */
import type { Policy } from '../../policy.ts';
import { fold, foldWords } from '../words/fold.ts';

/** In Latin letters: in scripts without spaces what stands beside an address would be taken for a part of it. */
const ADDRESS = /[\p{sc=Latn}\p{N}._%+'-]{1,64}@[\p{sc=Latn}\p{N}.-]{1,253}\.\p{sc=Latn}{2,24}/gu;
/** The text of an answer that is searched. */
const ANSWER_LENGTH = 4_000;
/** Words of a line that greets or leads to the address: "Hello Ana", "Here it is:". */
const LEAD_WORDS = 6;
/** Behind "it is" an address is a complement within so many words of the copula. */
const COPULA_REACH = 2;

/** "It's", "c'est": a copula that is no word of its own. */
const CONTRACTED = ['it s', 'that s', 'c est'];

export type Reader = {
  /** Addresses that cannot be meant: ours, the sender's own company's. */
  readonly isOurs: (address: string) => boolean;
  /** What the answer may be written in: the copulas of one language are other words in the next. */
  readonly languages: readonly string[];
  readonly policy: Policy;
};

/** The one address the answer gives, in lower case; null when it gives none or several. */
export function bareAddressIn(answer: string, { isOurs, languages, policy }: Reader): string | null {
  const { greetings, negations } = wordsOf(policy);
  const copulas = new Set([
    ...CONTRACTED,
    ...languages.flatMap((code) => policy.labels.languages[code]?.copulas.map(fold) ?? []),
  ]);
  const given = new Set<string>();
  let isBeginning = true;
  for (const line of answer.slice(0, ANSWER_LENGTH).split('\n')) {
    const addresses = [...line.matchAll(ADDRESS)].filter(([address]) => !isOurs(address.toLowerCase()));
    const beside = fold(line.replace(ADDRESS, ' '));
    for (const match of addresses) {
      const sentence = sentenceAround(line, match.index, match.index + match[0].length);
      const isStated = isBeginning && beside === '';
      if (
        isStated ||
        (says(sentence, copulas) && !/[?？؟]/.test(sentence.whole) && !holdsAny(sentence.whole, negations))
      )
        given.add(match[0].toLowerCase());
    }
    if (beside !== '' && !isLead(line, beside, greetings)) isBeginning = false;
  }
  const [only, ...others] = given;
  return only !== undefined && others.length === 0 ? only : null;
}

type Sentence = { readonly before: string; readonly behind: string; readonly whole: string };

function sentenceAround(line: string, start: number, end: number): Sentence {
  const before =
    line
      .slice(0, start)
      .split(/[.!?。！？؟](?:\s|$)|[。！？]/u)
      .at(-1) ?? '';
  const [behind = ''] = line.slice(end).split(/(?<=[?？؟])|[.!](?:\s|$)|[。！]/u);
  return { before, behind, whole: `${before} ${behind}` };
}

/** "It is …", "… です": a copula right before the address, or right behind it. */
function says({ before, behind }: Sentence, copulas: ReadonlySet<string>): boolean {
  const [near, far] = [foldWords(before).slice(-COPULA_REACH), foldWords(behind).slice(0, COPULA_REACH)];
  const joined = (words: readonly { text: string }[]) => words.map(({ text }) => text);
  const [last, first] = [joined(near), joined(far)];
  return [last.at(-1), last.join(' '), last.join(''), first[0], first.join(''), first.join(' ')].some(
    (one) => one !== undefined && copulas.has(one),
  );
}

const holdsAny = (text: string, phrases: ReadonlySet<string>): boolean => {
  const folded = ` ${fold(text)} `;
  return [...phrases].some((phrase) => folded.includes(` ${phrase} `));
};

/** "Hello,", "Here you are:". */
function isLead(line: string, folded: string, greetings: ReadonlySet<string>): boolean {
  if (folded.split(' ').length > LEAD_WORDS) return false;
  return /[:：]\s*$/.test(line) || [...greetings].some((one) => folded === one || folded.startsWith(`${one} `));
}

type Words = {
  readonly greetings: ReadonlySet<string>;
  readonly negations: ReadonlySet<string>;
};
const compiled = new WeakMap<object, Words>();

function wordsOf({ labels }: Policy): Words {
  const known = compiled.get(labels);
  if (known) return known;
  const of = (pick: 'greetings' | 'negations') =>
    new Set(
      Object.values(labels.languages)
        .flatMap((language) => language[pick].map(fold))
        .filter(Boolean),
    );
  const made = { greetings: of('greetings'), negations: of('negations') };
  compiled.set(labels, made);
  return made;
}
