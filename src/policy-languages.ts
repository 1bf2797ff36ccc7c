/** policy/languages/<code>.yaml -> LanguagePolicy: everything of one language in one file, whose name is its ISO 639-1 code. */
import { z } from 'zod';
import { FIELD_NAMES, RequestNature, Severity } from './model.ts';
import { foldCompact } from './pipeline/words/fold.ts';

const words = z.array(z.string().min(1));
/** A list that a language may do without. */
const optional = words.default([]);

/** What a mail says of an impact besides the signals themselves. In each list a phrase may be a pattern (pipeline/patterns.ts). */
export const IMPACT_WORDS = [
  /** Who is hit: all of them; one or a few; what to call them behind a number ("30 employees"). */
  'everyone',
  'few',
  'users',
  /** Something does not work: S2 by itself, S1 where it hits everyone. */
  'fails',
  /** What can be lost, and that it is: S1 together. */
  'data',
  'lost',
  /** "does not affect the work", "there is another way": S3 whatever else is wrong. */
  'unaffected',
  /** "the system is not down", "works again": what stands in such a phrase does not count. */
  'denies',
  /** "works again": what was said before it, in its sentence or the one before, counts no more. */
  'over',
  /** "not": what follows within three words does not count. */
  'negates',
  /** "değil", "ではありません": what precedes within three words does not count. */
  'negatesAfter',
  /** "URGENT": noted, never obeyed. */
  'shouting',
  /** "build the API connection from scratch". */
  'outOfScope',
] as const;
export type ImpactWords = Partial<Record<(typeof IMPACT_WORDS)[number], string[]>>;

const labelFields = [...FIELD_NAMES, 'screenshots'] as const;
export type LabelField = (typeof labelFields)[number];

export const language = z.strictObject({
  direction: z.enum(['ltr', 'rtl']),
  /** Marks tell words apart: phrases are heard with them in a mail that has them. */
  marksMatter: z.boolean().optional(),
  /** The first label of a field is the one our replies print. */
  labels: z.partialRecord(z.enum(labelFields), words),
  /** Hint texts of the template that may be left behind in a value or a label. */
  hints: words,
  yes: words,
  no: words,
  /** Starts of an answer that is neither. */
  unsure: optional,
  /** A value that says there is none: "N/A". */
  placeholders: optional,
  greetings: words,
  closings: words,
  /** Starts of the lines that telephones and mail programs add by themselves. */
  mobileSignatures: optional,
  /** Ends of the line that introduces quoted history: "On … X wrote:". */
  wrote: words,
  /** What a mail program prints above quoted or forwarded history: "Original Message". */
  originalMessage: words,
  forwardedMessage: words,
  /** Names of the header lines in quoted history: From, Sent, To, Subject. */
  historyHeaders: words,
  /** Starts of the subject of an absence notice. */
  outOfOffice: words,
  /** What absence notices go on to say: that they are automatic, when the writer is back, whom to ask meanwhile. */
  absence: optional,
  /** How a covering note says that the answers stand further down. */
  below: optional,
  /** How a person names the super admin in free text. */
  superadmin: words,
  /** "is", as in "x@y is the super admin"; "not", which says the reverse. */
  copulas: optional,
  negations: optional,
  /** Starts of words for "reproduce", and what turns a sentence with one round; a last `*` lets the word go on. */
  reproduces: optional,
  notReproduces: optional,
  /** What is said of a product that has no trouble: "works fine". */
  unaffected: optional,
  /** What stands right before or behind the product a mail that names several is about: "the problem is only in". */
  concerns: optional,
  /** Words of a confidentiality notice, with `*` as above: a line with two of them is one. */
  disclaimers: optional,
  /** Short words that every text of the language has: by them, its letters and its script the writer's language is told. */
  commonWords: optional,
  /** What stands in the field of each type of severity.yaml. */
  requestTypes: z.record(z.string(), words).default({}),
  /** Phrases that speak for a nature other than incident, for a severity, and for a clock that runs at weekends too. */
  natures: z.partialRecord(RequestNature, words).default({}),
  severities: z.partialRecord(Severity, words).default({}),
  weekends: optional,
  impact: z.partialRecord(z.enum(IMPACT_WORDS), words).default({}),
});
export type LanguagePolicy = z.infer<typeof language>;
export type Languages = Record<string, LanguagePolicy>;

/** Fields without which a language is of no use. */
const NEEDED = ['superadminEmail', 'customerEmail', 'product', 'description'] as const;

type LanguageProblem = { readonly path: readonly string[]; readonly message: string };

/** What is wrong with a language by itself: labels or signals that it lacks, labels that lead to two fields. */
export function languageProblems(entry: LanguagePolicy): LanguageProblem[] {
  const labels = NEEDED.filter((field) => !entry.labels[field]?.length).map((field) => ['labels', field]);
  const signals = Severity.options
    .filter((severity) => !entry.severities[severity]?.length)
    .map((severity) => ['severities', severity]);
  return [...[...labels, ...signals].map((path) => ({ path, message: 'is missing' })), ...sharedLabels(entry)];
}

/** A label that stands under two fields of a language would fill one of them by chance. */
function sharedLabels({ labels }: LanguagePolicy): LanguageProblem[] {
  const fields = new Map<string, string>();
  return Object.entries(labels).flatMap(([field, spellings]) =>
    (spellings ?? []).flatMap((label) => {
      const key = foldCompact(label);
      const other = fields.get(key) ?? field;
      fields.set(key, other);
      return other === field ? [] : [{ path: ['labels', field], message: `"${label}" is both ${other} and ${field}` }];
    }),
  );
}

/** A table of each language's words: language -> words, for the languages that have any. */
export function byLanguage(
  languages: Languages,
  pick: (entry: LanguagePolicy) => readonly string[] | undefined,
): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(languages).flatMap(([code, entry]) => {
      const list = pick(entry) ?? [];
      return list.length > 0 ? [[code, [...list]]] : [];
    }),
  );
}
