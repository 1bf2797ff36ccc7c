/** What an absence notice says: "I am out of the office until …", "this is an automatic reply". */
import { findAddresses } from './address-text.ts';
import { fold, foldWords } from './fold.ts';

/** Folded starts: of absence notices, and of the sentences they go on with. */
export type AbsenceWords = { readonly outOfOffice: readonly string[]; readonly absence: readonly string[] };

/** An absence notice is short: this much of a text is read, and a longer text is none. */
export const LONGEST_ABSENCE = 1_200;
/** Between "I am" and "out of the office" there may be a time of so many words. */
const LONGEST_TIME = 14;
/** A first sentence stands in the first two, behind a greeting and thanks. */
const FIRST_SENTENCES = 6;

export type Absence = {
  /** Sentences near the beginning that say that the writer is away. */
  readonly away: number;
  /** Sentences that go on from there: a return, a colleague, that it is automatic. */
  readonly notes: number;
  /** It asks something, or names an address that is not of the sender's domain: a person does. */
  readonly isPersonal: boolean;
};

/** How much of an absence notice a text is. Reads no more than LONGEST_ABSENCE of it. */
export function absenceIn(text: string, words: AbsenceWords, sender: string): Absence {
  if (text.length > LONGEST_ABSENCE) return { away: 0, notes: 0, isPersonal: true };
  const sentences = sentencesOf(text);
  const domain = sender.slice(sender.lastIndexOf('@') + 1).toLowerCase();
  return {
    away: sentences.slice(0, FIRST_SENTENCES).filter((sentence) => saysAway(sentence, words.outOfOffice)).length,
    notes: sentences.filter((sentence) => words.absence.some((start) => begins(sentence, start))).length,
    isPersonal:
      /[?？؟]/.test(text.replace(/\S{0,100}:\/\/\S{1,400}/g, '')) ||
      findAddresses(text).some(({ address }) => !address.toLowerCase().endsWith(`@${domain}`)),
  };
}

/** Folded sentences and clauses. A stop behind a number ends none: "3. Mai". */
function sentencesOf(text: string): string[] {
  return text
    .split(/\n|(?<!\d)[.!]\s|[。！;；:：,，、،]/)
    .map((sentence) => fold(sentence))
    .filter((sentence) => sentence !== '');
}

function begins(sentence: string, start: string): boolean {
  return sentence === start || sentence.startsWith(`${start} `);
}

/** A sentence that begins with one of the starts, a time before it or within it: "I am from 3 to 5 May out of the office". */
function saysAway(sentence: string, starts: readonly string[]): boolean {
  const timeless = sentence.replace(
    /^.{0,40}\d(?: [日일号號])?(?: ま で| 까 지| か ら| 부 터| [至到起])?(?: (?:は|は、))? /u,
    '',
  );
  return starts.some((start) => begins(sentence, start) || begins(timeless, start) || beginsApart(sentence, start));
}

function beginsApart(sentence: string, start: string): boolean {
  for (let at = start.indexOf(' '); at !== -1; at = start.indexOf(' ', at + 1)) {
    if (!sentence.startsWith(start.slice(0, at + 1))) return false;
    const found = `${sentence} `.indexOf(` ${start.slice(at + 1)} `, at);
    if (found === -1) continue;
    const between = sentence.slice(at, found);
    if (/\d/.test(between) && between.split(' ').length <= LONGEST_TIME) return true;
  }
  return false;
}

/** Whether a line starts like an absence notice; `closed` when the phrase ends there or at a colon or dash. */
export function isAbsence(line: string, starts: readonly string[]): { closed: boolean } | null {
  const words = foldWords(line.slice(0, 200));
  const folded = words.map((word) => word.text).join(' ');
  const matching = starts.filter((phrase) => begins(folded, phrase));
  if (matching.length === 0) return null;
  const closed = matching.some((phrase) => {
    const last = words[phrase.split(' ').length - 1];
    return last !== undefined && /^\s*(?:$|[:：(（\-–—,，、.。!！|/[【「『])/.test(line.slice(last.end, last.end + 20));
  });
  return { closed };
}
