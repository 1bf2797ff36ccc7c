/** Mail addresses in running text, with their exact places. */
import { cleanAddress } from '../mail/address-header.ts';
import { UNSPACED } from '../words/fold.ts';

export type FoundAddress = { readonly address: string; readonly start: number; readonly end: number };

/** Addresses looked for in one line. */
const MAX_FOUND = 40;
const LONGEST_LOCAL = 64;
const LONGEST_DOMAIN = 253;
const INVISIBLE = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
const LOCAL =
  /[A-Za-z0-9._+&'\-\u00c0-\u024f\uff0e\uff10-\uff19\uff21-\uff3a\uff3f\uff41-\uff5a\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
const DOMAIN = /[\p{L}\p{N}\p{M}.\-\uff0e\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;
const DOMAIN_SHAPE = /^(?=.{4,253}$)[^.-][^.]{0,62}(?:\.[^.]{1,63}){0,8}\.[\p{L}\p{M}][\p{L}\p{M}\p{N}-]{1,62}$/u;

/** Every address in `text.slice(from, to)`, first to last; `text.slice(start, end)` is the address as it was written. */
export function findAddresses(text: string, from = 0, to = text.length): FoundAddress[] {
  const found: FoundAddress[] = [];
  for (let at = nextAt(text, from); at !== -1 && at < to && found.length < MAX_FOUND; at = nextAt(text, at + 1)) {
    let start = at;
    while (start > from && at - start < LONGEST_LOCAL && LOCAL.test(text.charAt(start - 1))) start--;
    while (start < at && (/[.'\-&+]/.test(text.charAt(start)) || INVISIBLE.test(text.charAt(start)))) start++;
    let end = at + 1;
    while (end < to && end - at <= LONGEST_DOMAIN && DOMAIN.test(text.charAt(end)) && !isNextWord(text, at, end)) end++;
    while (end > at + 1 && (/[.\-\uff0e]/.test(text.charAt(end - 1)) || INVISIBLE.test(text.charAt(end - 1)))) end--;
    const address = validAddress(text.slice(start, end));
    if (address !== '') found.push({ address, start, end });
  }
  return found;
}

/** "ann@client.exampleです": where words are not set apart, the text goes on right behind the domain. */
function isNextWord(text: string, at: number, end: number): boolean {
  if (text.charCodeAt(end) < 0x0e00 || !UNSPACED.test(text.charAt(end))) return false;
  return /[A-Za-z]/.test(text.charAt(end - 1)) && text.slice(at, end).includes('.');
}

function nextAt(text: string, from: number): number {
  const ascii = text.indexOf('@', from);
  const wide = text.indexOf('＠', from);
  return ascii === -1 || (wide !== -1 && wide < ascii) ? wide : ascii;
}

/** The address that `raw` spells, its domain in lower case; '' when it is none that mail could be sent to. */
function validAddress(raw: string): string {
  const address = cleanAddress(raw.normalize('NFKC'));
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const local = address.slice(0, -domain.length - 1);
  if (address === '' || local.startsWith('.') || local.endsWith('.') || local.includes('..')) return '';
  return DOMAIN_SHAPE.test(domain) && !domain.includes('..') && !domain.includes('-.') ? address : '';
}
