/** The subject of a reply: the partner's own, answered once, with the ticket number. */
import { cleanLine, SUBJECT_LENGTH } from './reply-values.ts';
import { withoutPrefixes } from './subject-prefix.ts';

/** As much as is looked at anyway. */
const WHOLE = Number.POSITIVE_INFINITY;

/** The partner's subject without prefixes, and without the ticket number that our own earlier reply had put there. */
export function bareSubject(subject: string, ticketNumber: string): string {
  return cleanLine(withoutPrefixes(subject.replaceAll(`[${ticketNumber}]`, ' ')), SUBJECT_LENGTH);
}

/** One line for a header, ticket number and all. An encoded word that a stranger wrote out must not be decoded by the reader's program. */
export function headerSubject(rendered: string, ticketNumber: string): string {
  const line = cleanLine(rendered, WHOLE).replaceAll('=?', '= ?');
  return line.includes(`[${ticketNumber}]`) ? line : `${line} [${ticketNumber}]`;
}
