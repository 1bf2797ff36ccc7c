/** What a partner says without a label: "the super admin is x@y", "ZOID 12345678", "… in Zoho Books". Less certain than the template. */
import type { FieldName, FieldValue } from '../model.ts';
import { findAddresses } from './address-text.ts';
import { fold, foldWords } from './fold.ts';
import { findId } from './ids.ts';
import { type Line, sourceOf } from './lines.ts';
import { findProduct, type ProductIndex } from './products.ts';

export type ProseWords = { readonly superadmin: readonly string[]; readonly products: ProductIndex };
export type Found = Partial<Record<FieldName, FieldValue>>;

const SUPERADMIN = 0.75;
const ID = 0.7;
const PRODUCT_IN_SUBJECT = 0.7;
const EVERYDAY_WORD_IN_SUBJECT = 0.5;
const PRODUCT_IN_PROSE = 0.6;
/** Characters between "super admin" and its address, on either side. */
const NEAR_BEFORE = 70;
const NEAR_AFTER = 24;
/** Characters between "ZOID" and its digits. */
const NEAR_ID = 40;
const MAX_LINE = 4_000;
const ID_NAME = /z[uog]id/gi;
const NEGATIONS = new Set(['not', 'isn', 'no', 'nao', 'pas', 'khong', 'nicht', 'kein', 'ليس', 'ليست']);

/** Reads the lines of a mail for what no label named; never a field in `known`. */
export function readProse(lines: readonly Line[], words: ProseWords, known: ReadonlySet<FieldName>): Found {
  const found: Found = {};
  const keep = (field: FieldName, value: FieldValue | null) => {
    if (value && !known.has(field) && !found[field]) found[field] = value;
  };
  lines.forEach((line, index) => {
    const text = line.text.slice(0, MAX_LINE);
    if (text.includes('@') || text.includes('＠'))
      keep('superadminEmail', superadminIn(line, text, lines[index - 1], words));
    if (/z[uog]id/i.test(text)) for (const [field, value] of idsIn(line, text)) keep(field, value);
    if (!known.has('product') && !found.product) keep('product', productIn(line, text, words, 'prose'));
  });
  return found;
}

/** The product a subject names. */
export function readSubject(line: Line, words: ProseWords): FieldValue | null {
  return productIn(line, line.text.slice(0, MAX_LINE), words, 'subject');
}

function superadminIn(line: Line, text: string, above: Line | undefined, words: ProseWords): FieldValue | null {
  const addresses = findAddresses(text);
  for (const [index, address] of addresses.entries()) {
    const from = Math.max(addresses[index - 1]?.end ?? 0, address.start - NEAR_BEFORE);
    const to = Math.min(addresses[index + 1]?.start ?? text.length, address.end + NEAR_AFTER);
    const before = lastSentence(text.slice(from, address.start));
    const wrapped = address.start < 12 && index === 0 && above ? lastSentence(above.text.slice(-NEAR_BEFORE)) : '';
    const named =
      endsNear(`${wrapped} ${before}`, words.superadmin) ?? startsNear(text.slice(address.end, to), words.superadmin);
    if (named !== null) return fieldValue(line, address.address, address.start, address.end, SUPERADMIN);
  }
  return null;
}

function lastSentence(text: string): string {
  const end = Math.max(text.lastIndexOf('. '), text.lastIndexOf('; '), text.lastIndexOf('! '), text.lastIndexOf('? '));
  return text.slice(end + 1);
}

/** The word that names the super admin before an address, with nothing denied in between. */
function endsNear(before: string, names: readonly string[]): string | null {
  const folded = ` ${fold(before)} `;
  for (const name of names) {
    const at = folded.lastIndexOf(` ${name} `);
    if (at !== -1 && !denies(folded.slice(at + name.length + 2))) return name;
  }
  return null;
}

/** "x@y (super admin)", "x@y is the super admin". */
function startsNear(after: string, names: readonly string[]): string | null {
  const clause = after.split(/[.;!?](?:\s|$)/, 1)[0] ?? '';
  const folded = ` ${fold(clause)} `;
  const name = names.find((candidate) => folded.includes(` ${candidate} `));
  return name !== undefined && !denies(folded.slice(0, folded.indexOf(` ${name} `))) ? name : null;
}

function denies(folded: string): boolean {
  return folded.split(' ').some((word) => NEGATIONS.has(word));
}

function idsIn(line: Line, text: string): [FieldName, FieldValue][] {
  const names = [...text.matchAll(ID_NAME)].slice(0, 10);
  return names.flatMap((name, index): [FieldName, FieldValue][] => {
    const behind = name.index + name[0].length;
    const next = names[index + 1]?.index ?? text.length;
    const found = findId(text, behind, Math.min(next, text.length));
    const gap = found ? found.start - behind : NEAR_ID;
    if (!found || gap >= NEAR_ID || /[.;!?]\s|@/.test(text.slice(behind, found.start))) return [];
    const value = fieldValue(line, found.value, found.start, found.end, ID);
    return value ? [[name[0].toLowerCase() as FieldName, value]] : [];
  });
}

function productIn(line: Line, text: string, words: ProseWords, where: 'prose' | 'subject'): FieldValue | null {
  const found = findProduct(words.products, text, where);
  if (!found) return null;
  const weak = found.strong ? PRODUCT_IN_SUBJECT : EVERYDAY_WORD_IN_SUBJECT;
  return fieldValue(line, found.name, found.start, found.end, where === 'prose' ? PRODUCT_IN_PROSE : weak);
}

function fieldValue(line: Line, value: string, start: number, end: number, confidence: number): FieldValue | null {
  const source = sourceOf(line, start, end);
  return source && { value, confidence, source: { part: line.part, ...source, label: null, language: null } };
}

/** Folded names of the super admin, longest first. */
export function compileSuperadmin(names: readonly string[]): string[] {
  const folded = names.map((name) =>
    foldWords(name)
      .map((word) => word.text)
      .join(' '),
  );
  return [...new Set([...folded, 'super admin', 'superadmin'])]
    .filter((name) => name !== '')
    .sort((a, b) => b.length - a.length);
}
