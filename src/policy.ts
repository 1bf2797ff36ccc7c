/** policy/*.yaml -> strict schemas -> cross-checks -> one frozen Policy with its hash. A typo stops the start; all errors are said at once. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { messageOf, UserError } from './errors.ts';
import { FIELD_NAMES, MAILBOX_NAMES, MailboxName, REGIONS, Region, RequestNature, Severity } from './model.ts';
import { foldCompact } from './pipeline/fold.ts';

const words = z.array(z.string().min(1));
const hours = z.number().positive();
const due = z.strictObject({ target: hours, commitment: hours });

const labelFields = [...FIELD_NAMES, 'screenshots'] as const;
export type LabelField = (typeof labelFields)[number];

const language = z.strictObject({
  name: z.string(),
  direction: z.enum(['ltr', 'rtl']),
  /** The first label of a field is the one our replies print. */
  labels: z.partialRecord(z.enum(labelFields), words),
  /** Hint texts of the template that may be left behind in a value or a label. */
  hints: words,
  yes: words,
  no: words,
  greetings: words,
  closings: words,
  /** Ends of the line that introduces quoted history: "On … X wrote:". */
  wrote: words,
  /** What a mail program prints above quoted or forwarded history: "Original Message". */
  originalMessage: words,
  forwardedMessage: words,
  /** Names of the header lines in quoted history: From, Sent, To, Subject. */
  historyHeaders: words,
  /** Starts of the subject of an absence notice. */
  outOfOffice: words,
  /** How a person names the super admin in free text. */
  superadmin: words,
});
export type LanguagePolicy = z.infer<typeof language>;

const service = z.strictObject({
  name: z.string(),
  aliases: words.default([]),
  /** A common word: counts without the Zoho prefix only in the product field or the subject. */
  commonWord: z.boolean().default(false),
  /** Spellings that count only as the whole value of the product field: "MA" is French for "my", "Zoho Support" is us. */
  fieldOnly: words.default([]),
});

const signals = z.record(z.string(), words);

const files = {
  labels: z.strictObject({ languages: z.record(z.string(), language) }),
  services: z.strictObject({
    /** Measured by contacts, rows, visitors or credits: their licences never count, a request about one gets no priority. */
    excluded: z.array(service),
    eligible: z.array(service),
    suites: z.array(service),
  }),
  regions: z.strictObject({
    regions: z.record(
      Region,
      z.strictObject({
        name: z.string(),
        /** Licences from which an account is large. */
        licences: z.number().int().positive(),
        zone: z.string().refine(isTimeZone, { error: 'is not an IANA time zone' }),
        mailbox: MailboxName,
        /** Counts for which two published rules disagree: the decision says so. */
        ambiguous: z.strictObject({ from: z.number().int(), to: z.number().int(), tag: z.string() }).optional(),
      }),
    ),
    /** ISO 3166-1 alpha-2 code -> region. */
    countries: z.record(z.string().regex(/^[A-Z]{2}$/), Region),
    /** By mailbox, when neither the customer's nor the partner's region is known. */
    default: z.record(MailboxName, Region),
    count: z.enum(['max', 'sum']),
  }),
  severity: z.strictObject({
    requestTypes: z.array(z.strictObject({ name: z.string(), nature: RequestNature, words: words })),
    /** Words by language that speak for a nature other than incident. */
    natures: z.partialRecord(RequestNature, signals),
    /** Words by language that speak for a severity. */
    signals: z.record(Severity, signals),
    /** When nothing speaks for any severity. */
    default: Severity,
  }),
  commitment: z.strictObject({
    severities: z.record(Severity, z.strictObject({ firstResponse: due, determination: due })),
    largeAccountResolution: due,
    /** Natures that are exempt from the commitment. */
    exempt: z.array(RequestNature),
    /** Working days, 1 is Monday. */
    workingDays: z.array(z.number().int().min(1).max(7)).min(1),
    /** Words by language of the requests for which weekends count. */
    weekendSignals: signals,
  }),
  mailboxes: z.strictObject({
    mailboxes: z.record(
      MailboxName,
      z.strictObject({ address: z.email(), name: z.string(), helpCentre: z.url(), store: z.url() }),
    ),
  }),
  identification: z.strictObject({
    /** A super admin's address that is given but unknown to the directory: stay provisional, or try the other keys. */
    unknownSuperadmin: z.enum(['provisional', 'try-other-keys']),
    /** Public mail services: never an account's or a partner's domain. */
    genericDomains: z.array(
      z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, { error: 'is not a domain in lower case' }),
    ),
  }),
  outbound: z.strictObject({
    /** `missing-superadmin-note` at most once per partner and this many days. */
    noteEveryDays: z.number().positive(),
    /** Mail older than this (by arrival or by its own date) gets a ticket, and a reply that is held for a person. */
    holdRepliesToMailOlderThanDays: z.number().positive(),
    /** Replies one ticket may cause; what comes after is left to people. */
    maxRepliesPerTicket: z.number().int().positive(),
    /** Replies one recipient gets in a day; what comes after is held for a person. */
    maxRepliesPerRecipientAndDay: z.number().int().positive(),
    /** A reply the mail server keeps refusing for now is tried this long, then held for a person. */
    giveUpAfterHours: z.number().positive(),
    /** A reply that may have been sent, but is not among the sent mail, counts as not sent after this long. */
    believeAbsenceAfterSeconds: z.number().positive(),
    retrySeconds: z.strictObject({ first: z.number().positive(), most: z.number().positive() }),
    /** How long an unknown outcome is looked up before a person has to decide. */
    unknownOutcomeMinutes: z.number().positive(),
    fallbackLanguage: z.string(),
  }),
};

