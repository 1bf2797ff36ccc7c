/** What a partner says without a label: "the super admin is x@y", "ZOID 12345678", "… in Zoho Books". Less certain than the template. */
import type { FieldName, FieldValue } from '../../model.ts';
import { join, type Line, sourceOf } from '../separate/lines.ts';
import type { Separated } from '../separate/separate.ts';
import { findAddresses } from './address-text.ts';
import { findIdInSentence, findNamedId, type IdWords } from './id-words.ts';
import { type FoundProduct, findProduct, type ProductIndex } from './products.ts';
import { findReproduced, type ReproducedWords } from './reproduced.ts';
import { findSuperadmin, type SuperadminNames } from './superadmin.ts';

export type ProseWords = {
  readonly superadmin: SuperadminNames;
  readonly products: ProductIndex;
  readonly reproduced: ReproducedWords;
  readonly idWords: IdWords;
};
export type Found = Partial<Record<FieldName, FieldValue>>;

/** Said to be the super admin's, and only near the name. */
const SUPERADMIN = 0.85;
const SUPERADMIN_NEAR = 0.75;
const ID = 0.85;
const PRODUCT_IN_SUBJECT = 0.7;
const EVERYDAY_WORD_IN_SUBJECT = 0.5;
const PRODUCT_IN_PROSE = 0.6;
/** Characters between "ZOID" and its digits. */
const NEAR_ID = 40;
/** The first stranger in the text; below what identify.ts matches an account by its domain with. */
const CUSTOMER = 0.65;
/** Who wrote the mail that was forwarded. */
const FORWARDED = 0.85;
const REPRODUCED = 0.7;
/** Lines of a header block above forwarded text that are looked through. */
const HEADER_LINES = 14;
const WRAPPED_WORDS = 12;
const MAX_LINE = 4_000;
const ID_NAME = /z[uog]id/gi;

/** Reads the lines of a mail for what no label named: never a field in `known`, nor an id that is the value of one. */
export function readProse(
  lines: readonly Line[],
  words: ProseWords,
  known: Found,
  isForeign: (address: string) => boolean,
  isLabelled: (line: Line) => boolean = () => false,
  /** The product of the subject: among several, it is the one the mail is about. */
  subject: string | null = null,
): Found {
  const found: Found = {};
  const taken = new Set(Object.values(known).map((field) => field.value));
  const keep = (field: FieldName, value: FieldValue | null) => {
    if (value && !known[field] && !found[field]) found[field] = value;
  };
  const paragraphs = paragraphsOf(lines, isLabelled);
  let best = NOT_NAMED;
  paragraphs.forEach((line, index) => {
    const text = line.text.slice(0, MAX_LINE);
    if (text.includes('@') || text.includes('＠'))
      keep('superadminEmail', superadminIn(line, text, paragraphs[index - 1], words, isForeign));
    if (/z[uog]id/i.test(text)) {
      for (const [field, value] of idsIn(line, text, paragraphs[index + 1], words))
        if (!taken.has(value.value)) keep(field, value);
    }
    if (!known.reproducible && !found.reproducible && !isLabelled(line))
      keep('reproducible', reproducedIn(line, text, words));
    if (known.product || best >= OF_SUBJECT) return;
    const product = findProduct(words.products, text, 'prose', subject);
    const rank = product ? rankOf(product, subject) : NOT_NAMED;
    const value = product && fieldValue(line, product.name, product.start, product.end, PRODUCT_IN_PROSE);
    if (!value || rank <= best) return;
    best = rank;
    found.product = value;
  });
  return found;
}

/** Of the products of several lines the first that is most: the subject's, said to be what the mail is about, not said to work. */
const NOT_NAMED = 0;
const OF_SUBJECT = 4;

function rankOf({ name, unaffected, concerned }: FoundProduct, subject: string | null): number {
  if (unaffected) return 1;
  if (name === subject) return OF_SUBJECT;
  return concerned ? 3 : 2;
}

/** A line that a mail program wraps is at least as long. */
const SHORTEST_WRAPPED = 45;
const ENDS_SENTENCE = /[.!?;:。！？；：؟؛…][)\]"'»”’]{0,3}\s*$/;

/** Where words are set apart: a line in Thai or Chinese ends where its writer ended it. */
const CONTINUES = /^\s{0,4}\p{Ll}/u;

/** The lines with those joined that a mail program wrapped: a sentence goes on in the next line. */
function paragraphsOf(lines: readonly Line[], isLabelled: (line: Line) => boolean): Line[] {
  const paragraphs: Line[] = [];
  let open: Line[] = [];
  let length = 0;
  const close = () => {
    const [first] = open;
    if (first) paragraphs.push(open.length === 1 ? first : join(open, ' '));
    open = [];
    length = 0;
  };
  for (const line of lines) {
    const above = open.at(-1);
    const goesOn =
      above !== undefined &&
      above.part === 'text' &&
      above.text.length >= SHORTEST_WRAPPED &&
      above.text.length + line.text.length + length <= MAX_LINE &&
      CONTINUES.test(line.text) &&
      !isLabelled(line) &&
      !isLabelled(above) &&
      !ENDS_SENTENCE.test(above.text.slice(-12));
    if (!goesOn) close();
    open.push(line);
    length += line.text.length + 1;
  }
  close();
  return paragraphs;
}

