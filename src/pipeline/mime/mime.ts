/** The MIME structure of a mail -> what its reader sees and a list of attachments. Opens what holds text: attached mails, winmail.dat, calendars, reports. */
import { type Look, lookAt } from '../attachments/look.ts';
import { UNKNOWN_TYPE } from '../attachments/sniff.ts';
import { type Bodies, type Body, joinBodies, oneBody } from './bodies.ts';
import { findBoundary, splitAt } from './boundaries.ts';
import { calendarText, isCalendarAnswer } from './calendar.ts';
import { type DeliveryReport, readReport } from './delivery-report.ts';
import { cleanFileName } from './file-name.ts';
import { bannerFor } from './forwarded-mail.ts';
import { type Headers, readHeaders } from './headers.ts';
import { type File, fullBudget, isEnvelope, MAX_PARTS, type Part, readTree, type TextBudget } from './mime-tree.ts';
import { partText } from './part-text.ts';
import { readTnef } from './tnef.ts';
import { takeOutFiles } from './uuencode.ts';

/** A file of the mail, by its clean name. */
export type Attached = Pick<File, 'filename' | 'contentType' | 'size' | 'inline' | 'cid'> & Look;

export type Mime = Bodies & {
  readonly attachments: readonly Attached[];
  /** What a delivery report says, when the mail holds one. */
  readonly report: DeliveryReport | null;
  /** It carries the answer to an invitation. */
  readonly calendarAnswer: boolean;
  /** Why it is not read as it was meant; null when it is. */
  readonly because: string | null;
  /** Which limit it is past; null when it is past none. */
  readonly pastLimit: string | null;
};

/** Mails attached to mails, and broken multiparts that are mended, one in the other or side by side: each is read as a mail of its own. */
const MAX_MAILS = 20;
/** winmail.dat files that are opened. */
const MAX_ENVELOPES = 5;
const SPACE = 0x20;
/** Between the parts of a mended mail. Should one of them hold it, it is cut once more, and nothing is lost. */
const MENDED = 'mended-by-partner-intake'.padEnd(70, '-');

/** Parts that are read of a mail that has too many. */
const MAX_FIRST_PARTS = 900;

type Found = {
  /** The SHA-256 of the attachment that is looked for, and its bytes once it is found. */
  readonly wanted: string | null;
  taken: Buffer | null;
  readonly budget: TextBudget;
  attachments: Attached[];
  mails: number;
  envelopes: number;
  report: DeliveryReport | null;
  calendar: string;
  calendarAnswer: boolean;
  because: string | null;
  pastLimit: string | null;
};

/**
 * Reads the structure of a mail whose header is read already.
 * @throws Error with code EMAXLEN for what is past a limit, and whatever else the MIME parser rejects it with.
 */
export async function readMime(headers: Headers, body: Buffer): Promise<Mime> {
  const found = nothingFound(null);
  const { text, html } = joinBodies(await bodiesOf(await readTree(headers, body, found), false, found));
  const nothing = text.trim() === '' && html.trim() === '';
  const { attachments, report, calendarAnswer, because, pastLimit } = found;
  return {
    text: nothing ? found.calendar || text : text,
    html,
    attachments,
    report,
    calendarAnswer,
    because,
    pastLimit,
  };
}

/** The attachments among the first parts of a mail that is past a limit; none when those cannot be read either. */
export async function firstAttachments(body: Buffer): Promise<readonly Attached[]> {
  const found = nothingFound(null);
  await readFirst(body, found).catch(() => undefined);
  return found.attachments;
}

async function readFirst(body: Buffer, found: Found): Promise<void> {
  const used = findBoundary(body);
  if (used === null) return;
  const { parts } = splitAt(body, used, MAX_FIRST_PARTS);
  const lines = parts.slice(0, MAX_FIRST_PARTS).flatMap((part) => [Buffer.from(`\r\n--${MENDED}\r\n`), part]);
  const header = `multipart/mixed; boundary="${MENDED}"`;
  const first = { first: (name: string) => (name === 'content-type' ? header : '') };
  await bodiesOf(await readTree(first, Buffer.concat(lines), found), false, found);
}

/** The bytes of the attachment with this SHA-256 (hex); null when the mail has none. @throws as readMime does */
export async function takeAttachment(headers: Headers, body: Buffer, sha256: string): Promise<Buffer | null> {
  const found = nothingFound(sha256);
  try {
    await bodiesOf(await readTree(headers, body, found), false, found);
  } catch (error) {
    await readFirst(body, found).catch(() => undefined);
    if (!found.taken) throw error;
  }
  return found.taken;
}

const nothingFound = (wanted: string | null): Found => ({
  ...{ wanted, taken: null, budget: fullBudget(), attachments: [], mails: 0, envelopes: 0, report: null },
  ...{ calendar: '', calendarAnswer: false, because: null, pastLimit: null },
});

type Multipart = Extract<Part, { parts: unknown }>;

