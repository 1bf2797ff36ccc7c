/** What mail programs put before a subject when answering or forwarding, in the languages that write to us. */
import { fold, foldCompact } from '../words/fold.ts';
import { cleanLine } from './reply-values.ts';

/** As much as is looked at anyway. */
const WHOLE = Number.POSITIVE_INFINITY;
const ANSWERED =
  're|r|aw|antw|sv|vs|res|rif|odp|ynt|bls|ha|на|tl|trả lời|ตอบ|ตอบกลับ|رد|ответ|回复|答复|回覆|返信|답장|회신';
/** `RV`, `TR`, `ENC`, `I`, `VB`, `PD`, `İLT`: Outlook's of Spanish, French, Portuguese, Italian, Swedish, Polish, Turkish. */
const FORWARDED =
  'fwd?|wg|rv|tr|enc|i|vb|pd|[iıİ]lt|trs|doorst|chuyển tiếp|ส่งต่อ|إعادة توجيه|تحويل|пересл|转发|轉寄|転送|전달';
/** "RE[2]:", "Re (3):", "RE^2:" and a full-width colon too. */
const COUNT_AND_COLON = '\\s*(?:\\[\\d{1,3}\\]|\\(\\d{1,3}\\)|\\^\\d{1,3})?\\s*[:：]\\s*';
const PREFIX = new RegExp(`^(?:${ANSWERED}|${FORWARDED})${COUNT_AND_COLON}`, 'iu');
const FORWARD = new RegExp(`^(?:${FORWARDED})${COUNT_AND_COLON}`, 'iu');
/** Mail gateways mark subjects: "[EXTERNAL] Re: …", "*SPAM* Re: …". */
const MARK = /^(?:\[(?:external|extern|externe?r?|ext|spam)[^\]]{0,20}\]|\*{1,3}spam\*{1,3})\s*/iu;
/** Two subjects that differ only in where a program cut them share at least so much. */
const CUT_LENGTH = 20;

/** A subject without prefixes and the marks of mail gateways. */
export function withoutPrefixes(subject: string): string {
  let bare = cleanLine(subject, WHOLE);
  for (let before = ''; before !== bare; ) {
    before = bare;
    bare = bare.replace(MARK, '').replace(PREFIX, '');
  }
  return bare;
}

/** Whether the last thing done to the mail was to forward it. */
export const isForwarded = (subject: string): boolean => FORWARD.test(cleanLine(subject, WHOLE).replace(MARK, ''));

/** The ticket number a subject quotes: "[P-1042]", "P-1042"; null when none. */
export function quotedNumber(subject: string): string | null {
  return /(?<![\p{L}\p{N}-])P-(\d{1,15})(?![\p{L}\p{N}-])/u.exec(subject.slice(0, 2000))?.[0] ?? null;
}

/**
 * Whether a subject is still that of its ticket: the same words behind the prefixes, cut or not, or none at all. One that
 * keeps the ticket's number in brackets is, whatever else it says.
 */
export function keepsSubject(subject: string, ticket: { readonly subject: string; readonly number: string }): boolean {
  if (subject.includes(`[${ticket.number}]`)) return true;
  const [now, before] = [subject, ticket.subject].map((one) => essence(one, ticket.number)) as [string, string];
  if (now === '' || now === before) return true;
  const [shorter, longer] = now.length < before.length ? [now, before] : [before, now];
  return shorter.length >= CUT_LENGTH && longer.startsWith(shorter);
}

/** What is left of a subject to compare: a script without letters of its own is compared as it stands. */
function essence(subject: string, number: string): string {
  const bare = withoutPrefixes(subject.replaceAll(number, ' ').replace(/\[\s*\]|\(\s*\)/g, ' '));
  return fold(bare) === '' ? bare : foldCompact(bare);
}
