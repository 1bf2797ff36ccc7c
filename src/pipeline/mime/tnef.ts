/** winmail.dat: Outlook's own envelope (MS-OXTNEF). The body and the attachments in it. Never throws. */
import { decodeCharset } from './charset.ts';
import { rtfText } from './rtf.ts';
import { decompressRtf } from './rtf-compressed.ts';
import { createByteReader, type Property, readProperties } from './tnef-properties.ts';

export type Tnef = {
  readonly text: string;
  readonly html: string;
  readonly files: readonly { filename: string; data: Buffer }[];
};

const SIGNATURE = 0x223e9f78;
/** Attributes of one envelope: real ones have some thirty, and a dozen for each attachment. */
const MAX_ATTRIBUTES = 5_000;
const MAX_FILES = 500;
const ATTACHMENT_LEVEL = 2;
const NO_DATA = Buffer.alloc(0);

/** Attribute ids, their low 16 bits. */
const OEM_CODEPAGE = 0x9007;
const MESSAGE_BODY = 0x800c;
const MESSAGE_PROPERTIES = 0x9003;
const ATTACH_START = 0x9002;
const ATTACH_TITLE = 0x8010;
const ATTACH_DATA = 0x800f;
const ATTACH_PROPERTIES = 0x9005;

/** MAPI property ids. */
const PR_BODY = 0x1000;
const PR_RTF_COMPRESSED = 0x1009;
const PR_HTML = 0x1013;
const PR_INTERNET_CPID = 0x3fde;
const PR_ATTACH_DATA = 0x3701;
const PR_ATTACH_FILENAME = 0x3704;
const PR_ATTACH_LONG_FILENAME = 0x3707;

/** Null when the bytes are no TNEF; what was readable of a damaged one. */
export function readTnef(bytes: Buffer): Tnef | null {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== SIGNATURE) return null;
  const found = { body: '', html: '', rtf: '', charset: 'windows-1252' };
  const files: NamedFile[] = [];
  const reader = createByteReader(bytes, 6);
  for (let count = 0; count < MAX_ATTRIBUTES && reader.left() > 9; count++) {
    const level = reader.u8();
    const id = reader.u16();
    reader.u16();
    const length = reader.u32();
    if (length > reader.left()) break;
    const data = reader.take(length);
    reader.u16();
    if (level === ATTACHMENT_LEVEL) readAttachment(id, data, files, found.charset);
    else if (id === OEM_CODEPAGE && data.length >= 4) found.charset = charsetOf(data.readUInt32LE(0));
    else if (id === MESSAGE_BODY) found.body ||= text(decodeCharset(data, found.charset));
    else if (id === MESSAGE_PROPERTIES) readBody(readProperties(data), found);
  }
  const html = found.html;
  return { text: found.body !== '' || html !== '' ? found.body : found.rtf, html, files };
}

type NamedFile = { filename: string; data: Buffer };
type Bodies = { body: string; html: string; rtf: string; charset: string };

function readBody(properties: readonly Property[], found: Bodies): void {
  const codepage = properties.find((property) => property.id === PR_INTERNET_CPID)?.value;
  const charset = codepage && codepage.length >= 4 ? charsetOf(codepage.readUInt32LE(0)) : found.charset;
  for (const { id, type, value } of properties) {
    if (id === PR_BODY) found.body = text(propertyText(type, value, charset)) || found.body;
    else if (id === PR_HTML) found.html = text(propertyText(type, value, charset));
    else if (id === PR_RTF_COMPRESSED) {
      const rtf = rtfText(decompressRtf(value).toString('latin1'));
      if (rtf.html !== '') found.html ||= rtf.html;
      else found.rtf = rtf.text;
    }
  }
}

function readAttachment(id: number, data: Buffer, files: NamedFile[], charset: string): void {
  if (id === ATTACH_START) {
    if (files.length < MAX_FILES) files.push({ filename: '', data: NO_DATA });
    return;
  }
  const file = files[files.length - 1];
  if (!file) return;
  if (id === ATTACH_TITLE) file.filename ||= text(decodeCharset(data, charset));
  else if (id === ATTACH_DATA) file.data = data;
  else if (id === ATTACH_PROPERTIES) {
    for (const { id: name, type, value } of readProperties(data)) {
      if (name === PR_ATTACH_LONG_FILENAME) file.filename = text(propertyText(type, value, charset)) || file.filename;
      else if (name === PR_ATTACH_FILENAME) file.filename ||= text(propertyText(type, value, charset));
      else if (name === PR_ATTACH_DATA && file.data.length === 0) file.data = value;
    }
  }
}

const UNICODE = 0x1f;

function propertyText(type: number, value: Buffer, charset: string): string {
  return type === UNICODE ? decodeCharset(value, 'utf-16le') : decodeCharset(value, charset);
}

/** Without the zero that ends a string, and with plain line ends. */
function text(raw: string): string {
  return (raw.split('\0', 1)[0] ?? '').replace(/\r\n?/g, '\n');
}

/** A Windows code page by its number. */
function charsetOf(codepage: number): string {
  if (codepage === 65001) return 'utf-8';
  if (codepage === 20127) return 'us-ascii';
  if (codepage >= 28591 && codepage <= 28605) return `iso-8859-${codepage - 28590}`;
  return codepage === 20866 ? 'koi8-r' : `cp${codepage}`;
}
