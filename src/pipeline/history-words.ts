/** What mail programs write around quoted history, from the policy's languages, folded once. */
import type { LanguagePolicy } from '../policy.ts';
import { fold } from './fold.ts';

export type HistoryWords = {
  /** Verbs of the line above a quotation. */
  readonly wrote: readonly string[];
  readonly originalMessage: readonly string[];
  readonly forwardedMessage: readonly string[];
  /** Names of header lines. */
  readonly headers: ReadonlySet<string>;
};

/** Header names that every mail program may print, whatever the language of its user. */
const COMMON_HEADERS = ['From', 'Sent', 'Date', 'To', 'Cc', 'Bcc', 'Subject', 'Reply-To'];
const COMMON_FORWARDS = ['Forwarded message', 'Begin forwarded message'];

export function compileHistoryWords(languages: Readonly<Record<string, LanguagePolicy>>): HistoryWords {
  const of = (pick: (language: LanguagePolicy) => readonly string[]) =>
    Object.values(languages).flatMap((language) => pick(language).map(fold));
  const unique = (words: readonly string[]) => [...new Set(words)].filter((word) => word !== '');
  return {
    wrote: unique([...of((language) => language.wrote), 'wrote']),
    originalMessage: unique([...of((language) => language.originalMessage), 'original message']),
    forwardedMessage: unique([...of((language) => language.forwardedMessage), ...COMMON_FORWARDS.map(fold)]),
    headers: new Set(unique([...of((language) => language.historyHeaders), ...COMMON_HEADERS.map(fold)])),
  };
}

/** First words of the lines that telephones and mail programs add by themselves. */
const MOBILE_SIGNATURES = [
  'sent from my',
  'sent from mail for windows',
  'sent from outlook',
  'sent from yahoo',
  'sent using zoho mail',
  'sent via',
  'get outlook for',
  'enviado desde mi',
  'enviado desde outlook',
  'enviado do meu',
  'enviado a partir do',
  'enviado pelo meu',
  'obter o outlook para',
  'obtener outlook para',
  'envoye de mon',
  'envoye depuis mon',
  'envoye a partir de',
  'telecharger outlook pour',
  'von meinem',
  'gesendet von',
  'gui tu',
  'duoc gui tu',
  'ارسل من',
  'تم الارسال من',
  'مرسل من',
].map(fold);
const LONGEST_MOBILE_SIGNATURE = 80;

export function isMobileSignature(line: string): boolean {
  const trimmed = line.trim();
  if (trimmed === '' || trimmed.length > LONGEST_MOBILE_SIGNATURE) return false;
  const folded = `${fold(trimmed)} `;
  return MOBILE_SIGNATURES.some((start) => folded.startsWith(`${start} `));
}