/** The product a subject names. */
export function readSubject(line: Line, words: ProseWords): FieldValue | null {
  const found = findProduct(words.products, line.text.slice(0, MAX_LINE), 'subject');
  if (!found) return null;
  return fieldValue(
    line,
    found.name,
    found.start,
    found.end,
    found.strong ? PRODUCT_IN_SUBJECT : EVERYDAY_WORD_IN_SUBJECT,
  );
}

/** The customer's own address: the first of a stranger to the partner and to us that is nobody else's. */
export function customerIn(
  lines: readonly Line[],
  known: Found,
  isForeign: (address: string) => boolean,
): FieldValue | null {
  for (const line of lines) {
    if (COPIED.test(line.text.slice(0, 12))) continue;
    for (const found of findAddresses(line.text.slice(0, MAX_LINE))) {
      if (found.address === known.superadminEmail?.value || !isForeign(found.address)) continue;
      return fieldValue(line, found.address, found.start, found.end, CUSTOMER);
    }
  }
  return null;
}

const COPIED = /^\s{0,4}(?:cc|bcc|cco)\s?[:：]/i;

/** Who wrote the mail that was forwarded, from the headers above its text. */
export function forwardedFrom({ lines, old }: Separated, isForeign: (address: string) => boolean): FieldValue | null {
  const text = lines.findIndex((line, at) => !old[at] && old[at - 1] === true && !line.quoted);
  for (let at = Math.max(0, text - HEADER_LINES); at < text; at++) {
    const line = lines[at];
    if (!line || !old[at] || line.quoted || !HEADER.test(line.text.slice(0, 60))) continue;
    const found = findAddresses(line.text.slice(0, MAX_LINE))[0];
    if (found && isForeign(found.address)) return fieldValue(line, found.address, found.start, found.end, FORWARDED);
  }
  return null;
}

/** "From: …", "*Enviado por:* …": one or two words and a colon. */
const HEADER = /^[\s>*_]{0,8}[^\s:：]{1,30}(?:\s[^\s:：]{1,30})?\s?[*_]{0,2}[:：]/;

function reproducedIn(line: Line, text: string, words: ProseWords): FieldValue | null {
  const found = findReproduced(text, words.reproduced);
  return found && fieldValue(line, found.value, found.start, found.end, REPRODUCED);
}

function superadminIn(
  line: Line,
  text: string,
  above: Line | undefined,
  words: ProseWords,
  isForeign: (address: string) => boolean,
): FieldValue | null {
  const found = findSuperadmin(text, above?.text.slice(-MAX_LINE) ?? '', words.superadmin);
  return found && isForeign(found.address)
    ? fieldValue(line, found.address, found.start, found.end, found.stated ? SUPERADMIN : SUPERADMIN_NEAR)
    : null;
}

function idsIn(line: Line, text: string, below: Line | undefined, { idWords }: ProseWords): [FieldName, FieldValue][] {
  const names = [...text.matchAll(ID_NAME)].slice(0, 10);
  return names.flatMap((name, index): [FieldName, FieldValue][] => {
    const behind = name.index + name[0].length;
    const next = names[index + 1]?.index ?? text.length;
    const value =
      idAfter(line, text, behind, next, idWords) ??
      (next === text.length && below ? wrappedId(text, behind, below, idWords) : null);
    return value ? [[name[0].toLowerCase() as FieldName, value]] : [];
  });
}

const LABEL_END = /^\s{0,2}[:=：]/;

function idAfter(line: Line, text: string, from: number, to: number, words: IdWords): FieldValue | null {
  // "ZUID of Ann is 20014476629" may say anything in between, "ZOID: see invoice 12345678" may not.
  const isLabel = LABEL_END.test(text.slice(from, from + 4));
  const found = isLabel ? findNamedId(text, words, from, to) : findIdInSentence(text, from, to);
  if (!found || found.start - from >= NEAR_ID) return null;
  return fieldValue(line, found.value, found.start, found.end, ID);
}

/** An id on the next line, when its name ends this one: "the ZOID is / 76006415". */
function wrappedId(text: string, behind: number, below: Line, words: IdWords): FieldValue | null {
  if (text.length - behind > WRAPPED_WORDS || /[.;!?。！？；؟؛]$/.test(text.trimEnd())) return null;
  const found = findNamedId(below.text.slice(0, NEAR_ID), words);
  return found && found.start <= WRAPPED_WORDS ? fieldValue(below, found.value, found.start, found.end, ID) : null;
}

function fieldValue(line: Line, value: string, start: number, end: number, confidence: number): FieldValue | null {
  const source = sourceOf(line, start, end);
  return source && { value, confidence, source: { part: line.part, ...source, label: null, language: null } };
}
