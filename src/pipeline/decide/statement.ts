/** What the partner said, as folded words with the ends of clauses and sentences; the template's own hints are none of it. */
import type { Enquiry } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { fold, foldWords, UNSPACED, type Word } from '../words/fold.ts';

/** Enough for what is said; an attached log of megabytes is no statement of impact. */
const MAX_CHARACTERS = 20_000;

export type Statement = {
  readonly subject: string;
  readonly text: string;
  readonly enquiry: Enquiry;
  /** The sender's mail program says that the mail is important: noted, never obeyed. */
  readonly priority?: 'high' | undefined;
};

/** One word, or the end of a clause (`,`) or sentence (`.`); `at` is its place in `folded`, start and end those in `original`. */
export type Token = Word & { readonly at: number };
export type Said = {
  readonly original: string;
  readonly tokens: readonly Token[];
  readonly folded: string;
  /** Distances are counted in words; a character of an unspaced script is a half. */
  readonly unspaced: boolean;
  /** Of `tokens`: those before it are the subject's and the description's; 0 when there is no description. */
  readonly textFrom: number;
  /** A question is asked, other than those of the template. */
  readonly asks: boolean;
};

/** The words of an address or a link are names. */
const ADDRESS = /\bhttps?:\/\/\S{1,500}|[^\s<>(),;:]{1,100}@[^\s<>(),;:]{1,200}/g;
const SENTENCE = /[。！？؟。।\n]\s*\n|[.!?](?=\s|$|["'”’»)\]])|[。！？؟।]/;
const QUESTION = /[?？؟]/;
/** Japanese asks without a question mark: "…ですか。". */
const ASKING_WORD = 'か';
const CLAUSE = /[,;:，；：、،؛–—…](?=\s|$)|[，；：、،؛]|\s[-–—]\s/;

export function readStatement({ subject, text, enquiry }: Statement, policy: Policy): Said {
  const description = enquiry.fields.description?.value ?? '';
  const original = `${subject}\n\n${description}\n\n${text}`
    .slice(0, MAX_CHARACTERS)
    .replace(ADDRESS, (address) => ' '.repeat(address.length));
  const words = foldWords(original);
  const template = templateOf(policy);
  const tokens: Token[] = [];
  const textAt = description === '' ? 0 : subject.length + description.length + 4;
  let folded = '';
  let textFrom = 0;
  let asks = false;
  const push = (word: Word) => {
    tokens.push({ ...word, at: folded.length });
    folded += `${word.text} `;
  };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as Word;
    const before = words[index - 1];
    // With the word behind it: the point in "2.000" ends nothing.
    const between = before ? original.slice(before.end, word.start + 1) : '';
    if (SENTENCE.test(between) || between.includes('\n\n')) push({ text: '.', start: word.start, end: word.start });
    else if (CLAUSE.test(between)) push({ text: ',', start: word.start, end: word.start });
    const atLineStart =
      index === 0 || between.includes('\n') || (before !== undefined && isNumbered(words, index, original));
    const hint =
      lengthAt(words, index, template.hints) || (atLineStart ? labelLength(words, index, original, template) : 0);
    if (hint > 0) {
      push({ text: '.', start: word.start, end: word.start });
      index += hint - 1;
    } else {
      push(word);
      asks ||= isAsking(word, original.slice(word.end, words[index + 1]?.start), index === words.length - 1);
    }
    if (word.start < textAt) textFrom = tokens.length;
  }
  return {
    original,
    tokens,
    folded,
    textFrom,
    asks,
    unspaced: tokens.filter((token) => UNSPACED.test(token.text)).length * 2 > words.length,
  };
}

/** "…ですか。", also at the end of a line or of all; not the か of から. */
const isAsking = ({ text }: Word, behind: string, isLast: boolean): boolean =>
  QUESTION.test(behind) || (text === ASKING_WORD && (isLast || behind.includes('\n') || SENTENCE.test(behind)));

type Phrases = ReadonlyMap<string, readonly (readonly string[])[]>;
type Template = { readonly hints: Phrases; readonly labels: Phrases };
const compiled = new WeakMap<object, Template>();
/** What stands behind a label: a colon, the end of its cell or line, its hint in brackets. */
const BEHIND_LABEL = /^[ \t\u00a0*_]{0,4}(?:[:：?？|\t\n([（]|[-–—] |$)/;

/** The template's own words, which are nothing the partner said, by their first word. */
function templateOf({ labels }: Policy): Template {
  const known = compiled.get(labels);
  if (known) return known;
  const languages = Object.values(labels.languages);
  const template = {
    hints: byFirstWord(languages.flatMap(({ hints }) => hints)),
    labels: byFirstWord(languages.flatMap((language) => Object.values(language.labels).flat())),
  };
  compiled.set(labels, template);
  return template;
}

/** The longest first: "Yes or No" is a part of another hint. */
function byFirstWord(phrases: readonly string[]): Phrases {
  const folded = [...new Set(phrases.map(fold))].map((phrase) => phrase.split(' '));
  return Map.groupBy(
    folded.sort((one, other) => other.length - one.length),
    ([first]) => first ?? '',
  );
}

function lengthAt(words: readonly Word[], at: number, phrases: Phrases): number {
  const found = phrases
    .get(words[at]?.text ?? '')
    ?.find((phrase) => phrase.every((part, index) => words[at + index]?.text === part));
  return found?.length ?? 0;
}

function labelLength(words: readonly Word[], at: number, original: string, { labels }: Template): number {
  const length = lengthAt(words, at, labels);
  const last = words[at + length - 1];
  return length > 0 && last && BEHIND_LABEL.test(original.slice(last.end, last.end + 6)) ? length : 0;
}

/** "3. Description: …" */
function isNumbered(words: readonly Word[], at: number, original: string): boolean {
  const [number, before] = [words[at - 1], words[at - 2]];
  if (!number || !/^\d{1,2}$/.test(number.text)) return false;
  return !before || original.slice(before.end, number.start).includes('\n');
}
