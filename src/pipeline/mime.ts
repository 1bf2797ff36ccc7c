/** The MIME structure of a mail -> what its reader sees and a list of attachments. Reads what is there, not what should be; never throws. */

import type { ParsedMail } from '../model.ts';
import { type Bodies, type Body, joinBodies, oneBody } from './bodies.ts';
import { findBoundary, splitAt } from './boundaries.ts';
import { calendarText, isCalendarAnswer } from './calendar.ts';
import { type DeliveryReport, readReport } from './delivery-report.ts';
import { cleanFileName } from './file-name.ts';
import { bannerFor } from './forwarded-mail.ts';
import type { Headers } from './headers.ts';
import { readHeaders } from './headers.ts';
import { fileNameOf, type Parameterised, parseParameters } from './parameters.ts';
import { partText, richText } from './part-text.ts';
import { readTnef } from './tnef.ts';
import { decodedLength, decodeTransfer } from './transfer.ts';
import { takeOutFiles } from './uuencode.ts';

export type Mime = Bodies & {
  readonly attachments: ParsedMail['attachments'];
  /** What a delivery report says, when the mail holds one. */
  readonly report: DeliveryReport | null;
  /** It carries the answer to an invitation. */
  readonly calendarAnswer: boolean;
  /** Why it is not read as it was meant; null when it is. */
  readonly because: string | null;
};

/** Parts of one mail: thousands of empty ones are cheap to send and dear to list. */
const MAX_PARTS = 1_000;
/** Parts within parts: each level is looked through once more, so depth multiplies the work. */
export const MAX_DEPTH = 30;
/** Mails attached to mails that are opened. */
const MAX_MAILS = 20;
/** winmail.dat files that are opened. */
const MAX_ENVELOPES = 5;
/** An envelope that is larger is listed, not opened: it holds attachments. */
const MAX_ENVELOPE_BYTES = 30 * 1024 * 1024;

type Found = {
  attachments: ParsedMail['attachments'];
  parts: number;
  mails: number;
  envelopes: number;
  report: DeliveryReport | null;
  calendar: string;
  calendarAnswer: boolean;
  because: string | null;
};
type Place = { readonly depth: number; readonly inReport: boolean; readonly usual: string; readonly first: boolean };

/** Reads the structure of a mail whose header is read already. */
export function readMime(headers: Headers, body: Buffer): Mime {
  const found: Found = {
    attachments: [],
    parts: 0,
    mails: 0,
    envelopes: 0,
    report: null,
    calendar: '',
    calendarAnswer: false,
    because: null,
  };
  const bodies = readPart(headers, body, { depth: 0, inReport: false, usual: 'text/plain', first: true }, found);
  const { text, html } = joinBodies(bodies);
  const nothing = text.trim() === '' && html.trim() === '';
  const { attachments, report, calendarAnswer, because } = found;
  return { text: nothing ? found.calendar || text : text, html, attachments, report, calendarAnswer, because };
}

function readPart(headers: Headers, body: Buffer, place: Place, found: Found): Body[] {
  const type = parseParameters(headers.first('content-type'));
  const value = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type.value) ? type.value : place.usual;
  if (value.startsWith('multipart/')) return readMultipart(value, type, headers, body, place, found);
  if (value === 'message/rfc822' || value === 'message/global') return readAttachedMail(headers, body, place, found);
  const disposition = parseParameters(headers.first('content-disposition'));
  const encoding = headers.first('content-transfer-encoding');
  if (isReport(value)) {
    const text = partText(decodeTransfer(encoding, body), '');
    found.report = readReport(value, text, found.report);
    if (value !== 'text/rfc822-headers') return [{ text: `\n${text}` }];
    list(headers, value, disposition, type, decodedLength(encoding, body), found);
    return [];
  }
  if (value === 'text/calendar' && found.calendar === '') {
    const source = partText(decodeTransfer(encoding, body), type.parameters.get('charset') ?? 'utf-8');
    found.calendar = calendarText(source);
    found.calendarAnswer = isCalendarAnswer(source);
  }
  if (isEnvelope(value, fileNameOf(disposition, type)) && body.length <= MAX_ENVELOPE_BYTES) {
    const opened = openEnvelope(decodeTransfer(encoding, body), found);
    if (opened) return opened;
  }
  if (isShown(value, disposition, type, place)) {
    const text = partText(decodeTransfer(encoding, body), type.parameters.get('charset') ?? '', value === 'text/html');
    if (value === 'text/html') return [{ html: text }];
    const { text: rest, files } = takeOutFiles(value === 'text/plain' ? text : richText(value, text));
    for (const { filename, size } of files) addAttachment(found, filename, 'application/octet-stream', size, false);
    return [{ text: rest }];
  }
  list(headers, value, disposition, type, decodedLength(encoding, body), found);
  return [];
}

