/** Reads the labelled set and counts what was read right, wrong, or not at all. */
import { Parser } from 'htmlparser2';
import { FIELD_NAMES, type FieldName, type FieldValue } from '../../src/model.ts';
import { readMail } from '../../src/pipeline/mail/read.ts';
import { stripControls } from '../../src/pipeline/words/fold.ts';
import type { Policy } from '../../src/policy.ts';
import type { LabelledCase } from './case.ts';
import { render } from './render.ts';

export type Outcome = 'right' | 'wrong' | 'missed' | 'invented';
export type Judged = {
  readonly mail: LabelledCase;
  readonly field: FieldName;
  readonly outcome: Outcome;
  readonly expected: string | undefined;
  readonly read: FieldValue | undefined;
  /** What the source's offsets show; undefined when nothing was read. */
  readonly slice: string | undefined;
  readonly pointsAtValue: boolean;
};
export type Score = { precision: number; recall: number; f1: number; count: number };

/** Judges every field of every mail that is expected or was read. */
export async function judgeAll(cases: readonly LabelledCase[], policy: Policy): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const mail of cases) judged.push(...(await judge(mail, policy)));
  return judged;
}

async function judge(mail: LabelledCase, policy: Policy): Promise<Judged[]> {
  const { mail: parsed, enquiry } = await readMail(render(mail), policy);
  return FIELD_NAMES.flatMap((field) => {
    const expected = mail.expect[field];
    const read = enquiry.fields[field];
    if (expected === undefined && read === undefined) return [];
    const parts = { ...parsed.parts, subject: parsed.subject };
    const slice = read && parts[read.source.part].slice(read.source.start, read.source.end);
    const pointsAtValue = read === undefined || (slice !== undefined && shows(mail, field, read, slice));
    return [{ mail, field, outcome: outcomeOf(expected, read), expected, read, slice, pointsAtValue }];
  });
}

function outcomeOf(expected: string | undefined, read: FieldValue | undefined): Outcome {
  if (!read) return 'missed';
  if (expected === undefined) return 'invented';
  return bare(read.value) === bare(expected) ? 'right' : 'wrong';
}

/** Besides the value, a slice may hold what stands between its lines, and a little punctuation. */
const SPARE = 12;
const SHORTEST_WORD = 2;

/** Whether the slice is the value as it was written, and hardly more; markup and line ends between its words do not count. */
function shows(mail: LabelledCase, field: FieldName, read: FieldValue, slice: string): boolean {
  const seen = bare(withoutMarkup(slice));
  const raw = mail.raw[field] ?? (field === 'reproducible' ? undefined : read.value);
  if (mail.expect[field] !== read.value || raw === undefined) return seen !== '';
  const words = bare(raw);
  // People shorten products ("Recruit") and spin out a yes: either may be within the other, but it must be a word.
  if (field === 'product' || field === 'reproducible') {
    return seen.includes(words) || (seen.length >= SHORTEST_WORD && words.includes(seen));
  }
  return seen.includes(words) && seen.length <= words.length + SPARE + words.length / 4;
}

function withoutMarkup(slice: string): string {
  const words: string[] = [];
  const parser = new Parser({ ontext: (text) => words.push(text), onopentag: () => words.push(' ') });
  parser.end(slice);
  return words.join('');
}

function bare(text: string): string {
  return stripControls(text)
    .normalize('NFC')
    .replace(/[\s\u00a0]+/g, ' ')
    .trim()
    .toLowerCase();
}

export function scoreOf(judged: readonly Judged[]): Score {
  const count = (outcome: Outcome) => judged.filter((one) => one.outcome === outcome).length;
  const right = count('right');
  const precision = right / Math.max(1, right + count('wrong') + count('invented'));
  const recall = right / Math.max(1, right + count('wrong') + count('missed'));
  return { precision, recall, f1: (2 * precision * recall) / Math.max(1e-9, precision + recall), count: judged.length };
}

/** Of the fields read with a confidence in [from, to): how many, and the share that is right. */
export function calibration(judged: readonly Judged[], from: number, to: number): { count: number; right: number } {
  const among = judged.filter(({ read }) => read && read.confidence >= from && read.confidence < to);
  const right = among.filter(({ outcome }) => outcome === 'right').length;
  return { count: among.length, right: right / Math.max(1, among.length) };
}
