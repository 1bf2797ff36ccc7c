/** The bytes of a mail -> ParsedMail. Never throws: what cannot be parsed is read by hand and marked degraded. */
import { messageOf } from '../../errors.ts';
import type { ParsedMail } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { cidOf, pictureCidsBelow } from '../attachments/in-signature.ts';
import { roleOf } from '../attachments/role.ts';
import { readTemplate } from '../extract/template.ts';
import { decodeWords } from '../mime/encoded-words.ts';
import { type Headers, normaliseLineEndings, readHeaders } from '../mime/headers.ts';
import { type Attached, firstAttachments, type Mime, readMime, takeAttachment } from '../mime/mime.ts';
import { mendMojibake } from '../mime/mojibake.ts';
import { holdsText, rawText, salvage } from '../mime/salvage.ts';
import { type Layout, layOut, MAX_READ, mainPart } from '../separate/layout.ts';
import { stripControls } from '../words/fold.ts';
import { type Reading, readingOf } from '../words/reading.ts';
import { MAX_ADDRESSES, parseAddresses, showText } from './address-header.ts';
import { readBounce, sayBounce } from './bounce.ts';
import { kindOf } from './kind.ts';
import { messageIdsIn } from './message-ids.ts';

/** Decoded parts are kept up to this length (UTF-16 units): a 25 MB log pasted as text is cut, not stored twice. */
export const MAX_PART_LENGTH = 1_000_000;
const MAX_SUBJECT = 1_000;
const SPACE = 0x20;

/** `pastLimit` says which limit the mail is past, and that not all of it was read; else null. */
export type Parsed = { readonly mail: ParsedMail; readonly layout: Layout; readonly pastLimit: string | null };

/** Parses a mail in full. */
export async function parseMail(raw: Buffer, policy: Policy): Promise<Parsed> {
  const bytes = normaliseLineEndings(raw);
  const { headers, bodyStart, cut } = readHeaders(bytes);
  const body = bytes.subarray(bodyStart);
  try {
    const mime = await readMime(headers, body);
    const because = mime.because ?? mime.pastLimit ?? (cut ? 'its header is larger than is read' : null);
    const assembled = assemble(headers, mime, because, readingOf(policy));
    const parsed = { ...assembled, pastLimit: mime.pastLimit ?? (cut ? because : tooManyAddresses(assembled.mail)) };
    if (!isSilent(parsed, mime, body)) return parsed;
    const cause = because ?? 'the body has content but no part of it could be read';
    return { ...byHand(headers, mime, body, policy, cause), pastLimit: parsed.pastLimit };
  } catch (error) {
    const cause = `the MIME structure could not be read: ${messageOf(error)}`;
    const pastLimit = isLimit(error) ? cause : null;
    const mime = { ...NO_MIME, attachments: pastLimit ? await firstAttachments(body) : [] };
    return { ...byHand(headers, mime, body, policy, cause), pastLimit };
  }
}

const tooManyAddresses = ({ to, cc }: ParsedMail): string | null =>
  Math.max(to.length, cc.length) >= MAX_ADDRESSES ? `it has ${MAX_ADDRESSES} addresses or more in To or Cc` : null;

const isLimit = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EMAXLEN';

const NO_MIME: Mime = {
  ...{ text: '', html: '', attachments: [], report: null, calendarAnswer: false },
  ...{ because: null, pastLimit: null },
};

/** Reads a mail from its headers and a bounded slice of its raw text alone, because of `cause`. */
export function parseByHand(raw: Buffer, policy: Policy, cause: string): Parsed {
  const bytes = normaliseLineEndings(raw);
  const { headers, bodyStart } = readHeaders(bytes);
  return byHand(headers, NO_MIME, bytes.subarray(bodyStart), policy, cause);
}

function byHand(headers: Headers, mime: Mime, body: Buffer, policy: Policy, cause: string): Parsed {
  const reading = readingOf(policy);
  const salvaged = assemble(headers, { ...mime, ...salvage(headers, body) }, cause, reading);
  const { text, quoted, attachments } = salvaged.mail;
  if (text !== '' || quoted !== '' || attachments.length > 0) return salvaged;
  return assemble(headers, { ...mime, text: rawText(body), html: '' }, cause, reading);
}

/** A body that holds something, of which nothing arrived; or only its files, and the structure is broken. */
function isSilent({ mail }: Parsed, { because }: Mime, body: Buffer): boolean {
  if (mail.text !== '' || mail.quoted !== '') return false;
  return because === null ? mail.attachments.length === 0 && holdsText(body) : body.some((byte) => byte > SPACE);
}

