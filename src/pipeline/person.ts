/** A person as they occur in text: every way their address is written, and a name to stand in its place. */
import { createHmac } from 'node:crypto';
import { domainToASCII, domainToUnicode } from 'node:url';
import { ERASED_DOMAIN } from '../model.ts';

/** Hex digits of a pseudonym: 64 bits, so that no two persons share one. */
const PSEUDONYM_DIGITS = 16;
/** A name of one word may be anybody's, or a word: "Support"; so may one without a space: "not-offered". */
const FULL_NAME = /^(?=.*\p{L}\S*\s+\S*\p{L})|[\p{sc=Han}\p{sc=Hang}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}]{3,}/u;

export type Person = {
  /** In lower case, the domain as it is written and in ASCII. */
  readonly addresses: readonly string[];
  /** An address that nobody has, the same whenever this person is erased from this ledger. */
  readonly pseudonym: string;
};

/** @param secret the ledger's own: without it nobody can tell who a pseudonym was by trying addresses */
export function personOf(address: string, secret: string): Person {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at).toLowerCase();
  const domain = address.slice(at + 1).toLowerCase();
  const ascii = domainToASCII(domain) || domain;
  const domains = [...new Set([domain, ascii, domainToUnicode(ascii) || domain])];
  const digest = createHmac('sha256', secret).update(`${local}@${ascii}`).digest('hex').slice(0, PSEUDONYM_DIGITS);
  return { addresses: domains.map((one) => `${local}@${one}`), pseudonym: `erased-${digest}@${ERASED_DOMAIN}` };
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Signs of a local part (RFC 5322, atext) that also stand around addresses, as quotes and stars do. */
const SIGNS = "[!#$&'*/=?^`{|}~]";
/** Begins an address: a letter, a digit or a sign before it makes it a longer one, another person's; not in a link, and not a quote. */
const BEGINS =
  '(?:(?<=%[0-9a-f]{2}|&(?:lt|gt|quot|#\\d{2,3});|[?&](?:amp;)?[a-z_-]{1,30}=)|' +
  `(?<![\\p{L}\\p{N}._%+-]|[\\p{L}\\p{N}._%+-]${SIGNS}{1,8}))`;
/** A file that is called by the address. */
const FILE_ENDING =
  '\\.(?:csv|txt|log|json|xml|pdf|docx?|xlsx?|pptx?|png|jpe?g|gif|eml|msg|ics|vcf|html?|7z|rar)(?![\\p{L}\\p{N}-])(?!\\.[\\p{L}\\p{N}])';
/** The next sentence, for want of a space. */
const SENTENCE =
  '(?<=(?-i:[.@]\\p{Ll}[\\p{Ll}\\p{N}-]*))(?-i:\\.\\p{Lu}\\p{Ll}{2,})(?![\\p{L}\\p{N}-])(?!\\.[\\p{L}\\p{N}])';

/** Finds the addresses wherever they stand, also in links and in HTML; not within longer ones, which are other people's. */
export function addressPattern({ addresses }: Person): RegExp {
  const written = addresses.map((address) => {
    const at = address.lastIndexOf('@');
    return `${escaped(address.slice(0, at))}(?:@|%40|&#64;|&commat;|&#x40;|=40)${escaped(address.slice(at + 1))}`;
  });
  const ends = `(?:(?![\\p{L}\\p{N}-]|\\.[\\p{L}\\p{N}])|(?=${FILE_ENDING})|(?=${SENTENCE}))`;
  return new RegExp(`${BEGINS}(?:${written.join('|')})${ends}`, 'giu');
}

/** Finds these names, those that are full ones, between anything but letters. Null when there is none to find. */
export function namePattern(names: readonly string[]): RegExp | null {
  const full = [...new Set(names.map((name) => name.trim()))].filter(
    (name) => FULL_NAME.test(name) && !name.includes('@'),
  );
  if (full.length === 0) return null;
  const written = full.toSorted((a, b) => b.length - a.length).map((name) => escaped(name).replace(/\s+/g, '\\s+'));
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${written.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
}
