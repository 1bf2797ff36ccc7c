/** Bounces: whom a mail of ours did not reach and why, from a delivery report or from the words of programs that write none. */
import type { ParsedMail } from '../../model.ts';
import { findAddresses } from '../extract/address-text.ts';
import type { DeliveryReport } from '../mime/delivery-report.ts';
import type { Headers } from '../mime/headers.ts';
import { fold } from '../words/fold.ts';
import { messageIdsIn } from './message-ids.ts';

export type Bounce = NonNullable<ParsedMail['bounce']>;

/** How much of a body is looked at: programs say first what failed, and return the mail after that. */
const LOOKED_AT = 8_000;
const OPENING = 400;
/** "Hi. This is the qmail-send program": programs greet in no more letters. */
const GREETING = 12;
const LONGEST_DIAGNOSTIC = 500;

/** How qmail, Exim, Postfix, Exchange, Gmail, Yahoo, sendmail and others begin; folded. */
const OPENINGS = [
  'this is the qmail send program',
  'this message was created automatically by mail delivery software',
  'this is the mail system at host',
  'i m sorry to have to inform you that your message could not',
  'im sorry to have to inform you that your message could not',
  'your message did not reach some or all of the intended recipients',
  'delivery has failed to these recipients or groups',
  'delivery to the following recipient failed permanently',
  'delivery to the following recipients failed',
  'delivery to the following recipient s failed',
  'the following message to',
  'the original message was received at',
  'message not delivered',
  'address not found',
  'your message wasn t delivered',
  'your message couldn t be delivered',
  'your message could not be delivered',
  'sorry we were unable to deliver your message',
  'this is an automatically generated delivery status notification',
  'this is a permanent error',
  'a message that you sent could not be delivered',
  'unable to deliver message to the following',
  'the message you sent could not be delivered',
  'mail delivery failed returning message to sender',
  'your mail message to the following address es could not be delivered',
  'this report relates to a message you sent',
].map(fold);
const SUBJECTS = [
  'failure notice',
  'undelivered mail returned to sender',
  'undeliverable',
  'undeliverable mail',
  'undelivered mail',
  'delivery status notification',
  'delivery failure',
  'delivery has failed',
  'delivery failed',
  'delivery notification',
  'delivery delayed',
  'mail delivery failed',
  'mail delivery failure',
  'mail delivery problem',
  'mail delivery system',
  'mail system error',
  'message not delivered',
  'message undeliverable',
  'non delivery report',
  'returned mail',
  'returned message',
  'warning could not send message',
  'warning message',
  'unzustellbar',
  'mail konnte nicht zugestellt werden',
  'no se puede entregar',
  'no entregado',
  'nao entregue',
  'nao e possivel entregar',
  'non remis',
  'non distribuable',
  'non recapitabile',
  'onbestelbaar',
  'niedostarczona wiadomosc',
  'niet bezorgd',
  'kan inte levereras',
  'не доставлено',
  'недоставленное сообщение',
  'teslim edilemedi',
  'khong gui duoc',
  'tidak terkirim',
  '配信不能',
  '送达失败',
  '未送达',
  '无法传递',
  '배달되지 않음',
  'ไม่สามารถจัดส่ง',
  'تعذر التسليم',
].map(fold);

/** Whether both the subject and the first words are a delivery program's. A person who quotes one begins otherwise. */
export function isWordedAsBounce(subject: string, text: string): boolean {
  const folded = fold(subject.slice(0, 200));
  const says = SUBJECTS.some((start) => folded === start || folded.startsWith(`${start} `));
  if (!says) return false;
  const opening = fold(text.slice(0, OPENING));
  return OPENINGS.some((phrase) => opening.slice(0, phrase.length + GREETING).includes(phrase));
}

/** What a bounce says; anything it does not say is null. `own` are addresses that cannot have failed. */
export function readBounce(input: {
  readonly headers: Headers;
  readonly report: DeliveryReport | null;
  readonly text: string;
  readonly own: ReadonlySet<string>;
}): Bounce {
  const { headers, report, own } = input;
  const text = input.text.slice(0, LOOKED_AT);
  const header = headers.first('x-failed-recipients').split(',', 1)[0]?.trim().toLowerCase() ?? '';
  const named = findAddresses(header)[0]?.address;
  const inText = findAddresses(text).find(
    ({ address }) => !own.has(address.toLowerCase()) && !isDaemon(address),
  )?.address;
  const diagnostic = report?.diagnostic ?? diagnosticIn(text);
  return {
    recipient: report?.recipient ?? named ?? inText?.toLowerCase() ?? null,
    status: report?.status ?? statusIn(diagnostic ?? '') ?? statusIn(text),
    diagnostic,
    originalMessageId: report?.originalMessageId ?? originalIn(input.text, headers),
    ...(report?.action ? { action: report.action } : {}),
  };
}

/** In one line, for the reason. */
export function sayBounce({ recipient, status }: Bounce): string {
  const told = [recipient, status].filter((one) => one !== null);
  return told.length === 0 ? '' : `: ${told.join(', status ')}`;
}

function isDaemon(address: string): boolean {
  return /^(?:mailer-daemon|postmaster|abuse|support|helpdesk)@/i.test(address);
}

/** An enhanced status code (RFC 3463), else one made of the reply code's class. */
function statusIn(text: string): string | null {
  const enhanced = /(?:^|[^\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(text);
  if (enhanced) return enhanced[1] ?? null;
  const reply = /(?:^|[^\d.])([45])[0-5]\d[ -](?=\S)/.exec(text);
  return reply ? `${reply[1]}.0.0` : null;
}

/** The line that holds a reply or status code. */
function diagnosticIn(text: string): string | null {
  for (const line of text.split('\n')) {
    if (line.length < 1_000 && /(?:^|[^\d.])(?:[45][0-5]\d[ -]\S|[45]\.\d{1,3}\.\d{1,3}(?!\.?\d))/.test(line)) {
      return line.trim().slice(0, LONGEST_DIAGNOSTIC);
    }
  }
  return null;
}

function originalIn(text: string, headers: Headers): string | null {
  const at = text.search(/^message-id:/im);
  const line = at === -1 ? '' : (text.slice(at, at + 1_100).split('\n', 1)[0] ?? '');
  const id = line.slice(line.indexOf(':') + 1);
  return messageIdsIn(id)[0] ?? messageIdsIn(headers.first('in-reply-to'))[0] ?? null;
}
