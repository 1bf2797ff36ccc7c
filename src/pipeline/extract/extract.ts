/** ParsedMail -> Enquiry: the template's fields with their confidence and the place each was read at. */
import { type Enquiry, FIELD_NAMES, type FieldName, type FieldValue, type ParsedMail } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { type Layout, layOut, mainPart } from '../separate/layout.ts';
import { isBlank, type Line } from '../separate/lines.ts';
import type { Separated } from '../separate/separate.ts';
import { signatureLines } from '../separate/signature-name.ts';
import { fold, foldCompact, foldWords } from '../words/fold.ts';
import { detectLanguage } from '../words/language.ts';
import { countOf } from '../words/phrases.ts';
import { type Reading, readingOf } from '../words/reading.ts';
import { lengthInWords } from '../words/word-count.ts';
import { foreignTo } from './people.ts';
import { customerIn, forwardedFrom, readProse, readSubject } from './prose.ts';
import { firstRequest } from './requests.ts';
import { type Entry, readTemplate, withoutHint } from './template.ts';
import { createGuesser, type LabelGuesser } from './template-guess.ts';
import { readValue } from './values.ts';

/** A label and its value on one line, or side by side in a table. */
const SAME_LINE = 0.98;
const BELOW = 0.95;
const MISSPELT = 0.85;
const MISSPELT_BELOW = 0.75;
/** A guessed label that shares less than this with the labels of its field. */
const ALIKE = 0.5;
const VAGUE = 0.68;

/** With as many fields the text part is complete and its HTML twin need not be read. */
const ENOUGH_FIELDS = 5;
/** A line that only greets or closes has no more characters. */
const LONGEST_ENDING = 60;
/** Behind a greeting or a closing stands a name of at most so many words. */
const LONGEST_NAME = 4;
/** A type of request is named in no more characters. */
const LONGEST_TYPE = 90;
/** A confidentiality notice is at least as long, and is known by its first characters. */
const SHORTEST_NOTICE = 20;
const NOTICE = 300;

/** Reads what a mail says. Pure; `layout` spares work when the mail was laid out already. */
export function extract(mail: ParsedMail, policy: Policy, layout?: Layout): Enquiry {
  const reading = readingOf(policy);
  const isForeign = foreignTo(mail, policy);
  // The headers in a bounce look like labels too ("Final-Recipient: …").
  const guess = mail.kind === 'request' ? createGuesser(reading, isForeign) : null;
  const laidOut = layout ?? layOut(mail.parts, mail.subject, reading);
  const hasHtml = mail.parts.html.trim() !== '';
  const sheets: Sheet[] = [];
  if (mail.parts.text.trim() !== '') sheets.push(readSheet(laidOut.text(), reading, guess, mail.from.name));
  if (hasHtml && Object.keys(sheets[0]?.fields ?? {}).length < ENOUGH_FIELDS) {
    sheets.push(readSheet(laidOut.html(), reading, guess, mail.from.name));
  }
  const fields = merge(sheets.map((sheet) => sheet.fields));
  const subject = readSubject(laidOut.subject, reading);
  for (const { prose, entries } of sheets) {
    const labelled = new Set(entries.map((entry) => entry.at));
    const isLabelled = (line: Line) => labelled.has(line.runs[0]?.start ?? -1);
    Object.assign(fields, readProse(prose, reading, fields, isForeign, isLabelled, subject?.value ?? null));
  }
  if (subject && subject.confidence > (fields.product?.confidence ?? 0)) fields.product = subject;
  const customer = fields.customerEmail ?? customerOf(sheets, fields, isForeign);
  if (customer) fields.customerEmail = customer;
  const entries = sheets.map((sheet) => sheet.entries).sort((a, b) => b.length - a.length)[0] ?? [];
  return {
    language: languageOf(fields, entries, mainPart(mail.parts, laidOut).text, reading),
    template: new Set(entries.map((entry) => entry.field)).size >= 2,
    fields,
    ...(sheets.some((sheet) => sheet.more) ? { secondRequest: true } : {}),
  };
}

type Fields = Partial<Record<FieldName, FieldValue>>;
type Sheet = {
  readonly separated: Separated;
  readonly entries: readonly Entry[];
  readonly fields: Fields;
  /** The new lines of the first request. */
  readonly prose: readonly Line[];
  readonly more: boolean;
};

