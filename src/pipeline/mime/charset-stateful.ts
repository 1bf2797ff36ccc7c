/** The old seven-bit charsets that the runtime's decoder leaves out: UTF-7, ISO-2022-KR, HZ. */

const PLUS = 0x2b;
const MINUS = 0x2d;
const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;
const TILDE = 0x7e;

/** RFC 2152. Only ever used when a mail declares it: text that merely looks like it is left alone. */
export function decodeUtf7(bytes: Uint8Array): string {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let output = '';
  let from = 0;
  for (let plus = input.indexOf(PLUS); plus !== -1; plus = input.indexOf(PLUS, from)) {
    output += input.toString('latin1', from, plus);
    let end = plus + 1;
    while (isBase64(input[end])) end++;
    if (end === plus + 1) {
      output += '+';
    } else {
      const units = Buffer.from(input.toString('latin1', plus + 1, end), 'base64');
      output += units
        .subarray(0, units.length - (units.length % 2))
        .swap16()
        .toString('utf16le');
    }
    from = input[end] === MINUS ? end + 1 : end;
  }
  return output + input.toString('latin1', from);
}

function isBase64(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === PLUS || byte === 0x2f;
}

/** RFC 1557: what stands between shift-out and shift-in is EUC-KR without its high bits; the announcing escape is dropped. */
export function decodeIso2022Kr(bytes: Uint8Array): string {
  const output: number[] = [];
  let shifted = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === SHIFT_OUT) shifted = true;
    else if (byte === SHIFT_IN) shifted = false;
    else if (byte === 0x1b && bytes[index + 1] === 0x24 && bytes[index + 2] === 0x29) index += 3;
    else output.push(shifted && byte > 0x20 ? byte | 0x80 : byte);
    if (byte === 0x0a) shifted = false;
  }
  return new TextDecoder('euc-kr').decode(Uint8Array.from(output));
}

/** RFC 1843: `~{` and `~}` around GB2312 without its high bits, `~~` for a tilde, a tilde at the end of a line for nothing. */
export function decodeHz(bytes: Uint8Array): string {
  const output: number[] = [];
  let shifted = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    const next = byte === TILDE ? bytes[index + 1] : undefined;
    if (next === 0x7b || next === 0x7d || (!shifted && (next === TILDE || next === 0x0a))) {
      if (next === 0x7b || next === 0x7d) shifted = next === 0x7b;
      else if (next === TILDE) output.push(TILDE);
      index++;
      continue;
    }
    output.push(shifted && byte > 0x20 ? byte | 0x80 : byte);
    if (byte === 0x0a) shifted = false;
  }
  return new TextDecoder('gb18030').decode(Uint8Array.from(output));
}
