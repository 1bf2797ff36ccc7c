/**
 * mailparser behind a function: the parts of a mail as a tree. Attachments are drained; the content of those that hold text is kept.
 * mailparser reads text parts by their label alone. Where it makes a node for a part (`createNode`) and a decoder for its charset
 * (`decoder`) we step in, so that every text part is decoded by part-text.ts, which knows how labels lie.
 */
import { Transform } from 'node:stream';
import { type AttachmentStream, MailParser } from 'mailparser';
import type { Headers } from './headers.ts';
import { partText, richText } from './part-text.ts';
import { decodeTransfer } from './transfer.ts';

export type File = {
  readonly filename: string;
  readonly contentType: string;
  readonly size: number;
  readonly inline: boolean;
  /** What is in it; null when it is not kept. */
  readonly content: Buffer | null;
};
export type Part =
  | { readonly type: string; readonly parts: readonly Part[] }
  | { readonly type: string; readonly text: string }
  | { readonly type: string; readonly file: File };

/** Parts of one mail: thousands of empty ones are cheap to send and dear to list. */
export const MAX_PARTS = 1_000;
/** Bytes of a text part before it is decoded: base64 of the four megabytes that are read. */
const MAX_TEXT_BYTES = 6 * 1024 * 1024;
/** An attached mail, calendar, report or winmail.dat that is larger is listed, not opened: it holds attachments. */
const MAX_OPENED_BYTES = 30 * 1024 * 1024;
/** Header bytes of one part: they are a few hundred. A part with more rejects the mail, and it is read by hand. */
const MAX_HEAD_BYTES = 128 * 1024;

/** What mailparser and its splitter know of a part when its header is read. */
type SplitPart = {
  root: boolean;
  contentType: string | false;
  disposition: string | false;
  encoding: string | false;
  charset: string | false;
  filename: string | false;
  flowed: boolean;
  multipart: string | false;
  parentNode: SplitPart | false;
  headers: { get(name: string): unknown[] };
};
type TreeNode = { contentType: string | false; children: TreeNode[]; isAttachment?: boolean; textContent?: string };
type Internals = {
  tree: TreeNode | false;
  decoder: { decodeStream(charset: string): Transform };
  createNode(part: SplitPart): TreeNode & { charset?: string };
};
type Attachment = AttachmentStream & { cid?: string; contentDisposition?: string; filename?: string | false };

/** The header fields that say what a part is. */
const STRUCTURE = ['content-type', 'content-transfer-encoding', 'content-disposition', 'content-id'];

/**
 * Reads the parts of a mail whose header is read already: of that, mailparser sees what concerns the structure, and need not
 * spend seconds on a From of a megabyte.
 * @throws whatever mailparser rejects it with.
 */
export function readTree(headers: Pick<Headers, 'first'>, body: Buffer): Promise<Part> {
  const head = STRUCTURE.map((name) => `${name}: ${headers.first(name)}\r\n`).filter(
    (line) => !line.endsWith(': \r\n'),
  );
  return new Promise((resolve, reject) => {
    const parser = new MailParser({
      skipHtmlToText: true,
      skipTextToHtml: true,
      skipTextLinks: true,
      skipImageLinks: true,
      keepDeliveryStatus: true,
      ignoreEmbedded: true,
      maxChildNodes: MAX_PARTS,
      maxHeadSize: MAX_HEAD_BYTES,
    } as ConstructorParameters<typeof MailParser>[0]);
    const internals = parser as unknown as Internals;
    const types = stepIn(internals);
    const files: (() => File)[] = [];
    parser.on('error', reject);
    parser.on('data', (data) => {
      if (data.type !== 'text') files.push(drain(data as Attachment));
    });
    parser.on('end', () => {
      if (internals.tree) resolve(partOf(internals.tree, types, files[Symbol.iterator]()));
      else resolve({ type: 'text/plain', text: '' });
    });
    parser.write(Buffer.from(`${head.join('')}\r\n`));
    parser.end(body);
  });
}

