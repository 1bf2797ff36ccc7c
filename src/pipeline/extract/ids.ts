/** ZUID, ZOID, ZGID: 5 to 12 digits that only a label tells apart. 16 to 19 digits are a record id; a telephone number is never one. */

export type FoundId = { readonly value: string; readonly start: number; readonly end: number };

const SHORTEST = 5;
const LONGEST = 12;
const DIGIT = /[0-9\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/;
const MARKS = /[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The first id in `text.slice(from, to)`. A run of digits that other digits, a plus or a bracketed prefix belong to is none. */
export function findId(text: string, from = 0, to = text.length): FoundId | null {
  let index = from;
  while (index < to) {
    if (!DIGIT.test(text.charAt(index))) {
      index++;
      continue;
    }
    let end = index;
    while (end < to && DIGIT.test(text.charAt(end))) end++;
    const length = end - index;
    if (length >= SHORTEST && length <= LONGEST && standsAlone(text, index, end, from, to)) {
      return { value: asciiDigits(text.slice(index, end)), start: index, end };
    }
    index = end;
  }
  return null;
}

/** Not "+34 600…", "(11) 99999", "x123", "600-123-456", nor part of an address or a word. */
function standsAlone(text: string, start: number, end: number, from: number, to: number): boolean {
  const before = text.slice(Math.max(from, start - 10), start).replace(MARKS, '');
  const after = text.slice(end, Math.min(to, end + 3)).replace(MARKS, '');
  if (/[A-Za-z\u00c0-\u024f_@+]$|\+\s$|\(\+?\d{1,4}\)[ .-]?$|\d[ ./-]?$/.test(before)) return false;
  return !/^(?:[ ./-]?[0-9]|[A-Za-z\u00c0-\u024f_@])/.test(after);
}

/** Arabic and full-width digits as ASCII ones. */
function asciiDigits(text: string): string {
  return text
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .normalize('NFKC');
}
