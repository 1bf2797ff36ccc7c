/**
 * What a file is by its first bytes, whatever it is called. Signatures: PRONOM and Gary Kessler's table; ZIP and OLE containers are told
 * apart by what they hold (ECMA-376, OASIS ODF, MS-CFB, MS-OFFCRYPTO). One table and no library: few of a library's hundreds of types
 * matter here, and none tells macros or passwords.
 */
import { type ZipEntry, zipDirectory } from './zip.ts';

export const UNKNOWN_TYPE = 'application/octet-stream';
export const PROGRAM_TYPE = 'application/x-msdownload';
export const SCRIPT_TYPE = 'text/x-script';
export const SHORTCUT_TYPE = 'application/x-ms-shortcut';

/** Bytes from the beginning that tell a text from other things. */
const LOOKED_AT = 4_096;

type Signature = readonly [type: string, bytes: string, at?: number];

/** Bytes as Latin-1 text; the first that matches counts. */
const SIGNATURES: readonly Signature[] = [
  ['application/pdf', '%PDF-'],
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/gif', 'GIF87a'],
  ['image/gif', 'GIF89a'],
  ['image/webp', 'WEBP', 8],
  ['image/bmp', 'BM'],
  ['image/tiff', 'II*\0'],
  ['image/tiff', 'MM\0*'],
  ['image/heic', 'ftypheic', 4],
  ['image/heic', 'ftypmif1', 4],
  ['image/avif', 'ftypavif', 4],
  ['image/x-icon', '\0\0\x01\0'],
  ['video/mp4', 'ftyp', 4],
  ['video/webm', '\x1aE\xdf\xa3'],
  ['video/x-msvideo', 'AVI ', 8],
  ['audio/wav', 'WAVE', 8],
  ['audio/mpeg', 'ID3'],
  ['application/rtf', '{\\rtf'],
  ['application/zip', 'PK\x03\x04'],
  ['application/zip', 'PK\x05\x06'],
  ['application/x-ole', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['application/vnd.rar', 'Rar!\x1a\x07'],
  ['application/x-7z-compressed', "7z\xbc\xaf'\x1c"],
  ['application/gzip', '\x1f\x8b'],
  ['application/x-bzip2', 'BZh'],
  ['application/x-xz', '\xfd7zXZ\0'],
  ['application/x-tar', 'ustar', 257],
  ['application/vnd.ms-cab-compressed', 'MSCF'],
  [PROGRAM_TYPE, 'MZ'],
  ['application/x-executable', '\x7fELF'],
  ['application/x-mach-binary', '\xfe\xed\xfa'],
  ['application/x-mach-binary', '\xce\xfa\xed\xfe'],
  ['application/x-mach-binary', '\xcf\xfa\xed\xfe'],
  // A Java class, or Mach-O for several processors: a program either way.
  ['application/java-vm', '\xca\xfe\xba\xbe'],
  ['application/wasm', '\0asm'],
  [SHORTCUT_TYPE, 'L\0\0\0\x01\x14\x02\0'],
  ['application/vnd.ms-htmlhelp', 'ITSF'],
  ['application/x-iso9660-image', 'CD001', 0x8001],
  ['application/x-virtual-disk', 'conectix'],
  ['application/x-virtual-disk', 'vhdxfile'],
  ['application/x-ms-wim', 'MSWIM\0\0\0'],
  ['application/onenote', '\xe4R\\{\x8c\xd8\xa7M\xae\xb1Sx\xd0)\x96\xd3'],
];

/** Types that are only told by more than these few letters, which a text may begin with. */
const ALSO_TEXT = new Set(['image/bmp', PROGRAM_TYPE, 'application/x-bzip2', 'audio/mpeg']);

export type Sniffed = {
  readonly type: string;
  /** Of a ZIP archive. */
  readonly entries: readonly ZipEntry[] | null;
  /** An archive that says of itself what it does not hold: nobody can tell what other programs find in it. */
  readonly unclear: boolean;
  /** Office files that bring programs of their own. */
  readonly macros: boolean;
  /** A password is needed to look inside. */
  readonly locked: boolean;
};

/** Tells the type of a file by its content; `application/octet-stream` when nobody can. */
export function sniff(bytes: Buffer): Sniffed {
  const type = signatureOf(bytes) ?? textType(bytes) ?? UNKNOWN_TYPE;
  if (type === 'application/zip') return inZip(bytes);
  if (type === 'application/x-ole') return inOle(bytes);
  return { type, entries: null, unclear: false, macros: false, locked: isLocked(type, bytes) };
}

function signatureOf(bytes: Buffer): string | null {
  for (const [type, letters, at = 0] of SIGNATURES) {
    if (bytes.length < at + letters.length || bytes.toString('latin1', at, at + letters.length) !== letters) continue;
    if (!ALSO_TEXT.has(type) || !isText(bytes)) return type;
  }
  return null;
}

/** Package folders of ECMA-376 and the types they make. */
const OFFICE: readonly [folder: string, type: string][] = [
  ['word/', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xl/', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['ppt/', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
];

function inZip(bytes: Buffer): Sniffed {
  const directory = zipDirectory(bytes);
  const entries = directory?.entries ?? null;
  const names = entries?.map(({ name }) => name) ?? [];
  const has = (start: string): boolean => names.some((name) => name.startsWith(start));
  const office = names.includes('[Content_Types].xml') ? OFFICE.find(([folder]) => has(folder))?.[1] : undefined;
  // The first file of an ODF package is called "mimetype", is not compressed, and is its type.
  const odf = /^mimetype(application\/vnd\.oasis\.opendocument\.[a-z.-]{3,40}?)(?=[^a-z.-]|$)/.exec(
    bytes.toString('latin1', 30, 130),
  )?.[1];
  const java = names.includes('META-INF/MANIFEST.MF') ? 'application/java-archive' : undefined;
  const type = office ?? odf ?? java ?? 'application/zip';
  return {
    type,
    entries,
    unclear: directory?.whole === false,
    macros:
      names.some((name) => /(?:^|\/)vbaProject\.bin$/i.test(name)) ||
      (odf !== undefined && (has('Basic/') || has('Scripts/'))),
    locked: entries?.some(({ encrypted }) => encrypted) ?? ((bytes[6] ?? 0) & 1) !== 0,
  };
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
/** Names of streams and storages in a compound file. */
const OLE: readonly [stream: string, type: string][] = [
  ['WordDocument', 'application/msword'],
  ['Workbook', 'application/vnd.ms-excel'],
  ['PowerPoint Document', 'application/vnd.ms-powerpoint'],
  ['__substg1.0_', 'application/vnd.ms-outlook'],
  ['__nameid_version1.0', 'application/vnd.ms-outlook'],
];
/** The class of an installer's root storage, {000C1084-0000-0000-C000-000000000046}. */
const INSTALLER = Buffer.from('84100c0000000000c000000000000046', 'hex');

function inOle(bytes: Buffer): Sniffed {
  const holds = (text: string): boolean => bytes.includes(utf16(text));
  const locked = holds('EncryptedPackage');
  const type = bytes.includes(INSTALLER)
    ? PROGRAM_TYPE
    : (OLE.find(([stream]) => holds(stream))?.[1] ?? (locked ? 'application/x-ole-encrypted' : 'application/x-ole'));
  return { type, entries: null, unclear: false, macros: holds('_VBA_PROJECT'), locked };
}

/** AES-256 in a 7z header, where it is not compressed itself. */
const SEVEN_ZIP_AES = Buffer.from('06f10701', 'hex');
const RAR_5_LOCKED_HEADER = 4;

function isLocked(type: string, bytes: Buffer): boolean {
  if (type === 'application/x-7z-compressed') return bytes.includes(SEVEN_ZIP_AES);
  if (type !== 'application/vnd.rar') return false;
  // RAR 5: signature, checksum, size, then the type of the first header. RAR 4: flags of the archive, then of its first file.
  if (bytes[6] === 1) return bytes[13] === RAR_5_LOCKED_HEADER;
  const archive = bytes.length > 12 ? bytes.readUInt16LE(10) : 0;
  const firstFile = bytes.length > 25 ? bytes.readUInt16LE(23) : 0;
  return (archive & 0x80) !== 0 || (firstFile & 0x04) !== 0;
}

function isText(bytes: Buffer): boolean {
  const head = headText(bytes);
  return head !== null && head.length > 0;
}

/** The beginning as text; null when it is none. */
function headText(bytes: Buffer): string | null {
  const head = bytes.subarray(0, LOOKED_AT);
  const text = decodeText(head);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what no text holds
  return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? null : text;
}

/** Bytes as text by their byte order mark; UTF-8 without one, where a letter that is none is as good as another. */
export function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return Buffer.from(bytes.subarray(2, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  return bytes.toString('utf8', bytes[0] === 0xef && bytes[1] === 0xbb ? 3 : 0);
}

function textType(bytes: Buffer): string | null {
  const text = bytes.length > 0 ? headText(bytes) : null;
  if (text === null) return null;
  // What a browser passes over before it takes a text for a page.
  const start = text.replace(/^(?:\s+|<!--[\s\S]{0,2000}?-->|<\?xml[^>]{0,300}>)+/, '').slice(0, 200);
  if (/^(?:<!doctype\s+svg|<svg[\s>:/])/i.test(start)) return 'image/svg+xml';
  if (/^<(?:!doctype\s+html|html|head|body|script|iframe|title|meta|div|table|form)\b/i.test(start)) return 'text/html';
  if (/^#!\s{0,3}\//.test(text)) return SCRIPT_TYPE;
  if (/^<(?:job|package|scriptlet)[\s>]/i.test(start)) return SCRIPT_TYPE;
  if (/^\[InternetShortcut\]/i.test(start)) return SHORTCUT_TYPE;
  return 'text/plain';
}
