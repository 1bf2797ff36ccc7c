/**
 * mailparser behind a function: the parts of a mail as a tree. Attachments are drained; the content of those that hold text is kept.
 * mailparser reads text parts by their label alone. Where it makes a node for a part (`createNode`) and a decoder for its charset
 * (`decoder`) we step in, so that every text part is decoded by part-text.ts, which knows how labels lie.
 */
import { Readable, Transform } from 'node:stream';
import { type AttachmentStream, MailParser } from 'mailparser';
import { type Look, lookAt } from '../attachments/look.ts';
import { UNKNOWN_TYPE } from '../attachments/sniff.ts';
import { cleanFileName } from './file-name.ts';
import { type Gathered, gather } from './gather.ts';
import type { Headers } from './headers.ts';
import { partText, richText } from './part-text.ts';
import { decodeTransfer } from './transfer.ts';

export type File = {
  readonly filename: string;
  readonly contentType: string;
  readonly size: number;
  readonly inline: boolean;
  /** By which the HTML shows it; empty when it has none. */
  readonly cid: string;
  readonly look: Look;
  /** What is in it; null when it is not kept. */
  readonly content: Buffer | null;
};
export type Part =
  /** `loose` is what stands in a multipart outside its parts: all of it when its boundary is not the one that was used. */
  | { readonly type: string; readonly boundary: string; readonly parts: readonly Part[]; readonly loose: Buffer }
  | { readonly type: string; readonly text: string }
  | { readonly type: string; readonly file: File };

/** Parts of one mail: thousands of empty ones are cheap to send and dear to list. */
export const MAX_PARTS = 1_000;
/** Parts within parts: each level costs a look at every line once more. Real mail has five. */
const MAX_DEPTH = 30;
/** Bytes of a text part before it is decoded: base64 of the four megabytes that are read. */
const MAX_TEXT_BYTES = 6 * 1024 * 1024;
/**
 * Bytes of all text parts of one mail and of those attached to it. What is past them is not read. Decoded text is copied several
 * times over on its way, and a thread whose heap is full takes the whole process along when it asks for much at once.
 */
const MAX_ALL_TEXT_BYTES = 12 * 1024 * 1024;
/** An attached mail, calendar, report or winmail.dat that is larger is listed, not opened: it holds attachments. */
const MAX_OPENED_BYTES = 30 * 1024 * 1024;
/** Bytes outside the parts that are kept: a note for programs that know no MIME, or all of a broken structure. */
const MAX_LOOSE_BYTES = MAX_OPENED_BYTES;
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
  _boundary: Buffer | false;
};
/** What a mail may still show, mails attached to it included: one for all the trees that are read of it. */
export type TextBudget = { bytes: number };

/** For a mail of which nothing is read yet. */
export const fullBudget = (): TextBudget => ({ bytes: MAX_ALL_TEXT_BYTES });

type TreeNode = {
  node: SplitPart;
  contentType: string | false;
  children: TreeNode[];
  isAttachment?: boolean;
};
type Chunk = { readonly type: string; readonly node?: SplitPart; readonly value?: Buffer };
type Internals = {
  tree: TreeNode | false;
  processChunk(chunk: Chunk, done: (error?: Error) => void): void;
  decoder: { decodeStream(charset: string): Transform };
  createNode(part: SplitPart): TreeNode & { charset?: string };
};
type Attachment = AttachmentStream & { cid?: string; contentDisposition?: string; filename?: string | false };

/** The header fields that say what a part is. */
const STRUCTURE = ['content-type', 'content-transfer-encoding', 'content-disposition', 'content-id'];

/**
 * Reads the parts of a mail whose header is read already: of that, mailparser sees what concerns the structure, and need not
 * spend seconds on a From of a megabyte.
 * @param reading.budget is drawn on by each text part; those that find it empty show nothing.
 * @param reading.wanted the SHA-256 (hex) of an attachment whose content is kept; null for none.
 * @throws Error with code EMAXLEN for what is past a limit, and whatever else mailparser rejects it with.
 */
export function readTree(
  headers: Pick<Headers, 'first'>,
  body: Buffer,
  { budget, wanted }: { readonly budget: TextBudget; readonly wanted: string | null },
): Promise<Part> {
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
    const seen = stepIn(internals, budget);
    const files: (() => File)[] = [];
    parser.on('error', reject);
    parser.on('data', (data) => {
      if (data.type !== 'text') files.push(drain(data as Attachment, wanted));
    });
    parser.on('end', () => {
      if (internals.tree) resolve(partOf(internals.tree, { ...seen, files: files[Symbol.iterator]() }));
      else resolve({ type: 'text/plain', text: '' });
    });
    Readable.from(slices(Buffer.from(`${head.join('')}\r\n`), body)).pipe(parser);
  });
}

/** As much of the body as mailparser takes at once: it makes an object of every line of it before it lets go of the first. */
const SLICE_BYTES = 64 * 1024;

function* slices(head: Buffer, body: Buffer): Generator<Buffer> {
  yield head;
  for (let at = 0; at < body.length; at += SLICE_BYTES) yield body.subarray(at, at + SLICE_BYTES);
}

/** What a shown text part really is (mailparser is told that it is plain text or HTML), and what it says once it is read. */
type Shown = { readonly type: string; readonly encoding: string; readonly charset: string; text: string };
/** The text parts that are shown, and what stands outside the parts. */
type Seen = { readonly shown: Map<TreeNode, Shown>; readonly loose: Map<SplitPart, Gathered> };

