/** What a ZIP archive says of its files, without unpacking any of them (APPNOTE.TXT 4.3.12 and 4.3.16): bombs stay packed. */

export type ZipEntry = { readonly name: string; readonly encrypted: boolean };

const END_OF_DIRECTORY = Buffer.from('PK\x05\x06', 'latin1');
const DIRECTORY_ENTRY = 0x02014b50;
const END_LENGTH = 22;
/** The comment behind the directory is at most this long. */
const MAX_COMMENT = 0xffff;
/** Entries that are looked at: an office file has some dozens. */
const MAX_ENTRIES = 20_000;
const ENCRYPTED = 1;

/** The files named in the central directory; null where there is none, as in an archive that was cut off. */
export function zipEntries(bytes: Buffer): ZipEntry[] | null {
  const from = Math.max(0, bytes.length - END_LENGTH - MAX_COMMENT);
  const end = bytes.lastIndexOf(END_OF_DIRECTORY);
  if (end < from || end + END_LENGTH > bytes.length) return null;
  const entries: ZipEntry[] = [];
  let at = bytes.readUInt32LE(end + 16);
  while (entries.length < MAX_ENTRIES && at + 46 <= end && bytes.readUInt32LE(at) === DIRECTORY_ENTRY) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const encrypted = (bytes.readUInt16LE(at + 8) & ENCRYPTED) !== 0;
    entries.push({ name: bytes.toString('utf8', at + 46, at + 46 + name), encrypted });
    at += 46 + name + extra + comment;
  }
  return entries;
}
