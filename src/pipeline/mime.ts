/** mailparser behind a function: decoded parts and a list of attachments whose content is drained, not kept. */
import { type AttachmentStream, MailParser, type MessageText } from 'mailparser';
import type { ParsedMail } from '../model.ts';
import { stripControls } from './fold.ts';

export type Mime = { text: string; html: string; attachments: ParsedMail['attachments'] };

/** MIME parts of one mail; a mail with more is read from its raw text. */
const MAX_PARTS = 1_000;
const MAX_FILENAME = 255;

type Attachment = AttachmentStream & { cid?: string; contentDisposition?: string; filename?: string | false };

/** Decodes a mail's MIME structure. @throws whatever mailparser rejects it with. */
export function readMime(raw: Buffer): Promise<Mime> {
  return new Promise((resolve, reject) => {
    const mime: Mime = { text: '', html: '', attachments: [] };
    const parser = new MailParser({
      skipHtmlToText: true,
      skipTextToHtml: true,
      skipTextLinks: true,
      skipImageLinks: true,
      maxChildNodes: MAX_PARTS,
    } as ConstructorParameters<typeof MailParser>[0]);
    parser.on('error', reject);
    parser.on('end', () => resolve(mime));
    parser.on('data', (data) => {
      if (data.type === 'text') Object.assign(mime, textsOf(data));
      else drain(data as Attachment, mime.attachments);
    });
    parser.end(withoutFlowed(raw));
  });
}

const FLOWED = 'flowed';
const FIXED = 'fixed_';
/** A header field is searched for its name within so many bytes. */
const LONGEST_FIELD = 1_000;

/**
 * `format=flowed` unsaid in the headers of parts: mailparser joins a quoted line and the answer below it into one (RFC 3676
 * forbids that), and a part keeps its own lines this way.
 */
function withoutFlowed(raw: Buffer): Buffer {
  let copy: Buffer | null = null;
  let tried = 0;
  for (const spelling of [FLOWED, 'Flowed', 'FLOWED']) {
    for (let at = raw.indexOf(spelling); at !== -1 && tried < MAX_PARTS; at = raw.indexOf(spelling, at + 1)) {
      tried++;
      const field = raw.toString('latin1', Math.max(0, at - LONGEST_FIELD), at);
      const start = field.toLowerCase().lastIndexOf('content-type:');
      if (start === -1 || !/format\s?=\s?"?$/i.test(field.slice(-12)) || /\n\r?\n/.test(field.slice(start))) continue;
      copy ??= Buffer.from(raw);
      copy.write(FIXED, at, 'latin1');
    }
  }
  return copy ?? raw;
}

function textsOf(data: MessageText): Pick<Mime, 'text' | 'html'> {
  return { text: data.text ?? '', html: typeof data.html === 'string' ? data.html : '' };
}

function drain(attachment: Attachment, list: Mime['attachments']): void {
  let size = 0;
  attachment.content.on('data', (chunk: Buffer) => {
    size += chunk.length;
  });
  attachment.content.on('end', () => {
    list.push({
      filename: cleanFilename(attachment.filename || ''),
      contentType: String(attachment.contentType || 'application/octet-stream').toLowerCase(),
      size,
      inline: attachment.contentDisposition === 'inline' || Boolean(attachment.cid),
    });
    attachment.release();
  });
}

/** A name without a path or anything a file system or a terminal would act on. */
function cleanFilename(name: string): string {
  const last = stripControls(name.normalize('NFC')).split(/[\\/]/).pop() ?? '';
  return last
    .replace(/[\t\n]/g, ' ')
    .trim()
    .slice(0, MAX_FILENAME);
}
