/** Text -> bytes of a legacy charset: the runtime only decodes them, so its decoder is turned round. */

const tables = new Map<string, Map<string, Buffer>>();

/** The bytes of `text`, or null when the charset has not all of its characters. */
export function encode(text: string, charset: string): Buffer | null {
  if (charset === 'utf-8') return Buffer.from(text, 'utf8');
  if (charset === 'iso-2022-jp') return encodeIso2022Jp(text);
  const table = tableOf(charset);
  const bytes: Buffer[] = [];
  for (const character of text) {
    const found = table.get(character);
    if (!found) return null;
    bytes.push(found);
  }
  return Buffer.concat(bytes);
}

function tableOf(charset: string): Map<string, Buffer> {
  const known = tables.get(charset);
  if (known) return known;
  const table = new Map<string, Buffer>();
  const decoder = new TextDecoder(charset, { fatal: true });
  const add = (...bytes: number[]) => {
    try {
      const character = decoder.decode(Uint8Array.from(bytes));
      if ([...character].length === 1 && !table.has(character)) table.set(character, Buffer.from(bytes));
    } catch {
      // Not a character of this charset.
    }
  };
  for (let byte = 0; byte < 0x100; byte++) add(byte);
  if (/^(?:gb|euc|shift|big5)/.test(charset)) {
    for (let lead = 0x81; lead < 0xff; lead++) for (let trail = 0x40; trail < 0xff; trail++) add(lead, trail);
  }
  tables.set(charset, table);
  return table;
}

/** JIS X 0208 is EUC-JP without its high bits, between escapes. */
function encodeIso2022Jp(text: string): Buffer | null {
  const bytes: number[] = [];
  let wide = false;
  const shift = (on: boolean) => {
    if (on !== wide) bytes.push(0x1b, on ? 0x24 : 0x28, 0x42);
    wide = on;
  };
  for (const character of text) {
    const found = encode(character, 'euc-jp');
    if (!found || found.length > 2 || found[0] === 0x8e) return null;
    shift(found.length === 2);
    bytes.push(...found.map((byte) => byte & 0x7f));
  }
  shift(false);
  return Buffer.from(bytes);
}