/** Has every shown text part decoded here. Returns the type each of them really has: mailparser is told it is plain text or HTML. */
function stepIn(internals: Internals): Map<TreeNode, string> {
  const types = new Map<TreeNode, string>();
  const labels = new Map<string, { encoding: string; charset: string; isHtml: boolean }>();
  const create = internals.createNode.bind(internals);
  internals.createNode = (part) => {
    const type = typeOf(part);
    part.contentType = type;
    if (part.multipart || !isShown(part, type, types.size === 0)) {
      if (type.startsWith('text/')) part.disposition = 'attachment';
      return create(part);
    }
    const label = { encoding: part.encoding || '', charset: part.charset || '', isHtml: type === 'text/html' };
    // RFC 3676 forbids to join a quoted line and the answer below it, which mailparser does: lines stay as they are.
    Object.assign(part, { flowed: false, encoding: '', disposition: 'inline' });
    part.contentType = label.isHtml ? type : 'text/plain';
    const node = create(part);
    node.charset = `text part ${types.size}`;
    types.set(node, type);
    labels.set(node.charset, label);
    return node;
  };
  internals.decoder = {
    decodeStream(key) {
      const { encoding, charset, isHtml } = labels.get(key) ?? { encoding: '', charset: '', isHtml: false };
      return collect(MAX_TEXT_BYTES, (bytes) => partText(decodeTransfer(encoding, bytes), charset, isHtml));
    },
  };
  return types;
}

/** What the part says it is. A type that is none says nothing; a part of a digest is a mail (RFC 2046). */
function typeOf({ contentType, parentNode, headers }: SplitPart): string {
  const inDigest = parentNode && parentNode.contentType === 'multipart/digest';
  if (inDigest && headers.get('content-type').length === 0) return 'message/rfc822';
  const type = contentType || '';
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type) ? type : 'text/plain';
}

/** Whether a part is what the reader sees: text that is no file. */
function isShown({ disposition, filename }: SplitPart, type: string, first: boolean): boolean {
  if (!type.startsWith('text/') || disposition === 'attachment') return false;
  if (type === 'text/calendar' || type === 'text/rfc822-headers') return false;
  if (/^text\/(?:plain|html|enriched|richtext|rtf|markdown|x-markdown)$/.test(type)) return first || !filename;
  return first && !filename && !/amp|watch/.test(type);
}

/** A stream of bytes as one text, at most `most` bytes of it. */
function collect(most: number, toText: (bytes: Buffer) => string): Transform {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (length < most) chunks.push(chunk);
      length += chunk.length;
      done();
    },
    flush(done) {
      this.push(toText(Buffer.concat(chunks)));
      done();
    },
  });
}

/** Reads an attachment to its end; the result may be asked for once mailparser is done. */
function drain(attachment: Attachment): () => File {
  const contentType = String(attachment.contentType || 'application/octet-stream')
    .toLowerCase()
    .slice(0, 200);
  const filename = attachment.filename || '';
  let chunks: Buffer[] | null = isOpened(contentType, filename) ? [] : null;
  let size = 0;
  attachment.content.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_OPENED_BYTES) chunks = null;
    chunks?.push(chunk);
  });
  attachment.content.on('end', () => attachment.release());
  return () => ({
    filename,
    contentType,
    size,
    inline: attachment.contentDisposition === 'inline' || Boolean(attachment.cid),
    content: chunks && Buffer.concat(chunks),
  });
}

function isOpened(contentType: string, filename: string): boolean {
  return (
    contentType.startsWith('message/') ||
    contentType === 'text/calendar' ||
    contentType === 'text/rfc822-headers' ||
    isEnvelope(contentType, filename)
  );
}

/** Whether an attachment is the envelope that Outlook puts everything into. */
export function isEnvelope(contentType: string, filename: string): boolean {
  return /^application\/(?:vnd\.)?ms-tnef$/.test(contentType) || filename.toLowerCase() === 'winmail.dat';
}

function partOf(node: TreeNode, types: ReadonlyMap<TreeNode, string>, files: Iterator<() => File>): Part {
  const type = types.get(node) ?? (node.contentType || 'text/plain');
  if (node.isAttachment) {
    const file = files.next().value as (() => File) | undefined;
    return file ? { type, file: file() } : { type, parts: [] };
  }
  if (types.has(node)) return { type, text: richText(type, node.textContent ?? '') };
  return { type, parts: node.children.map((child) => partOf(child, types, files)) };
}
