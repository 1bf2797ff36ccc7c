/** The bytes of a mail -> ParsedMail. Never throws: what cannot be parsed is read by hand and marked degraded. */
import { messageOf } from '../errors.ts';
import type { ParsedMail } from '../model.ts';
import type { Policy } from '../policy.ts';
import { parseAddresses, showText } from './address-header.ts';
import { decodeWords } from './encoded-words.ts';
import { stripControls } from './fold.ts';
import { type Headers, normaliseLineEndings, readHeaders } from './headers.ts';
import { kindOf } from './kind.ts';
import { type Layout, layOut, mainPart } from './layout.ts';
import { messageIdsIn } from './message-ids.ts';
import { type Mime, readMime } from './mime.ts';
import { type Reading, readingOf } from './reading.ts';
import { MAX_SALVAGED_BYTES, rawText, salvage } from './salvage.ts';
import { readTemplate } from './template.ts';

/** Decoded parts are kept up to this length (UTF-16 units): a 25 MB log pasted as text is cut, not stored twice. */
export const MAX_PART_LENGTH = 1_000_000;
const MAX_SUBJECT = 1_000;

export type Parsed = { readonly mail: ParsedMail; readonly layout: Layout };

/** Parses a mail in full. */
export async function parseMail(raw: Buffer, policy: Policy): Promise<Parsed> {
  const bytes = normaliseLineEndings(raw);
  const { headers, bodyStart } = readHeaders(bytes);
  const body = bytes.subarray(bodyStart);
  try {
    const mime = withGuessedCharset(await readMime(bytes), headers, body);
    const parsed = assemble(headers, mime, null, readingOf(policy));
    if (!isSilent(parsed, body)) return parsed;
    return byHand(headers, mime, body, policy, 'the body has content but no part of it could be read');
  } catch (error) {
    return parseByHand(bytes, policy, `the MIME structure could not be read: ${messageOf(error)}`);
  }
}

/** Reads a mail from its headers and a bounded slice of its raw text alone, because of `cause`. */
export function parseByHand(raw: Buffer, policy: Policy, cause: string): Parsed {
  const bytes = normaliseLineEndings(raw);
  const { headers, bodyStart } = readHeaders(bytes);
  return byHand(headers, { text: '', html: '', attachments: [] }, bytes.subarray(bodyStart), policy, cause);
}

function byHand(headers: Headers, mime: Mime, body: Buffer, policy: Policy, cause: string): Parsed {
  const reading = readingOf(policy);
  const salvaged = assemble(headers, { ...mime, ...salvage(headers, body) }, cause, reading);
  if (!isSilent(salvaged, body)) return salvaged;
  return assemble(headers, { ...mime, text: rawText(body), html: '' }, cause, reading);
}

/** A body of one part that is no UTF-8 though nothing else was declared: old programs send Windows-1252 that way. */
function withGuessedCharset(mime: Mime, headers: Headers, body: Buffer): Mime {
  const type = headers.first('content-type').toLowerCase();
  const declared = /charset/.test(type) && !/charset\s?=\s?"?(?:utf-?8|us-ascii)/.test(type);
  const broken = mime.text.includes('\ufffd') || mime.html.includes('\ufffd');
  if (!broken || declared || type.startsWith('multipart/') || body.length > MAX_SALVAGED_BYTES) return mime;
  return { ...mime, ...salvage(headers, body) };
}

/** A body that holds something, of which nothing arrived. */
function isSilent({ mail }: Parsed, body: Buffer): boolean {
  if (mail.text !== '' || mail.quoted !== '' || mail.attachments.length > 0) return false;
  return body.some((byte) => byte > 0x20);
}

function assemble(headers: Headers, mime: Mime, degradedBecause: string | null, reading: Reading): Parsed {
  const parts = { text: mime.text.slice(0, MAX_PART_LENGTH), html: mime.html.slice(0, MAX_PART_LENGTH) };
  const subject = showText(decodeWords(headers.first('subject'))).slice(0, MAX_SUBJECT);
  const layout = layOut(parts, subject, reading);
  const main = mainPart(parts, layout);
  const from = parseAddresses(headers.first('from'))[0] ?? { address: '', name: '' };
  const { kind, because } = kindOf({
    headers,
    from,
    subject,
    ownAddresses: reading.ownAddresses,
    outOfOffice: reading.outOfOffice,
    isTemplate: () => new Set(readTemplate(main, reading.labels, () => false).map((entry) => entry.field)).size >= 2,
  });
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
    kind,
    kindBecause: because,
    degraded: degradedBecause !== null,
    degradedBecause,
    text: stripControls(main.text),
    quoted: stripControls(main.quoted),
    parts,
    attachments: mime.attachments,
  };
  return { mail, layout };
}

function addressesOf(headers: Headers, name: string): string[] {
  const addresses = headers.all(name).flatMap((value) => parseAddresses(value).map((address) => address.address));
  return [...new Set(addresses.filter((address) => address !== ''))];
}

function isoDate(value: string): string | null {
  const date = new Date(value.slice(0, 100));
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
