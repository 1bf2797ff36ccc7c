/**
 * Addresses of a header, read from the raw value before any decoding: an encoded word can spell a whole address
 * (CVE-2026-63435), and a quoted display name can too.
 */
import type { Address } from '../../model.ts';
import { decodeWords } from '../mime/encoded-words.ts';
import { mendMojibake } from '../mime/mojibake.ts';
import { stripControls } from '../words/fold.ts';

/** Recipients read from one header. */
export const MAX_ADDRESSES = 500;
const MAX_HEADER_LENGTH = 64_000;

type Mailbox = { phrase: string; angle: string | null; comment: string };

/** The mailboxes of a From, To, Cc or Reply-To value; entries without a valid address have `address: ''`. */
export function parseAddresses(raw: string): Address[] {
  return split(raw.slice(0, MAX_HEADER_LENGTH))
    .filter((mailbox) => mailbox.phrase.trim() !== '' || mailbox.angle !== null || mailbox.comment !== '')
    .slice(0, MAX_ADDRESSES)
    .map(toAddress);
}

/** Splits at commas, semicolons and group names, minding quotes, comments and angle brackets. */
function split(raw: string): Mailbox[] {
  const mailboxes: Mailbox[] = [];
  let current: Mailbox = { phrase: '', angle: null, comment: '' };
  const finish = () => {
    mailboxes.push(current);
    current = { phrase: '', angle: null, comment: '' };
  };
  for (let index = 0; index < raw.length; index++) {
    const character = raw.charAt(index);
    if (character === '"') {
      const end = endOfQuoted(raw, index);
      current.phrase += raw.slice(index, end);
      index = end - 1;
    } else if (character === '(') {
      const end = endOfComment(raw, index);
      current.comment += raw.slice(index + 1, end - 1);
      index = end - 1;
    } else if (character === '<') {
      const close = raw.indexOf('>', index);
      const end = close === -1 ? raw.length : close;
      current.angle ??= withoutComments(raw.slice(index + 1, end));
      index = end;
    } else if (character === ',' || character === ';') {
      finish();
    } else if (character === ':' && current.angle === null && !current.phrase.includes('@')) {
      current.phrase = '';
    } else {
      current.phrase += character;
    }
  }
  finish();
  return mailboxes;
}

function endOfQuoted(raw: string, from: number): number {
  for (let index = from + 1; index < raw.length; index++) {
    if (raw[index] === '\\') index++;
    else if (raw[index] === '"') return index + 1;
  }
  return raw.length;
}

function endOfComment(raw: string, from: number): number {
  let depth = 0;
  for (let index = from; index < raw.length; index++) {
    if (raw[index] === '\\') index++;
    else if (raw[index] === '(') depth++;
    else if (raw[index] === ')' && --depth === 0) return index + 1;
  }
  return raw.length;
}

function withoutComments(text: string): string {
  let kept = '';
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '(') index = endOfComment(text, index) - 1;
    else kept += text[index];
  }
  return kept;
}

function toAddress({ phrase, angle, comment }: Mailbox): Address {
  if (angle !== null) return { address: cleanAddress(angle), name: showName(phrase || comment) };
  // Some programs leave the angle brackets or the commas away: the first word that is an address is one.
  const address =
    cleanAddress(phrase) ||
    (phrase
      .split(/\s+/)
      .map(cleanAddress)
      .find((word) => word !== '') ??
      '');
  return address === '' ? { address, name: showName(phrase) } : { address, name: showName(comment) };
}

/** A single `local@domain`, its domain in lower case; '' for anything else. */
export function cleanAddress(raw: string): string {
  const address = stripControls(raw)
    .replace(/[\s\u061c\u200b-\u200f\u2060\ufeff]/g, '')
    .replace(/^mailto:/i, '');
  const at = address.lastIndexOf('@');
  if (at <= 0 || at === address.length - 1 || address.length > 320 || address.includes('=?')) return '';
  const local = address.slice(0, at);
  const domain = address.slice(at + 1).toLowerCase();
  if (/[@<>()[\],;:\\]/.test(local) || /[^\p{L}\p{N}\p{M}.\-_[\]:]/u.test(domain)) return '';
  return `${local}@${domain}`;
}

/** A display name as people see it: decoded, unquoted, on one line. */
function showName(raw: string): string {
  const unquoted = raw.trim().replace(/\\(.)/g, '$1').replace(/^"|"$/g, '');
  return showText(mendMojibake(decodeWords(unquoted))).replace(/^["'\s]+|["'\s]+$/g, '');
}

/** Header text for people: no control characters, single spaces. */
export function showText(text: string): string {
  return stripControls(text).replace(/\s+/g, ' ').trim();
}
