/** Writes winmail.dat as Outlook does, as far as reading it has to be tested. */

const u16 = (value: number) => Buffer.from([value & 255, value >> 8]);
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

function attribute(level: number, id: number, type: number, data: Buffer): Buffer {
  const checksum = data.reduce((sum, byte) => (sum + byte) & 0xffff, 0);
  return Buffer.concat([Buffer.of(level), u16(id), u16(type), u32(data.length), data, u16(checksum)]);
}

const padded = (data: Buffer) => Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
const property = (type: number, id: number, data: Buffer) =>
  Buffer.concat([u16(type), u16(id), u32(1), u32(data.length), padded(data)]);
const properties = (list: Buffer[]) => Buffer.concat([u32(list.length), ...list]);

/** RTF with nothing but literals, as the compression allows. */
function compressRtf(rtf: string): Buffer {
  const source = Buffer.from(rtf, 'latin1');
  const chunks: Buffer[] = [];
  for (let at = 0; at < source.length; at += 8) chunks.push(Buffer.of(0), source.subarray(at, at + 8));
  const body = Buffer.concat(chunks);
  return Buffer.concat([u32(body.length + 12), u32(source.length), u32(0x75465a4c), u32(0), body]);
}

export type Winmail = {
  readonly body?: string;
  readonly html?: string;
  readonly rtf?: string;
  readonly files?: readonly { readonly name: string; readonly data: Buffer }[];
};

export function writeWinmail({ body, html, rtf, files = [] }: Winmail): Buffer {
  const message = [
    property(0x1e, 0x8001, Buffer.alloc(0)).subarray(0, 0),
    ...(html === undefined ? [] : [property(0x102, 0x1013, Buffer.from(html))]),
    ...(rtf === undefined ? [] : [property(0x102, 0x1009, compressRtf(rtf))]),
  ].filter((one) => one.length > 0);
  return Buffer.concat([
    u32(0x223e9f78),
    u16(1),
    attribute(1, 0x9007, 6, Buffer.concat([u32(1252), u32(0)])),
    ...(body === undefined ? [] : [attribute(1, 0x800c, 2, Buffer.from(`${body}\0`, 'latin1'))]),
    attribute(1, 0x9003, 6, properties(message)),
    ...files.flatMap(({ name, data }) => [
      attribute(2, 0x9002, 6, Buffer.alloc(14)),
      attribute(2, 0x800f, 6, data),
      attribute(2, 0x8010, 1, Buffer.from('SHORT~1.TXT\0')),
      attribute(2, 0x9005, 6, properties([property(0x1f, 0x3707, Buffer.from(`${name}\0`, 'utf16le'))])),
    ]),
  ]);
}
