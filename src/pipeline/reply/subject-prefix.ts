/** What mail programs put before a subject when answering or forwarding, in the languages that write to us. */
import { fold, foldCompact } from '../words/fold.ts';
import { cleanLine } from './reply-values.ts';

/** As much as is looked at anyway. */
const WHOLE = Number.POSITIVE_INFINITY;
const ANSWERED =
  're|r|rép|aw|antw|antw\\.|antwort|sv|svar|vs|res|resp|rif|odp|odpowiedź|ynt|yanıt|bls|balas|ha|на|tl|trả lời|ตอบ|ตอบกลับ|رد|الرد|ответ|回复|答复|回覆|返信|답장|회신';
/** `RV`, `TR`, `ENC`, `I`, `VB`, `PD`, `İLT`: Outlook's of Spanish, French, Portuguese, Italian, Swedish, Polish, Turkish. */
const FORWARDED =
  'fwd?|wg|weitergeleitet|rv|reenviado|tr|transféré|enc|encaminhado|i|inoltrato|vb|vidarebefordrat|pd|podaj dalej|[iıİ]lt|iletildi|trs|terusan|doorst|doorgestuurd|chuyển tiếp|ส่งต่อ|إعادة توجيه|تحويل|пересл|переслано|转发|轉寄|転送|전달';
/** "RE[2]:", "Re (3):", "RE^2:" and a full-width colon too. */
const COUNT_AND_COLON = '\\s*(?:\\[\\d{1,3}\\]|\\(\\d{1,3}\\)|\\^\\d{1,3})?\\s*[:：]\\s*';
const PREFIX = new RegExp(`^(?:${ANSWERED}|${FORWARDED})${COUNT_AND_COLON}`, 'iu');
const FORWARD = new RegExp(`^(?:${FORWARDED})${COUNT_AND_COLON}`, 'iu');
/** Mail gateways mark subjects: "[EXTERNAL] Re: …", "{External}", "EXT:", "*SPAM* Re: …"; our own number may stand there as well. */
const MARK =
  /^(?:[[({][^\])}]{0,40}?(?:extern|ext\b|spam|caution|estern|外部)[^\])}]{0,60}[\])}]|ext(?:ernal|ern)?\s*[:：]|\*{1,3}spam\*{1,3}|\[P-\d{1,15}\])\s*/iu;
/** Two subjects that differ only in where a program cut them share at least so much. */
const CUT_LENGTH = 20;
const CUT = /(?:…|\.{3})$/u;

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
export function isForwarded(subject: string): boolean {
  let bare = cleanLine(subject, WHOLE);
  while (MARK.test(bare)) bare = bare.replace(MARK, '');
  return FORWARD.test(bare);
}

/** The ticket numbers a subject quotes, as "P-1042": those in brackets first, as our replies print them. */
export function quotedNumbers(subject: string): string[] {
  const looked = subject.slice(0, 2000);
  const bracketed = [...looked.matchAll(/\[\s*P[-\u2010-\u2013]\s?(\d{1,15})\s*\]/giu)];
  const bare = [...looked.matchAll(/(?<![\p{L}\p{N}-])P[-\u2010-\u2013](\d{1,15})(?![\p{L}\p{N}-])/gu)];
  return [...new Set([...bracketed, ...bare].map(([, digits]) => `P-${digits}`))];
}

/**
 * Whether a subject is still that of its ticket: the same words behind the prefixes, cut or not, or none at all. One that
 * keeps the ticket's number in brackets is, whatever else it says.
 */
export function keepsSubject(subject: string, ticket: { readonly subject: string; readonly number: string }): boolean {
  if (quotedNumbers(subject).includes(ticket.number) && /\[\s*P/iu.test(subject)) return true;
  const [now, before] = [subject, ticket.subject].map((one) => essence(one, ticket.number)) as [string, string];
  // A ticket whose texts were dropped has no subject to differ from.
  if (now === '' || before === '' || now === before) return true;
  const [shorter, longer] = now.length < before.length ? [now, before] : [before, now];
  const isCut = CUT.test(subject.trim()) && now.length > 0 && shorter === now;
  return (isCut || shorter.length >= CUT_LENGTH) && longer.startsWith(shorter);
}

/** What is left of a subject to compare: a script without letters of its own is compared as it stands. */
function essence(subject: string, number: string): string {
  const bare = withoutPrefixes(subject.replaceAll(number, ' ').replace(/\[\s*\]|\(\s*\)/g, ' '));
  return fold(bare) === '' ? bare : foldCompact(bare);
}
