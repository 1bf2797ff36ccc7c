/** What an absence notice says: "I am out of the office until …", "this is an automatic reply". */
import { findAddresses } from '../extract/address-text.ts';
import { nameIn, senderOf } from '../separate/signature-card.ts';
import { fold, foldWords } from '../words/fold.ts';
import { sentencesOf } from '../words/sentences.ts';
import { lengthInWords } from '../words/word-count.ts';

/** Folded starts: of absence notices, and of what stands in them besides. */
export type AbsenceWords = {
  readonly outOfOffice: readonly string[];
  readonly absence: {
    /** Of the sentences that they go on with. */
    readonly notes: readonly string[];
    readonly greetings: readonly string[];
    /** Sign-offs and thanks. */
    readonly closings: readonly string[];
  };
};

/** An absence notice is short: this much of a text is read, and a longer text is none. */
const LONGEST_ABSENCE = 1_200;
/** Between "I am" and "out of the office" there may be a time of so many words. */
const LONGEST_TIME = 14;
/** A first sentence stands in the first two, behind a greeting and thanks. */
const FIRST_CLAUSES = 6;
/** Words behind a greeting: a name, "Damen und Herren". */
const LONGEST_NAME = 4;
/** Without a comma at its end a greeting is told from "Hi nothing works" by its length alone. */
const LONGEST_BARE_NAME = 2;
/** "Thank you" and so many words: "for your message". */
const LONGEST_THANKS = 6;
/** An absence that is all there is has no more words: "I am away and the import still fails when we retry it" goes on. */
const LONGEST_ALONE = 12;
/** So many sentences of a notice leave room for one that no list has. */
const SURE = 3;

export type Absence = {
  /** Clauses near the beginning that say that the writer is away. */
  readonly away: number;
  /** Clauses that go on from there: a return, a colleague, that it is automatic. */
  readonly notes: number;
  /** It asks something, or names an address that is not of the sender's domain: a person does. */
  readonly isPersonal: boolean;
  /** Next to nothing else is said: what a text needs that no header and no subject calls automatic. */
  readonly isAll: boolean;
  /** Most of what is said, or nothing is said at all: enough below a subject that says the same. */
  readonly isMost: boolean;
};

const NONE: Absence = { away: 0, notes: 0, isPersonal: true, isAll: false, isMost: false };

/** How much of an absence notice a text is. Reads no more than LONGEST_ABSENCE of it. */
export function absenceIn(text: string, words: AbsenceWords, from: { address: string; name: string }): Absence {
  if (text.length > LONGEST_ABSENCE) return NONE;
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1).toLowerCase();
  const isPersonal =
    /[?？؟]/.test(text.replace(/\S{0,100}:\/\/\S{1,400}/g, '')) ||
    findAddresses(text).some(({ address }) => !address.toLowerCase().endsWith(`@${domain}`));
  return { isPersonal, ...weigh(text, words, from) };
}

function weigh(text: string, words: AbsenceWords, from: { address: string; name: string }) {
  const sender = senderOf(from.address, from.name);
  let [away, notes, told, attached, other, place] = [0, 0, 0, 0, 0, 0];
  let isThanking = false;
  for (const sentence of clausesOf(text)) {
    let said: 'nothing' | 'away' | 'note' = 'nothing';
    for (const clause of sentence) {
      const folded = fold(clause);
      if (folded === '') continue;
      const length = lengthInWords(folded);
      const isAway = place++ < FIRST_CLAUSES && saysAway(folded, words.outOfOffice);
      const isNote = words.absence.notes.some((start) => begins(folded, start));
      if (isAway) away++;
      if (isNote) notes++;
      if (isNote) said = 'note';
      else if (isAway && said === 'nothing') said = 'away';
      if (isAway || said === 'note') told += length;
      else if (said === 'away') attached += length;
      else if (isGreeting(clause, folded, words.absence.greetings) || nameIn(clause.trim(), sender)) continue;
      else if (isThanks(folded, words.absence.closings)) isThanking ||= !words.absence.closings.includes(folded);
      else other += length;
    }
  }
  const signs = away + notes;
  // "Thanks but it still fails" is as long as "thank you for your message".
  const isEnough = signs > 1 || (told <= LONGEST_ALONE && !isThanking);
  return {
    away,
    notes,
    isAll: isEnough && 2 * attached <= told && (other === 0 || (signs >= SURE && 4 * other <= told)),
    isMost: other + attached <= told,
  };
}

/** The sentences of a text, each as its clauses. A stop behind a day ends none: "vom 3. bis 7. März". */
function clausesOf(text: string): string[][] {
  const sentences: string[] = [];
  for (const line of text.split('\n')) {
    let day = '';
    for (const { start, end } of sentencesOf(line)) {
      const sentence = day + line.slice(start, end);
      day = /(?<![\d/.-])\d{1,2}\.$/.test(sentence) ? sentence : '';
      if (day === '') sentences.push(sentence);
    }
    if (day !== '') sentences.push(day);
  }
  return sentences.map((sentence) => sentence.split(/(?<=[:：,，、،])/));
}

/** "Dear Sam," "Sehr geehrte Damen und Herren,": a greeting and a name. */
function isGreeting(clause: string, folded: string, greetings: readonly string[]): boolean {
  const most = /[,，、،:：!！]\s*$/.test(clause) ? LONGEST_NAME : /[.。]\s*$/.test(clause) ? 0 : LONGEST_BARE_NAME;
  return goesOn(folded, greetings, most);
}

function isThanks(folded: string, closings: readonly string[]): boolean {
  return goesOn(folded, closings, LONGEST_THANKS);
}

/** Whether a clause is one of the starts and at most so many words more. */
function goesOn(folded: string, starts: readonly string[], most: number): boolean {
  return starts.some((start) => begins(folded, start) && lengthInWords(folded.slice(start.length).trim()) <= most);
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