function readMultipart(
  value: string,
  type: Parameterised,
  headers: Headers,
  body: Buffer,
  place: Place,
  found: Found,
): Body[] {
  if (place.depth >= MAX_DEPTH) {
    found.because ??= `parts are nested more than ${MAX_DEPTH} deep`;
    return [{ text: partText(body.subarray(0, MAX_RAW_BYTES), '') }];
  }
  const pieces = cut(type.parameters.get('boundary')?.trim() ?? '', body, found);
  if (!pieces) return [{ text: partText(decodeTransfer(headers.first('content-transfer-encoding'), body), '') }];
  const children: Body[][] = [];
  const usual = value === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
  for (const [index, piece] of pieces.entries()) {
    if (++found.parts > MAX_PARTS) {
      found.because ??= `it has more than ${MAX_PARTS} parts`;
      break;
    }
    const { headers: own, bodyStart } = readHeaders(piece, 'part');
    const inReport = place.inReport || value === 'multipart/report';
    const first = index === 0 || children.every((child) => child.length === 0);
    children.push(readPart(own, piece.subarray(bodyStart), { depth: place.depth + 1, inReport, usual, first }, found));
  }
  if (value === 'multipart/alternative') return alternative(children);
  return children.flat();
}

/** As much of a structure that cannot be followed as is shown. */
const MAX_RAW_BYTES = 64 * 1024;

/** The pieces at the announced boundary, or at the one that was used. Null when there is neither. */
function cut(announced: string, body: Buffer, found: Found): readonly Buffer[] | null {
  const { parts, cut: more } = announced === '' ? { parts: [], cut: false } : splitAt(body, announced, MAX_PARTS);
  if (more) found.because ??= `it has more than ${MAX_PARTS} parts`;
  if (parts.length > 0) return parts;
  if (!body.some((byte) => byte > 0x20)) return [];
  found.because ??=
    announced === ''
      ? 'a multipart without a boundary'
      : 'the boundary that was announced is not the one that was used';
  const used = findBoundary(body);
  return used === null ? null : splitAt(body, used, MAX_PARTS).parts;
}

/** The alternatives as one body: they say the same in text and in HTML. Two of one kind, which no alternative should have, are both kept. */
function alternative(children: readonly Body[][]): Body[] {
  const offers = children.filter((child) => child.length > 0).map(oneBody);
  if (offers.length === 0) return [];
  const plain = offers.filter((offer) => offer.html === undefined).map((offer) => offer.text?.trimEnd() ?? '');
  const text = [...new Set(plain)].filter((one) => one !== '').join('\n');
  const html = offers.findLast((offer) => offer.html !== undefined && offer.html.trim() !== '')?.html;
  const rest = offers.find((offer) => offer.text !== undefined)?.text;
  return [{ text: plain.length > 1 && text !== '' ? text : rest, html }];
}

function readAttachedMail(headers: Headers, body: Buffer, place: Place, found: Found): Body[] {
  const bytes = decodeTransfer(headers.first('content-transfer-encoding'), body);
  const { headers: inner, bodyStart } = readHeaders(bytes);
  const disposition = parseParameters(headers.first('content-disposition'));
  list(headers, 'message/rfc822', disposition, parseParameters(headers.first('content-type')), bytes.length, found);
  if (place.inReport) {
    found.report = readReport('text/rfc822-headers', bytes.toString('latin1', 0, bodyStart), found.report);
  }
  if (++found.mails > MAX_MAILS || place.depth >= MAX_DEPTH) {
    found.because ??= `more than ${MAX_MAILS} mails are attached to it`;
    return [];
  }
  const deeper = { depth: place.depth + 1, inReport: false, usual: 'text/plain', first: true };
  return [{ text: bannerFor(inner, place.inReport) }, ...readPart(inner, bytes.subarray(bodyStart), deeper, found)];
}

function isReport(value: string): boolean {
  return (
    value === 'message/delivery-status' || value === 'message/global-delivery-status' || value === 'text/rfc822-headers'
  );
}

function isEnvelope(value: string, filename: string): boolean {
  return /^application\/(?:vnd\.)?ms-tnef$/.test(value) || filename.toLowerCase() === 'winmail.dat';
}

function openEnvelope(bytes: Buffer, found: Found): Body[] | null {
  const tnef = ++found.envelopes <= MAX_ENVELOPES ? readTnef(bytes) : null;
  if (!tnef) return null;
  for (const { filename, size } of tnef.files) addAttachment(found, filename, 'application/octet-stream', size, false);
  const body: Body = {
    ...(tnef.text === '' ? {} : { text: tnef.text }),
    ...(tnef.html === '' ? {} : { html: tnef.html }),
  };
  // Outlook repeats in the envelope what stands in the text beside it.
  return [{ ...body, spare: true }];
}

/** Whether a part is what the reader sees: text that is no file. */
function isShown(value: string, disposition: Parameterised, type: Parameterised, place: Place): boolean {
  if (!value.startsWith('text/') || value === 'text/calendar' || disposition.value === 'attachment') return false;
  if (!/^text\/(?:plain|html|enriched|richtext|rtf|markdown|x-markdown)$/.test(value)) {
    return place.first && fileNameOf(disposition, type) === '' && !/amp|watch/.test(value);
  }
  return place.first || fileNameOf(disposition, type) === '';
}

function list(
  headers: Headers,
  value: string,
  disposition: Parameterised,
  type: Parameterised,
  size: number,
  found: Found,
): void {
  const inline = disposition.value === 'inline' || headers.has('content-id');
  addAttachment(found, fileNameOf(disposition, type), value, size, inline);
}

function addAttachment(found: Found, name: string, contentType: string, size: number, inline: boolean): void {
  if (found.attachments.length < MAX_PARTS) {
    found.attachments.push({ filename: cleanFileName(name), contentType: contentType.slice(0, 200), size, inline });
  }
}