function readSheet(separated: Separated, reading: Reading, guess: LabelGuesser | null, name: string): Sheet {
  const signature = signatureLines(separated, name);
  const all = readTemplate(separated, reading.labels, (line) => signature.has(line) || isEnding(line, reading), guess);
  const { first, secondAt } = firstRequest(all);
  const entries = withRequestType(first, reading);
  const fields: Fields = {};
  const writer = () => writerOf(entries, reading);
  for (const entry of entries) {
    if (entry.field === 'screenshots') continue;
    const value = readValue(entry.field, entry.value, reading, entry.language, writer);
    const part = entry.value[0]?.part;
    if (!value || !part) continue;
    const confidence = confidenceOf(entry) * value.certainty;
    if (confidence <= (fields[entry.field]?.confidence ?? 0)) continue;
    const { start, end } = value;
    fields[entry.field] = {
      value: value.value,
      confidence: Math.round(confidence * 100) / 100,
      source: { part, start, end, label: entry.label, language: entry.language },
    };
  }
  const isOfFirst = (line: Line) => secondAt === null || (line.runs[0]?.start ?? 0) < secondAt;
  // The template's own "Ex - Zoho CRM, Zoho Desk" names no product of the writer's.
  const ofProduct = new Set(entries.flatMap(({ field, at }) => (field === 'product' && !fields.product ? [at] : [])));
  const isHint = (line: Line) =>
    ofProduct.has(line.runs[0]?.start ?? -1) || (!isBlank(line) && isBlank(withoutHint(reading.labels, line)));
  const prose = separated.lines.filter((line, index) => !separated.old[index] && isOfFirst(line) && !isHint(line));
  return { separated, entries, fields, prose, more: secondAt !== null };
}

/** "Concern: Invoice changes" above "Question: …": of two descriptions, the one that is no more than a type of request is that. */
function withRequestType(entries: readonly Entry[], { requestTypes }: Reading): readonly Entry[] {
  const described = entries.filter(({ field }) => field === 'description');
  if (described.length < 2 || entries.some(({ field }) => field === 'requestType')) return entries;
  const type = described.find(
    ({ value }) => value.length === 1 && requestTypes.has(foldCompact(value[0]?.text.slice(0, LONGEST_TYPE) ?? '')),
  );
  return entries.map((entry) => (entry === type ? { ...entry, field: 'requestType' } : entry));
}

/** A customer's address that no label names: who wrote what was forwarded, else the first stranger in the text. */
function customerOf(
  sheets: readonly Sheet[],
  fields: Fields,
  isForeign: (address: string) => boolean,
): FieldValue | undefined {
  const forwarded = sheets.flatMap(({ separated }) => forwardedFrom(separated, isForeign) ?? []);
  return forwarded[0] ?? sheets.flatMap(({ prose }) => customerIn(prose, fields, isForeign) ?? [])[0];
}

function confidenceOf(entry: Entry): number {
  if (entry.exact) return entry.below ? BELOW : SAME_LINE;
  if (entry.likeness < ALIKE) return VAGUE;
  return entry.below ? MISSPELT_BELOW : MISSPELT;
}

/** Whether a line is only a greeting or a closing ("Kind regards,", "Hello team"), or begins a confidentiality notice. */
function isEnding(line: string, { endings, disclaimers }: Reading): boolean {
  if (line.length > LONGEST_ENDING) return countOf(foldWords(line.slice(0, NOTICE)), disclaimers) >= 2;
  const folded = fold(line);
  const begun = (endings.get(folded.split(' ', 1)[0] ?? '') ?? []).filter(
    (phrase) => folded === phrase || folded.startsWith(`${phrase} `),
  );
  if (begun.some((phrase) => lengthInWords(folded.slice(phrase.length)) <= LONGEST_NAME)) return true;
  return line.length > SHORTEST_NOTICE && countOf(foldWords(line), disclaimers) >= 2;
}

/** Per field the more certain reading; the earlier sheet at a tie. */
function merge(sheets: readonly Fields[]): Fields {
  const merged: Fields = {};
  for (const field of FIELD_NAMES) {
    for (const sheet of sheets) {
      const value = sheet[field];
      if (value && value.confidence > (merged[field]?.confidence ?? 0)) merged[field] = value;
    }
  }
  return merged;
}

/** The language of what was written behind the labels. */
function writerOf(entries: readonly Entry[], reading: Reading): string {
  const long = entries.filter(({ field }) => field === 'description' || field === 'troubleshooting');
  const text = long.flatMap(({ value }) => value.map((line) => line.text)).join('\n');
  return detectLanguage(text, reading.languages, reading.fallbackLanguage);
}

/** The writer's own words first, then the whole text, then the labels. */
function languageOf(fields: Fields, entries: readonly Entry[], text: string, reading: Reading): string {
  const labels = mostFrequent(entries.map((entry) => entry.language)) ?? reading.fallbackLanguage;
  const written = [fields.description, fields.troubleshooting].flatMap((field) => field?.value ?? []).join('\n');
  if (written !== '') return detectLanguage(written, reading.languages, labels);
  return entries.length >= 2 ? labels : detectLanguage(text, reading.languages, labels);
}

function mostFrequent(values: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
