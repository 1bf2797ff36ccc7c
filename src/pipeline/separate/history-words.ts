/** What mail programs write around quoted history, from the policy's languages, folded once. */
import type { LanguagePolicy } from '../../policy.ts';
import { fold } from '../words/fold.ts';

export type HistoryWords = {
  /** Verbs of the line above a quotation. */
  readonly wrote: readonly string[];
  readonly originalMessage: Starts;
  readonly forwardedMessage: Starts;
  /** Names of header lines. */
  readonly headers: ReadonlySet<string>;
  /** Starts of the lines that telephones and mail programs add by themselves. */
  readonly mobileSignatures: Starts;
  /** Sign-offs: "kind regards". */
  readonly closings: Starts;
};

/** Folded phrases by their first word: every line of a mail is compared with all of them. */
export type Starts = ReadonlyMap<string, readonly string[]>;

function compileStarts(phrases: readonly string[]): Starts {
  const starts = new Map<string, string[]>();
  for (const phrase of phrases) {
    const first = phrase.split(' ', 1).join('');
    starts.set(first, [...(starts.get(first) ?? []), phrase]);
  }
  return starts;
}

/** How a folded line begins with one of the phrases: it is one, it goes on behind one, or not at all. */
export function beginsWith(folded: string, starts: Starts): 'whole' | 'start' | null {
  let found: 'start' | null = null;
  for (const phrase of starts.get(folded.split(' ', 1).join('')) ?? []) {
    if (folded === phrase) return 'whole';
    if (folded.startsWith(phrase) && folded[phrase.length] === ' ') found = 'start';
  }
  return found;
}

/** Header names that every mail program may print, whatever the language of its user. */
const COMMON_HEADERS = ['From', 'Sent', 'Date', 'To', 'Cc', 'Bcc', 'Subject', 'Reply-To'];
const COMMON_FORWARDS = ['Forwarded message', 'Begin forwarded message'];

export function compileHistoryWords(languages: Readonly<Record<string, LanguagePolicy>>): HistoryWords {
  const of = (pick: (language: LanguagePolicy) => readonly string[]) =>
    Object.values(languages).flatMap((language) => pick(language).map(fold));
  const unique = (words: readonly string[]) => [...new Set(words)].filter((word) => word !== '');
  return {
    wrote: unique([...of((language) => language.wrote), 'wrote']),
    originalMessage: compileStarts(unique([...of((language) => language.originalMessage), 'original message'])),
    forwardedMessage: compileStarts(
      unique([...of((language) => language.forwardedMessage), ...COMMON_FORWARDS.map(fold)]),
    ),
    headers: new Set(unique([...of((language) => language.historyHeaders), ...COMMON_HEADERS.map(fold)])),
    mobileSignatures: compileStarts(unique(of((language) => language.mobileSignatures))),
    closings: compileStarts(unique(of((language) => language.closings))),
  };
}

const LONGEST_MOBILE_SIGNATURE = 80;

/** "Sent from my iPhone": a line that a telephone or a mail program added by itself. */
export function isMobileSignature(line: string, words: HistoryWords): boolean {
  const trimmed = line.trim();
  if (trimmed === '' || trimmed.length > LONGEST_MOBILE_SIGNATURE) return false;
  return beginsWith(fold(trimmed), words.mobileSignatures) !== null;
}