function assemble(headers: Headers, mime: Mime, degradedBecause: string | null, reading: Reading): Parsed {
  const parts = { text: mime.text.slice(0, MAX_PART_LENGTH), html: mime.html.slice(0, MAX_PART_LENGTH) };
  const subject = showText(mendMojibake(decodeWords(headers.first('subject')))).slice(0, MAX_SUBJECT);
  const from = parseAddresses(headers.first('from'))[0] ?? { address: '', name: '' };
  const layout = layOut(parts, subject, reading, from.address, from.name);
  const main = mainPart(parts, layout);
  const cause = degradedBecause ?? cutText(mime);
  const { kind, because, unanswerable } = kindOf({
    headers,
    from,
    subject,
    ownAddresses: reading.ownAddresses,
    outOfOffice: reading.outOfOffice,
    absence: reading.absence,
    text: main.text,
    calendarAnswer: mime.calendarAnswer,
    isTemplate: () => new Set(readTemplate(main, reading.labels, () => false).map((entry) => entry.field)).size >= 2,
  });
  const bounce =
    kind === 'bounce'
      ? readBounce({ headers, report: mime.report, text: `${main.text}\n${main.quoted}`, own: reading.ownAddresses })
      : null;
  const below = mime.attachments.some(({ cid }) => cid !== '')
    ? pictureCidsBelow(parts.html, layout.html)
    : new Set<string>();
  const mail: ParsedMail = {
    messageId: messageIdsIn(headers.first('message-id'))[0] ?? null,
    inReplyTo: messageIdsIn(headers.first('in-reply-to'))[0] ?? null,
    references: messageIdsIn(headers.all('references').join(' ')),
    from,
    replyTo: addressesOf(headers, 'reply-to')[0] ?? null,
    to: addressesOf(headers, 'to'),
    cc: addressesOf(headers, 'cc'),
    subject,
    date: isoDate(headers.first('date')),
    ...(isMarkedImportant(headers) ? { priority: 'high' as const } : {}),
    kind,
    kindBecause: bounce ? because + sayBounce(bounce) : because,
    ...(unanswerable === undefined ? {} : { unanswerable }),
    bounce,
    degraded: cause !== null,
    degradedBecause: cause,
    text: stripControls(main.text),
    quoted: stripControls(main.quoted),
    parts,
    attachments: mime.attachments.map((one) => attachmentOf(one, below)),
  };
  return { mail, layout, pastLimit: null };
}

/** What is kept of a file; its bytes stay in the original. */
function attachmentOf(file: Attached, below: ReadonlySet<string>): ParsedMail['attachments'][number] {
  const { filename, contentType, size, inline, sha256, sniffed, dangerous, cid } = file;
  const role = roleOf({ ...file, inSignature: below.has(cidOf(cid)) });
  return { filename, contentType, size, inline, sha256, sniffed, role, ...(dangerous === null ? {} : { dangerous }) };
}

/** The bytes of the attachment with this SHA-256 (hex), taken out of the mail again; null when it has none. */
export async function attachmentIn(raw: Buffer, sha256: string): Promise<Buffer | null> {
  const bytes = normaliseLineEndings(raw);
  const { headers, bodyStart } = readHeaders(bytes);
  return await takeAttachment(headers, bytes.subarray(bodyStart), sha256);
}

/** Not silently: a text that is not read to its end says so. */
function cutText({ text, html }: { text: string; html: string }): string | null {
  return Math.max(text.length, html.length) > MAX_READ
    ? `only the first ${MAX_READ} characters of its text are read`
    : null;
}

function addressesOf(headers: Headers, name: string): string[] {
  const addresses = headers.all(name).flatMap((value) => parseAddresses(value).map((address) => address.address));
  return [...new Set(addresses.filter((address) => address !== ''))];
}

/** X-Priority as mail programs write it, "1 (Highest)" and "2 (High)"; Importance and Priority as in RFC 2156. */
const isMarkedImportant = (headers: Headers): boolean =>
  /^\s*[12]\b/.test(headers.first('x-priority')) ||
  /^\s*high\b/i.test(headers.first('importance')) ||
  /^\s*urgent\b/i.test(headers.first('priority'));

function isoDate(value: string): string | null {
  const date = new Date(value.slice(0, 100));
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
