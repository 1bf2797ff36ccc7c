/** What a ZIP archive says of its files, without unpacking any of them (APPNOTE.TXT 4.3.12 and 4.3.16): bombs stay packed. */

export type ZipEntry = { readonly name: string; readonly encrypted: boolean };

const END_OF_DIRECTORY = Buffer.from('PK\x05\x06', 'latin1');
const DIRECTORY_ENTRY = 0x02014b50;
const END_LENGTH = 22;
const LOCATOR_64 = 0x07064b50;
const END_64 = 0x06064b50;
/** Entries that are looked at: an office file has some dozens. */
const MAX_ENTRIES = 20_000;
const ENCRYPTED = 1;

export type ZipDirectory = {
  readonly entries: readonly ZipEntry[];
  /** The directory is what the end of the archive says of it; else other programs may find other files in it. */
  readonly whole: boolean;
};

/** The files named in the central directory; null where there is none, as in an archive that was cut off. */
export function zipDirectory(bytes: Buffer): ZipDirectory | null {
  const end = bytes.lastIndexOf(END_OF_DIRECTORY);
  if (end === -1 || end + END_LENGTH > bytes.length) return null;
  const said = endRecord64(bytes, end) ?? endRecord(bytes, end);
  const entries: ZipEntry[] = [];
  // Before the end, wherever the archive begins: something may stand before it.
  let at = Math.max(0, said.end - said.size);
  if (!isEntry(bytes, at, end)) at = said.offset;
  const start = at;
  while (entries.length < MAX_ENTRIES && isEntry(bytes, at, end)) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const encrypted = (bytes.readUInt16LE(at + 8) & ENCRYPTED) !== 0;
    entries.push({ name: bytes.toString('utf8', at + 46, at + 46 + name), encrypted });
    at += 46 + name + extra + comment;
  }
  const behind = bytes.length - end - END_LENGTH - bytes.readUInt16LE(end + 20);
  const whole = entries.length === said.count && start === said.offset && at === said.end && behind === 0;
  return { entries, whole };
}

const isEntry = (bytes: Buffer, at: number, end: number): boolean =>
  at + 46 <= end && bytes.readUInt32LE(at) === DIRECTORY_ENTRY;

/** What the end of an archive says of its directory; `end` is where that ends. */
type End = { readonly count: number; readonly size: number; readonly offset: number; readonly end: number };

const endRecord = (bytes: Buffer, end: number): End => ({
  ...{ count: bytes.readUInt16LE(end + 10), size: bytes.readUInt32LE(end + 12) },
  ...{ offset: bytes.readUInt32LE(end + 16), end },
});

/** ZIP64 (APPNOTE.TXT 4.3.14 and 4.3.15): a locator before the end record leads to another. */
function endRecord64(bytes: Buffer, end: number): End | null {
  const locator = end - 20;
  if (locator < 0 || bytes.readUInt32LE(locator) !== LOCATOR_64) return null;
  const at = Number(bytes.readBigUInt64LE(locator + 8));
  if (at + 56 > end || bytes.readUInt32LE(at) !== END_64) return null;
  const [count, size, offset] = [32, 40, 48].map((place) => Number(bytes.readBigUInt64LE(at + place)));
  return { count: count ?? 0, size: size ?? 0, offset: offset ?? 0, end: at };
}
