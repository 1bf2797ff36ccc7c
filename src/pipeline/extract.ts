/** ParsedMail -> Enquiry: the template's fields with their confidence and the place each was read at. */
import { type Enquiry, FIELD_NAMES, type FieldName, type FieldValue, type ParsedMail } from '../model.ts';
import type { Policy } from '../policy.ts';
import { fold } from './fold.ts';
import { detectLanguage } from './language.ts';
import { type Layout, layOut, mainPart } from './layout.ts';
import { readProse, readSubject } from './prose.ts';
import { type Reading, readingOf } from './reading.ts';
import type { Separated } from './separate.ts';
import { type Entry, readTemplate } from './template.ts';
import { readValue } from './values.ts';

/** A label and its value on one line, or side by side in a table. */
const SAME_LINE = 0.98;
const BELOW = 0.95;
const MISSPELT = 0.85;
const MISSPELT_BELOW = 0.75;

/** With as many fields the text part is complete and its HTML twin need not be read. */
const ENOUGH_FIELDS = 5;
/** A line that only greets or closes has no more characters. */
const LONGEST_ENDING = 60;

/** Reads what a mail says. Pure; `layout` spares work when the mail was laid out already. */
export function extract(mail: ParsedMail, policy: Policy, layout?: Layout): Enquiry {
  const reading = readingOf(policy);
  const laidOut = layout ?? layOut(mail.parts, mail.subject, reading);
  const hasHtml = mail.parts.html.trim() !== '';
  const sheets: Sheet[] = [];
  if (mail.parts.text.trim() !== '') sheets.push(readSheet(laidOut.text(), reading));
  if (hasHtml && Object.keys(sheets[0]?.fields ?? {}).length < ENOUGH_FIELDS) {
    sheets.push(readSheet(laidOut.html(), reading));
  }
  const fields = merge(sheets.map((sheet) => sheet.fields));
  for (const { separated } of sheets) fillFrom(fields, separated, reading);
  const subject = readSubject(laidOut.subject, reading);
  if (subject && subject.confidence > (fields.product?.confidence ?? 0)) fields.product = subject;
  const entries = sheets.map((sheet) => sheet.entries).sort((a, b) => b.length - a.length)[0] ?? [];
  return {
    language: languageOf(fields, entries, mainPart(mail.parts, laidOut).text, reading),
    template: new Set(entries.map((entry) => entry.field)).size >= 2,
    fields,
  };
}

type Fields = Partial<Record<FieldName, FieldValue>>;
type Sheet = { separated: Separated; entries: Entry[]; fields: Fields };

function readSheet(separated: Separated, reading: Reading): Sheet {
  const entries = readTemplate(separated, reading.labels, (line) => isEnding(line, reading.endings));
  const fields: Fields = {};
  for (const entry of entries) {
    if (entry.field === 'screenshots') continue;
    const value = readValue(entry.field, entry.value, reading, entry.language);
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
  return { separated, entries, fields };
}

function confidenceOf(entry: Entry): number {
  if (entry.exact) return entry.below ? BELOW : SAME_LINE;
  return entry.below ? MISSPELT_BELOW : MISSPELT;
}

/** Whether a line is only a greeting or a closing: "Kind regards,", "Hello team". */
function isEnding(line: string, endings: readonly string[]): boolean {
  if (line.length > LONGEST_ENDING) return false;
  const folded = fold(line);
  const ending = endings.find((phrase) => folded === phrase || folded.startsWith(`${phrase} `));
  return ending !== undefined && folded.slice(ending.length).trim().split(' ').length <= 4;
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

function fillFrom(fields: Fields, separated: Separated, reading: Reading): void {
  const lines = separated.lines.filter((_, index) => !separated.old[index]);
  Object.assign(fields, readProse(lines, reading, fields));
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
