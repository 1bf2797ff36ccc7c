/** Bytes -> text, in whatever charset a mail program claims, mangles or forgets. Never throws. */
import { guessCharset } from './charset-guess.ts';
import { decodeHz, decodeIso2022Kr, decodeUtf7 } from './charset-stateful.ts';

/** Names that mail programs use and the WHATWG Encoding Standard does not know. */
const ALIASES: Readonly<Record<string, string>> = {
  utf8: 'utf-8',
  'utf-8mb4': 'utf-8',
  utf8mb4: 'utf-8',
  cp65001: 'utf-8',
  cp932: 'shift_jis',
  ms932: 'shift_jis',
  'windows-932': 'shift_jis',
  jis: 'iso-2022-jp',
  'iso-2022-jp-1': 'iso-2022-jp',
  'iso-2022-jp-2': 'iso-2022-jp',
  'iso-2022-jp-3': 'iso-2022-jp',
  'iso-2022-jp-2004': 'iso-2022-jp',
  'iso-2022-jp-ms': 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  cp50221: 'iso-2022-jp',
  eucjp: 'euc-jp',
  'euc-jp-ms': 'euc-jp',
  cp51932: 'euc-jp',
  euckr: 'euc-kr',
  cp949: 'euc-kr',
  ms949: 'euc-kr',
  uhc: 'euc-kr',
  'ks-c-5601-1987': 'euc-kr',
  ksc5601: 'euc-kr',
  cp936: 'gb18030',
  ms936: 'gb18030',
  'gb2312-80': 'gb18030',
  euccn: 'gb18030',
  'euc-cn': 'gb18030',
  'gb-18030': 'gb18030',
  cp950: 'big5',
  ms950: 'big5',
  big5hkscs: 'big5',
  cp874: 'windows-874',
  tis620: 'windows-874',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  'mac-roman': 'macintosh',
  macroman: 'macintosh',
  ansi: 'windows-1252',
};
/** Said when nothing is known. UTF-8 and ASCII are among them: mails in anything else claim them, and neither can be mistaken. */
const SAYS_NOTHING = new Set(['', 'utf-8', 'us-ascii', 'ascii', 'ansi_x3.4-1968', 'binary', '8bit', '7bit', 'default']);
const UNKNOWN = /^(?:x-)?(?:unknown|user-defined|undefined|none|null|_?autodetect)/;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
const ESCAPE = 0x1b;

/** Bytes in a declared charset; an unknown one is read as undeclared. GB2312 means GB18030 (WHATWG Encoding Standard). */
export function decodeCharset(bytes: Uint8Array, charset: string): string {
  const label = labelOf(charset);
  if (SAYS_NOTHING.has(label) || UNKNOWN.test(label)) return decodeBytes(bytes);
  if (/^(?:unicode-1-1-|x-unicode-.{0,6}|csunicode11)?utf-?7$/.test(label)) return decodeUtf7(bytes);
  if (label === 'iso-2022-kr') return decodeIso2022Kr(bytes);
  if (label === 'hz-gb-2312' || label === 'hz') return decodeHz(bytes);
  if (/^(?:utf-?16|ucs-?2|unicode$)/.test(label)) return decodeUtf16(bytes, label);
  if (isLatin(label) && hasJapaneseEscape(bytes)) return new TextDecoder('iso-2022-jp').decode(bytes);
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return decodeBytes(bytes);
  }
}

/** A charset's name as the WHATWG Encoding Standard spells it, as far as it can be told. */
function labelOf(charset: string): string {
  const label = charset
    .trim()
    .toLowerCase()
    .replace(/^["']+|["']+$/g, '')
    .replace(/^cp-?(12\d\d|866)$/, 'windows-$1')
    .replace(/^win(?:dows)?[-_]?(12\d\d)$/, 'windows-$1')
    .replace('windows-866', 'ibm866')
    .replace(/^(?:iso[-_ ]?)?8859[-_](\d{1,2}).{0,20}$/, 'iso-8859-$1')
    .replace(/^(utf-8|iso-8859-\d{1,2}|windows-12\d\d)[^a-z0-9-].{0,60}$/, '$1');
  return ALIASES[label.replaceAll('_', '-')] ?? ALIASES[label] ?? label;
}

/** Bytes without a declared charset: UTF-8 when they are, else what their letters look like, else Windows-1252. */
export function decodeBytes(bytes: Uint8Array): string {
  if (hasJapaneseEscape(bytes)) return new TextDecoder('iso-2022-jp').decode(bytes);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return decodeUtf16(bytes, 'utf-16');
  }
  try {
    return strictUtf8.decode(bytes);
  } catch {
    const text = new TextDecoder('utf-8').decode(bytes);
    return isBrokenUtf8(text) ? text : new TextDecoder(guessCharset(bytes)).decode(bytes);
  }
}

/** UTF-8 with a broken letter here and there, or cut in the middle of one: what is in another charset has next to no whole letters as UTF-8. */
const WHOLE_TO_BROKEN = 3;

function isBrokenUtf8(text: string): boolean {
  let [whole, broken] = [0, 0];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0xfffd) broken++;
    else if (code >= 0x80) whole++;
  }
  return whole >= broken * WHOLE_TO_BROKEN;
}

function isLatin(label: string): boolean {
  return label === 'iso-8859-1' || label === 'windows-1252';
}

/** `ESC $ B`, `ESC $ @`, `ESC ( J`: only ISO-2022-JP has them. */
function hasJapaneseEscape(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(ESCAPE); at !== -1; at = bytes.indexOf(ESCAPE, at + 1)) {
    const [first, second] = [bytes[at + 1], bytes[at + 2]];
    if (first === 0x24 && (second === 0x42 || second === 0x40)) return true;
    if (first === 0x28 && (second === 0x4a || second === 0x49)) return true;
  }
  return false;
}

/** By its byte order mark, else by the label, else by where the zero bytes of Latin letters and line ends stand. */
function decodeUtf16(bytes: Uint8Array, label: string): string {
  const decode = (name: 'utf-16le' | 'utf-16be') => new TextDecoder(name).decode(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decode('utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decode('utf-16be');
  let [even, odd] = [0, 0];
  for (let index = 0; index < Math.min(bytes.length, 2_000); index++) {
    if (bytes[index] === 0) index % 2 === 0 ? even++ : odd++;
  }
  // No zero byte at all: 8-bit text under the wrong name.
  if (even + odd === 0 && bytes.length > 8 && isUtf8(bytes)) return strictUtf8.decode(bytes);
  if (label.endsWith('le')) return decode('utf-16le');
  if (label.endsWith('be')) return decode('utf-16be');
  return decode(odd > even ? 'utf-16le' : 'utf-16be');
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
