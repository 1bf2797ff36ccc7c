/** The MIME structure of a mail -> what its reader sees and a list of attachments. Opens what holds text: attached mails, winmail.dat, calendars, reports. */
import type { ParsedMail } from '../model.ts';
import { type Bodies, type Body, joinBodies, oneBody } from './bodies.ts';
import { findBoundary, splitAt } from './boundaries.ts';
import { calendarText, isCalendarAnswer } from './calendar.ts';
import { type DeliveryReport, readReport } from './delivery-report.ts';
import { cleanFileName } from './file-name.ts';
import { bannerFor } from './forwarded-mail.ts';
import { type Headers, readHeaders } from './headers.ts';
import { type File, isEnvelope, MAX_PARTS, type Part, readTree } from './mime-tree.ts';
import { parameterOf } from './parameters.ts';
import { partText } from './part-text.ts';
import { readTnef } from './tnef.ts';
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

/** Mails attached to mails that are opened, one in the other or side by side. */
const MAX_MAILS = 20;
/** winmail.dat files that are opened. */
const MAX_ENVELOPES = 5;
const SPACE = 0x20;
/** Between the parts of a mended mail. Should one of them hold it, it is cut once more, and nothing is lost. */
const MENDED = 'mended-by-partner-intake'.padEnd(70, '-');

type Found = {
  attachments: ParsedMail['attachments'];
  mails: number;
  envelopes: number;
  report: DeliveryReport | null;
  calendar: string;
  calendarAnswer: boolean;
  because: string | null;
};

/** Reads the structure of a mail whose header is read already. @throws whatever the MIME parser rejects it with. */
export async function readMime(headers: Headers, body: Buffer): Promise<Mime> {
  const found: Found = {
    attachments: [],
    mails: 0,
    envelopes: 0,
    report: null,
    calendar: '',
    calendarAnswer: false,
    because: null,
  };
  const { text, html } = joinBodies(await readMail(headers, body, found));
  const nothing = text.trim() === '' && html.trim() === '';
  const { attachments, report, calendarAnswer, because } = found;
  return { text: nothing ? found.calendar || text : text, html, attachments, report, calendarAnswer, because };
}

async function readMail(headers: Headers, body: Buffer, found: Found): Promise<Body[]> {
  const tree = await readTree(headers, body);
  if (!isBroken(tree)) return bodiesOf(tree, false, found);
  if (!body.some((byte) => byte > SPACE)) return [];
  const mended = mend(headers, body, found);
  if (!mended) return [];
  const type = `${tree.type}; boundary="${MENDED}"`;
  return bodiesOf(await readTree({ first: (name) => (name === 'content-type' ? type : '') }, mended), false, found);
}

/**
 * A body as its program meant it, for when the parser found no part: cut at the announced boundary in spite of what stands behind
 * it on its line, else at the boundary that was really used. Null when there is none.
 */
function mend(headers: Headers, body: Buffer, found: Found): Buffer | null {
  const announced = parameterOf(headers.first('content-type'), 'boundary');
  let { parts } = announced === '' ? { parts: [] } : splitAt(body, announced, MAX_PARTS);
  if (parts.length === 0) {
    found.because ??=
      announced === ''
        ? 'a multipart without a boundary'
        : 'the boundary that was announced is not the one that was used';
    const used = findBoundary(body);
    if (used === null) return null;
    ({ parts } = splitAt(body, used, MAX_PARTS));
  }
  return Buffer.concat(parts.flatMap((part) => [Buffer.from(`\r\n--${MENDED}\r\n`), part]));
}

/** A multipart in which no boundary was found. */
function isBroken(part: Part): boolean {
  return 'parts' in part && part.parts.length === 0;
}

async function bodiesOf(part: Part, inReport: boolean, found: Found): Promise<Body[]> {
  if ('text' in part) return [shownText(part, found)];
  if ('file' in part) return open(part.file, inReport, found);
  if (isBroken(part)) found.because ??= 'a multipart in it has no parts';
  const bodies: Body[][] = [];
  for (const child of part.parts) {
    bodies.push(await bodiesOf(child, inReport || part.type === 'multipart/report', found));
  }
  return part.type === 'multipart/alternative' ? alternative(bodies) : bodies.flat();
}

function shownText({ type, text }: { type: string; text: string }, found: Found): Body {
  if (type === 'text/html') return { html: text };
  const { text: rest, files } = takeOutFiles(text);
  for (const { filename, size } of files) list(found, { filename, size });
  return { text: rest };
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

/** What an attachment adds to the text; it is listed unless it was only the wrapping. */
async function open(file: File, inReport: boolean, found: Found): Promise<Body[]> {
  const { contentType, content } = file;
  if (content && isEnvelope(contentType, file.filename)) {
    const opened = openEnvelope(content, found);
    if (opened) return opened;
  }
  if (content && contentType === 'text/rfc822-headers') {
    found.report = readReport(contentType, partText(content, ''), found.report);
    return [{ text: bannerFor(readHeaders(content).headers, true) }];
  }
  list(found, file);
  if (!content) return [];
  if (contentType === 'message/rfc822' || contentType === 'message/global') return openMail(content, inReport, found);
  if (/^message\/(?:global-)?delivery-status$/.test(contentType)) {
    found.report = readReport(contentType, partText(content, ''), found.report);
  }
  if (contentType === 'text/calendar' && found.calendar === '') {
    const source = partText(content, 'utf-8');
    found.calendar = calendarText(source);
    found.calendarAnswer = isCalendarAnswer(source);
  }
  return [];
}

async function openMail(raw: Buffer, inReport: boolean, found: Found): Promise<Body[]> {
  const { headers, bodyStart } = readHeaders(raw);
  if (inReport) found.report = readReport('text/rfc822-headers', raw.toString('latin1', 0, bodyStart), found.report);
  if (++found.mails > MAX_MAILS) {
    found.because ??= `more than ${MAX_MAILS} mails are attached to it`;
    return [];
  }
  const bodies = await readMail(headers, raw.subarray(bodyStart), found);
  return [{ text: bannerFor(headers, inReport) }, ...bodies];
}

function openEnvelope(bytes: Buffer, found: Found): Body[] | null {
  const tnef = ++found.envelopes <= MAX_ENVELOPES ? readTnef(bytes) : null;
  if (!tnef) return null;
  for (const { filename, size } of tnef.files) list(found, { filename, size });
  const body: Body = {
    ...(tnef.text === '' ? {} : { text: tnef.text }),
    ...(tnef.html === '' ? {} : { html: tnef.html }),
  };
  // Outlook repeats in the envelope what stands in the text beside it.
  return [{ ...body, spare: true }];
}

function list(found: Found, file: Pick<File, 'filename' | 'size'> & Partial<File>): void {
  const { filename, size, contentType = 'application/octet-stream', inline = false } = file;
  if (found.attachments.length >= MAX_PARTS) return;
  found.attachments.push({ filename: cleanFileName(filename), contentType, size, inline });
}
