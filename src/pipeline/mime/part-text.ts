/** The bytes of a text part as text. */
import { decodeCharset } from './charset.ts';
import { mendMojibake } from './mojibake.ts';

/** As much of a text part as is decoded: more than is read of it later, in any charset. */
const MAX_BYTES = 2 * 1024 * 1024;
/** Where a page says its charset. */
const META_WITHIN = 4_000;

/** Decoded, mended where it is surely UTF-8 twice, with LF line ends. */
export function partText(bytes: Buffer, charset: string, isHtml = false): string {
  const slice = bytes.length > MAX_BYTES ? bytes.subarray(0, MAX_BYTES) : bytes;
  const declared = charset === '' && isHtml ? metaCharset(slice) : charset;
  return withPlainLines(mendMojibake(decodeCharset(slice, declared)));
}

const [NUL, LF, CR] = [0x00, 0x0a, 0x0d];

/** LF as the line end, no NULs. Replacing them one by one in a string takes sixty bytes for each: a text of line ends fills the memory. */
function withPlainLines(text: string): string {
  if (!/[\r\0]/.test(text)) return text;
  const units = new Uint16Array(text.length);
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === NUL || (unit === LF && text.charCodeAt(index - 1) === CR)) continue;
    units[length++] = unit === CR ? LF : unit;
  }
  return Buffer.from(units.buffer, 0, length * 2).toString('utf16le');
}

function metaCharset(bytes: Buffer): string {
  const head = bytes.toString('latin1', 0, META_WITHIN);
  return /<meta[^>]{0,200}charset\s{0,3}=\s{0,3}["']?([\w-]{1,40})/i.exec(head)?.[1] ?? '';
}

/** text/enriched (RFC 1896) and its elder sister text/richtext without their commands. */
export function richText(type: string, text: string): string {
  if (type !== 'text/enriched' && type !== 'text/richtext') return text;
  return text
    .replace(/<param>[^<]{0,200}<\/param>/gi, '')
    .replace(/<nl>|<\/?paragraph>/gi, '\n')
    .replace(/<<|<\/?[a-z0-9-]{1,60}>/gi, (command) =>
      command === '<<' ? '<' : command.toLowerCase() === '<lt>' ? '<' : '',
    );
}
