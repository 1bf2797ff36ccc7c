/** The compression of PR_RTF_COMPRESSED (MS-OXRTFCP). */

const COMPRESSED = 0x75465a4c;
const UNCOMPRESSED = 0x414c454d;
const HEADER = 16;
const RING = 4_096;
/** A kilobyte can be made to unfold to eighteen: an RTF body is never longer than this. */
const MAX_UNFOLDED = 4 * 1024 * 1024;

const PRELOADED = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1',
);

/** The RTF source; what came out so far of a damaged one, nothing for what is neither. */
export function decompressRtf(bytes: Buffer): Buffer {
  if (bytes.length < HEADER) return Buffer.alloc(0);
  const kind = bytes.readUInt32LE(8);
  const size = Math.min(bytes.readUInt32LE(4), MAX_UNFOLDED);
  if (kind === UNCOMPRESSED) return bytes.subarray(HEADER, HEADER + size);
  return kind === COMPRESSED ? unfold(bytes, size) : Buffer.alloc(0);
}

function unfold(bytes: Buffer, size: number): Buffer {
  const ring = Buffer.alloc(RING, 0x20);
  PRELOADED.copy(ring);
  const output = Buffer.alloc(size);
  let [write, length, at] = [PRELOADED.length, 0, HEADER];
  const put = (byte: number) => {
    output[length++] = byte;
    ring[write] = byte;
    write = (write + 1) % RING;
  };
  while (at < bytes.length && length < size) {
    const flags = bytes[at++] ?? 0;
    for (let bit = 0; bit < 8 && at < bytes.length && length < size; bit++) {
      if (((flags >> bit) & 1) === 0) {
        put(bytes[at++] ?? 0);
        continue;
      }
      const token = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      at += 2;
      const offset = token >> 4;
      if (offset === write) return output.subarray(0, length);
      for (let index = 0; index < (token & 15) + 2 && length < size; index++) put(ring[(offset + index) % RING] ?? 0);
    }
  }
  return output.subarray(0, length);
}