async function bodiesOf(part: Part, inReport: boolean, found: Found): Promise<Body[]> {
  if ('text' in part) return [shownText(part, found)];
  if ('file' in part) return open(part.file, inReport, found);
  const parts = part.parts.length > 0 ? part.parts : await mendedParts(part, found);
  const bodies: Body[][] = [];
  for (const child of parts) {
    bodies.push(await bodiesOf(child, inReport || part.type === 'multipart/report', found));
  }
  const shown = part.type === 'multipart/alternative' ? alternative(bodies) : bodies.flat();
  return shown.length > 0 ? shown : outsideOf(part);
}

/**
 * The parts of a multipart in which none was found: cut at the announced boundary in spite of what stands behind it on its line,
 * else at the boundary that was really used.
 */
async function mendedParts({ type, boundary, loose }: Multipart, found: Found): Promise<readonly Part[]> {
  if (!loose.some((byte) => byte > SPACE)) return [];
  let { parts } = boundary === '' ? { parts: [] } : splitAt(loose, boundary, MAX_PARTS);
  if (parts.length === 0) {
    found.because ??=
      boundary === ''
        ? 'a multipart without a boundary'
        : 'the boundary that was announced is not the one that was used';
    const used = findBoundary(loose);
    if (used === null) return [];
    ({ parts } = splitAt(loose, used, MAX_PARTS));
  }
  if (!mayOpen(found)) return [];
  const lines = parts.flatMap((part) => [Buffer.from(`\r\n--${MENDED}\r\n`), part]);
  const header = `${type}; boundary="${MENDED}"`;
  const mended = await readTree(
    { first: (name) => (name === 'content-type' ? header : '') },
    Buffer.concat(lines),
    found,
  );
  return 'parts' in mended ? mended.parts : [mended];
}

/** Programs that know no MIME are told so where nobody else looks. */
const NOTE_TO_OLD_PROGRAMS = /multi-?part message|mime[- ](?:format|encoded|compliant|aware)|rfc ?(?:822|1521|2045)/i;

/** What stands before, between and behind the parts of a multipart that show nothing: some programs put the text there. */
function outsideOf({ loose }: Multipart): Body[] {
  const lines = partText(loose, '').split('\n');
  const text = lines.filter((line) => !line.startsWith('--') && !NOTE_TO_OLD_PROGRAMS.test(line)).join('\n');
  return text.trim() === '' ? [] : [{ text, spare: true }];
}

function shownText({ type, text }: { type: string; text: string }, found: Found): Body {
  if (type === 'text/html') return { html: text };
  const { text: rest, files } = takeOutFiles(text);
  for (const file of files) listData(found, file);
  return { text: rest };
}

/** The alternatives as one body: they say the same in text and in HTML. Two of one kind, which no alternative should have, are both kept. */
function alternative(children: readonly Body[][]): Body[] {
  const offers = children.filter((child) => child.length > 0).map(oneBody);
  if (offers.length === 0) return [];
  const plain = offers.filter((offer) => offer.html === undefined).map((offer) => offer.text?.trimEnd() ?? '');
  const text = [...new Set(plain)].filter((one) => one !== '').join('\n');
  const pages = [...new Set(offers.map((offer) => offer.html ?? ''))].filter((page) => page.trim() !== '');
  const html = pages.length > 0 ? pages.join('\n') : undefined;
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
  if (!mayOpen(found)) return [];
  const bodies = await bodiesOf(await readTree(headers, raw.subarray(bodyStart), found), false, found);
  return [{ text: bannerFor(headers, inReport) }, ...bodies];
}

function mayOpen(found: Found): boolean {
  if (++found.mails > MAX_MAILS) found.pastLimit ??= `more than ${MAX_MAILS} mails or broken structures are in it`;
  return found.mails <= MAX_MAILS;
}

function openEnvelope(bytes: Buffer, found: Found): Body[] | null {
  const tnef = ++found.envelopes <= MAX_ENVELOPES ? readTnef(bytes) : null;
  if (!tnef) return null;
  for (const file of tnef.files) listData(found, file);
  const body: Body = {
    ...(tnef.text === '' ? {} : { text: tnef.text }),
    ...(tnef.html === '' ? {} : { html: tnef.html }),
  };
  // Outlook repeats in the envelope what stands in the text beside it.
  return [{ ...body, spare: true }];
}

function list(found: Found, file: File): void {
  const { filename, contentType, size, inline, cid, look, content } = file;
  if (look.sha256 === found.wanted) found.taken ??= content;
  if (found.attachments.length >= MAX_PARTS) return;
  found.attachments.push({ filename: cleanFileName(filename), contentType, size, inline, cid, ...look });
}

/** A file that came in another's wrapping, which says no more than its name. */
function listData(found: Found, { filename, data }: { filename: string; data: Buffer }): void {
  const look = lookAt({ filename: cleanFileName(filename), contentType: UNKNOWN_TYPE }, data);
  const rest = { contentType: UNKNOWN_TYPE, size: data.length, inline: false, cid: '' };
  list(found, { filename, ...rest, look, content: data });
}