/** Has every shown text part decoded here, and keeps what mailparser would pass over. */
function stepIn(internals: Internals, budget: TextBudget): Seen {
  const shown = new Map<TreeNode, Shown>();
  const byKey = new Map<string, Shown>();
  const loose = keepLoose(internals);
  const create = internals.createNode.bind(internals);
  internals.createNode = (part) => {
    if (depthOf(part) > MAX_DEPTH) {
      throw Object.assign(new Error(`parts are nested more than ${MAX_DEPTH} deep`), { code: 'EMAXLEN' });
    }
    const type = typeOf(part);
    part.contentType = type;
    if (part.multipart || !isShown(part, type, shown.size === 0)) {
      if (type.startsWith('text/')) part.disposition = 'attachment';
      return create(part);
    }
    const seen = { type, encoding: part.encoding || '', charset: part.charset || '', text: '' };
    // RFC 3676 forbids to join a quoted line and the answer below it, which mailparser does: lines stay as they are.
    Object.assign(part, { flowed: false, encoding: '', disposition: 'inline' });
    part.contentType = type === 'text/html' ? type : 'text/plain';
    const node = create(part);
    node.charset = `text part ${shown.size}`;
    shown.set(node, seen);
    byKey.set(node.charset, seen);
    return node;
  };
  internals.decoder = {
    decodeStream(key) {
      const part = byKey.get(key);
      return collect(budget, (bytes) => {
        if (part) part.text = partText(decodeTransfer(part.encoding, bytes), part.charset, part.type === 'text/html');
      });
    },
  };
  return { shown, loose };
}

function keepLoose(internals: Internals): Seen['loose'] {
  const loose: Seen['loose'] = new Map();
  const process = internals.processChunk.bind(internals);
  let length = 0;
  internals.processChunk = (chunk, done) => {
    try {
      if (chunk.type === 'data' && chunk.node?.multipart && chunk.value && length < MAX_LOOSE_BYTES) {
        length += chunk.value.length;
        const known = loose.get(chunk.node) ?? gather(MAX_LOOSE_BYTES);
        known.add(chunk.value);
        loose.set(chunk.node, known);
      }
      process(chunk, done);
    } catch (error) {
      done(error as Error);
    }
  };
  return loose;
}

function depthOf(part: SplitPart): number {
  let depth = 0;
  for (let parent = part.parentNode; parent && depth <= MAX_DEPTH; parent = parent.parentNode) depth++;
  return depth;
}

/** What the part says it is. A type that is none says nothing; a part of a digest is a mail (RFC 2046). */
function typeOf({ contentType, parentNode, headers }: SplitPart): string {
  const inDigest = parentNode && parentNode.contentType === 'multipart/digest';
  if (inDigest && headers.get('content-type').length === 0) return 'message/rfc822';
  const type = contentType || '';
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type) ? type : 'text/plain';
}

/** Whether a part is what the reader sees: text that is no file. An attachment without a name, before any text, is the text. */
function isShown({ disposition, filename }: SplitPart, type: string, first: boolean): boolean {
  if (!type.startsWith('text/') || (disposition === 'attachment' && !(first && !filename))) return false;
  if (type === 'text/calendar' || type === 'text/rfc822-headers') return false;
  if (/^text\/(?:plain|html|enriched|richtext|rtf|markdown|x-markdown)$/.test(type)) return first || !filename;
  return first && !filename && !/amp|watch/.test(type);
}

/** Takes a stream of bytes as one piece: as much of it as a part, and all parts together, may have. mailparser is left with nothing. */
function collect(budget: TextBudget, take: (bytes: Buffer) => void): Transform {
  const gathered = gather(MAX_TEXT_BYTES);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (budget.bytes > 0 && gathered.add(chunk)) budget.bytes -= chunk.length;
      done();
    },
    flush(done) {
      take(gathered.take());
      done();
    },
  });
}

/** Reads an attachment to its end, and looks at it before the next one comes; the result may be asked for once mailparser is done. */
function drain(attachment: Attachment, wanted: string | null): () => File {
  const contentType = String(attachment.contentType || UNKNOWN_TYPE)
    .toLowerCase()
    .slice(0, 200);
  const filename = attachment.filename || '';
  const gathered = gather(Number.POSITIVE_INFINITY);
  let size = 0;
  let seen: Pick<File, 'look' | 'content'> | null = null;
  const see = () => {
    const content = gathered.take();
    const look = lookAt({ filename: cleanFileName(filename), contentType }, content);
    const kept = look.sha256 === wanted || (size <= MAX_OPENED_BYTES && isOpened(contentType, filename));
    return { look, content: kept ? content : null };
  };
  attachment.content.on('data', (chunk: Buffer) => {
    size += chunk.length;
    gathered.add(chunk);
  });
  attachment.content.on('end', () => {
    seen = see();
    attachment.release();
  });
  return () => ({
    ...{ filename, contentType, size },
    inline: attachment.contentDisposition === 'inline' || Boolean(attachment.cid),
    cid: attachment.cid ?? '',
    ...(seen ?? see()),
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

const NOTHING = Buffer.alloc(0);

function partOf(tree: TreeNode, seen: Seen & { readonly files: Iterator<() => File> }): Part {
  const shown = seen.shown.get(tree);
  const type = shown?.type ?? (tree.contentType || 'text/plain');
  const file = tree.isAttachment ? (seen.files.next().value as (() => File) | undefined) : undefined;
  if (file) return { type, file: file() };
  if (shown) return { type, text: richText(type, shown.text) };
  return {
    type,
    boundary: tree.node._boundary ? tree.node._boundary.toString() : '',
    parts: tree.children.map((child) => partOf(child, seen)),
    loose: seen.loose.get(tree.node)?.take() ?? NOTHING,
  };
}
