/** A person's request, or mail that a machine sent: automatic mail is never answered, and a person never taken for a machine. */
import { LOOP_HEADER, type MailKind, type ParsedMail } from '../model.ts';
import { fold } from './fold.ts';
import type { Headers } from './headers.ts';

export type Kind = { readonly kind: MailKind; readonly because: string };

export type KindInput = {
  readonly headers: Headers;
  readonly from: ParsedMail['from'];
  readonly subject: string;
  readonly ownAddresses: ReadonlySet<string>;
  /** Folded starts of absence notices in all languages. */
  readonly outOfOffice: readonly string[];
  /** Whether the new text is a filled-in template. Asked only in doubt. */
  readonly isTemplate: () => boolean;
};

const MACHINE_SENDERS = /^(?:mailer-daemon|postmaster)$/;
const NO_REPLY = /^(?:no|do-?not)[-_.]?reply/;
const LIST_HEADERS = ['list-id', 'list-unsubscribe', 'list-post', 'list-help'];
const AUTO_HEADERS = [
  'x-autoreply',
  'x-autorespond',
  'x-autoresponder',
  'x-fc-machinegenerated',
  'x-amazon-mail-relay-type',
  'x-loop',
];

/** What kind of mail it is, and the header or sign that says so. */
export function kindOf(input: KindInput): Kind {
  return (
    bounce(input) ??
    own(input) ??
    automatic(input) ??
    list(input) ??
    suppressed(input) ?? {
      kind: 'request',
      because: 'nothing says that a machine sent it',
    }
  );
}

function bounce({ headers, from, subject, outOfOffice }: KindInput): Kind | null {
  const says = (because: string): Kind => ({ kind: 'bounce', because });
  const type = headers.first('content-type').toLowerCase();
  if (type.startsWith('multipart/report')) {
    if (!/disposition-notification|feedback-report/.test(type)) return says('Content-Type is multipart/report');
    return { kind: 'auto-reply', because: 'Content-Type is multipart/report with a receipt' };
  }
  const local = localPart(from.address || headers.first('from'));
  if (MACHINE_SENDERS.test(local)) return says(`the sender is ${local}`);
  if (headers.has('x-failed-recipients')) return says('it has X-Failed-Recipients');
  const returnPath = headers.first('return-path').replace(/\s/g, '');
  if (returnPath !== '<>') return null;
  const answers = /^auto-(?:replied|notified)/.test(autoSubmitted(headers)) || isAbsence(subject, outOfOffice) !== null;
  return answers
    ? { kind: 'auto-reply', because: 'Return-Path is <> and it answers automatically' }
    : says('Return-Path is <>');
}

function own({ headers, from, ownAddresses }: KindInput): Kind | null {
  if (headers.has(LOOP_HEADER.toLowerCase())) return { kind: 'own', because: 'it carries our loop header' };
  const isOurs = ownAddresses.has(from.address.toLowerCase());
  return isOurs ? { kind: 'own', because: 'it comes from one of our own addresses' } : null;
}

function automatic({ headers, subject, outOfOffice, isTemplate }: KindInput): Kind | null {
  const says = (because: string): Kind => ({ kind: 'auto-reply', because });
  const submitted = autoSubmitted(headers);
  if (submitted !== '' && submitted !== 'no') return says(`Auto-Submitted is ${submitted}`);
  const header = AUTO_HEADERS.find((name) => headers.has(name) && headers.first(name).toLowerCase() !== 'no');
  if (header) return says(`it has ${header}`);
  if (/^auto[_-]?reply/.test(precedence(headers))) return says(`Precedence is ${precedence(headers)}`);
  const absence = isAbsence(subject, outOfOffice);
  if (absence === null || isTemplate()) return null;
  // "Out of office replies fail in Zoho Mail" is a person's question; "Automatic reply: …" is not.
  const asks = !absence.closed && /\bzoho\b/.test(fold(subject)) && !headers.has('x-auto-response-suppress');
  return asks ? null : says('its subject is that of an absence notice');
}

function list({ headers }: KindInput): Kind | null {
  const header = LIST_HEADERS.find((name) => headers.has(name));
  if (header) return { kind: 'list', because: `it has ${header}` };
  const value = precedence(headers);
  return ['bulk', 'junk', 'list'].includes(value) ? { kind: 'list', because: `Precedence is ${value}` } : null;
}

/** Mail programs of people set X-Auto-Response-Suppress too: it counts only beside another sign. */
function suppressed({ headers, from }: KindInput): Kind | null {
  const both = headers.has('x-auto-response-suppress') && NO_REPLY.test(localPart(from.address));
  return both
    ? { kind: 'auto-reply', because: 'X-Auto-Response-Suppress, from an address that takes no replies' }
    : null;
}

/** Whether the subject starts like an absence notice; `closed` when the phrase ends there or at a colon or dash. */
function isAbsence(subject: string, starts: readonly string[]): { closed: boolean } | null {
  const folded = fold(subject.slice(0, 200));
  const start = starts.find((phrase) => folded === phrase || folded.startsWith(`${phrase} `));
  if (start === undefined) return null;
  const head = subject.split(/[:：(\-–—,[]/, 1)[0] ?? '';
  return { closed: folded === start || fold(head) === start };
}

function autoSubmitted(headers: Headers): string {
  return (
    headers
      .first('auto-submitted')
      .toLowerCase()
      .split(/[;\s(]/, 1)[0] ?? ''
  ).slice(0, 40);
}

function precedence(headers: Headers): string {
  return headers.first('precedence').toLowerCase().slice(0, 40);
}

function localPart(address: string): string {
  return (address.split('@', 1)[0] ?? '').replace(/^.*</, '').trim().toLowerCase();
}