type Files = { [K in keyof typeof files]: z.infer<(typeof files)[K]> };
/** Everything a support lead can change, checked and frozen; `hash` is stamped on every decision. */
export type Policy = Readonly<Files> & { readonly hash: string };

/**
 * Reads and checks a policy folder.
 * @throws UserError naming every file and path that is wrong, one line each.
 */
export function loadPolicy(folder: string): Policy {
  const problems: string[] = [];
  const hash = createHash('sha256');
  const loaded: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(files)) {
    const file = join(folder, `${name}.yaml`);
    try {
      const source = readFileSync(file, 'utf8');
      hash.update(`${name}\0${source}\0`);
      const result = schema.safeParse(parseYaml(source));
      if (result.success) loaded[name] = result.data;
      else
        problems.push(
          ...result.error.issues.map(({ path, message }) =>
            [file, path.join('.'), message].filter((part) => part !== '').join(': '),
          ),
        );
    } catch (error) {
      problems.push(`${file}: ${messageOf(error)}`);
    }
  }
  if (problems.length === 0) problems.push(...crossChecks(loaded as Files).map((line) => `${folder}: ${line}`));
  if (problems.length > 0) throw new UserError(`the policy is not valid:\n${problems.join('\n')}`);
  return deepFreeze({ ...(loaded as Files), hash: hash.digest('hex').slice(0, 16) });
}

/**
 * Whether a name is an IANA time zone the runtime knows. Asked by use, not by `Intl.supportedValuesOf`, which lists one name
 * per zone, and for India only the old "Asia/Calcutta". Bare offsets ("+05:30") and abbreviations are refused: no summer time.
 */
function isTimeZone(name: string): boolean {
  if (name !== 'UTC' && !name.includes('/')) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** What no single file can know of itself. */
function crossChecks(policy: Files): string[] {
  const problems: string[] = [];
  for (const region of REGIONS) if (!policy.regions.regions[region]) problems.push(`regions: ${region} is missing`);
  for (const mailbox of MAILBOX_NAMES) {
    if (!policy.mailboxes.mailboxes[mailbox]) problems.push(`mailboxes: ${mailbox} is missing`);
    if (!policy.regions.default[mailbox]) problems.push(`regions: default.${mailbox} is missing`);
  }
  const seen = new Map<string, string>();
  for (const kind of ['excluded', 'eligible', 'suites'] as const) {
    for (const { name } of policy.services[kind]) {
      const other = seen.get(name);
      if (other) problems.push(`services: ${name} is both ${other} and ${kind}`);
      seen.set(name, kind);
    }
  }
  const languages = policy.labels.languages;
  for (const [code, entry] of Object.entries(languages)) {
    for (const field of ['superadminEmail', 'customerEmail', 'product', 'description'] as const) {
      if (!entry.labels[field]?.length) problems.push(`labels: languages.${code}.labels.${field} is missing`);
    }
  }
  if (!languages[policy.outbound.fallbackLanguage]) {
    problems.push(`outbound: fallbackLanguage ${policy.outbound.fallbackLanguage} is no language of labels`);
  }
  return [...problems, ...sharedLabels(languages), ...strayLanguages(policy), ...lateTargets(policy.commitment)];
}

/** A label that stands under two fields of a language would fill one of them by chance. */
function sharedLabels(languages: Files['labels']['languages']): string[] {
  return Object.entries(languages).flatMap(([code, { labels }]) => {
    const fields = new Map<string, string>();
    return Object.entries(labels).flatMap(([field, spellings]) =>
      (spellings ?? []).flatMap((label) => {
        const other = fields.get(foldCompact(label)) ?? field;
        fields.set(foldCompact(label), other);
        return other === field ? [] : [`labels: languages.${code}: "${label}" is both ${other} and ${field}`];
      }),
    );
  });
}

/** Words under a language that does not exist ("eng") would never be looked for. */
function strayLanguages({ labels, severity, commitment }: Files): string[] {
  const tables: Record<string, Record<string, unknown> | undefined> = {
    'commitment: weekendSignals': commitment.weekendSignals,
  };
  for (const [nature, byLanguage] of Object.entries(severity.natures))
    tables[`severity: natures.${nature}`] = byLanguage;
  for (const [level, byLanguage] of Object.entries(severity.signals)) tables[`severity: signals.${level}`] = byLanguage;
  return Object.entries(tables).flatMap(([table, byLanguage]) =>
    Object.keys(byLanguage ?? {})
      .filter((code) => !labels.languages[code])
      .map((code) => `${table}.${code} is no language of labels`),
  );
}

/** The target warns before the commitment is broken, so it cannot be later. */
function lateTargets({ severities, largeAccountResolution }: Files['commitment']): string[] {
  const dues = Object.entries(severities).flatMap(([severity, { firstResponse, determination }]) => [
    { path: `severities.${severity}.firstResponse`, ...firstResponse },
    { path: `severities.${severity}.determination`, ...determination },
  ]);
  return [...dues, { path: 'largeAccountResolution', ...largeAccountResolution }]
    .filter(({ target, commitment }) => target > commitment)
    .map(
      ({ path, target, commitment }) => `commitment: ${path}: target ${target} is later than commitment ${commitment}`,
    );
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
