/** The subject of a reply: the partner's own, answered once, with the ticket number. */
import { cleanLine, SUBJECT_LENGTH } from './reply-values.ts';

/** What mail programs put before a subject when answering or forwarding, in the languages that write to us; "RE[2]:" and a full-width colon too. */
const PREFIX =
  /^(?:re|aw|antw|sv|vs|rv|res|fwd?|wg|tr|enc|tl|ynt|odp|رد|إعادة توجيه|ответ|回复|答复|转发|返信|転送)\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s*[:：]\s*/iu;

/** As much as is looked at anyway. */
const WHOLE = Number.POSITIVE_INFINITY;

/** The partner's subject without prefixes, and without the ticket number that our own earlier reply had put there. */
export function bareSubject(subject: string, ticketNumber: string): string {
  let bare = cleanLine(cleanLine(subject, WHOLE).replaceAll(`[${ticketNumber}]`, ' '), WHOLE);
  while (PREFIX.test(bare)) bare = bare.replace(PREFIX, '');
  return cleanLine(bare, SUBJECT_LENGTH);
}

/** One line for a header, ticket number and all. An encoded word that a stranger wrote out must not be decoded by the reader's program. */
export function headerSubject(rendered: string, ticketNumber: string): string {
  const line = cleanLine(rendered, WHOLE).replaceAll('=?', '= ?');
  return line.includes(`[${ticketNumber}]`) ? line : `${line} [${ticketNumber}]`;
}
