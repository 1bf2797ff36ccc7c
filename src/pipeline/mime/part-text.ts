/** The bytes of a text part as text. */
import { decodeCharset } from './charset.ts';
import { mendMojibake } from './mojibake.ts';

/** As much of a text part as is decoded: what comes after would not be kept (UTF-16 units are at least one byte). */
const MAX_BYTES = 4 * 1024 * 1024;
/** Where a page says its charset. */
const META_WITHIN = 4_000;

/** Decoded, mended where it is surely UTF-8 twice, with LF line ends. */
export function partText(bytes: Buffer, charset: string, isHtml = false): string {
  const slice = bytes.length > MAX_BYTES ? bytes.subarray(0, MAX_BYTES) : bytes;
  const declared = charset === '' && isHtml ? metaCharset(slice) : charset;
  return mendMojibake(decodeCharset(slice, declared)).replace(/\r\n?/g, '\n').replaceAll('\0', '');
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
