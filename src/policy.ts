/** policy/*.yaml, policy/languages/*.yaml -> strict schemas -> cross-checks -> one frozen Policy with its hash. A typo stops the start; all errors are said at once. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from './errors.ts';
import { MAILBOX_NAMES, MailboxName, REGIONS, Region, RequestNature, Severity } from './model.ts';
import { readYaml } from './pipeline/yaml.ts';
import { byLanguage, type LanguagePolicy, type Languages, language, languageProblems } from './policy-languages.ts';

export type { LabelField, LanguagePolicy } from './policy-languages.ts';

const words = z.array(z.string().min(1));
const hours = z.number().positive();
const due = z.strictObject({ target: hours, commitment: hours });

const service = z.strictObject({
  name: z.string(),
  aliases: words.default([]),
  /** A common word: counts without the Zoho prefix only in the product field or the subject. */
  commonWord: z.boolean().default(false),
  /** An everyday word that, without the Zoho prefix, counts in a sentence only when it begins with a capital ("Books"). */
  capital: z.boolean().default(false),
  /** Spellings that count only as the whole value of the product field: "MA" is French for "my", "Zoho Support" is us. */
  fieldOnly: words.default([]),
});

const files = {
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
    /** The published types of support request: the first with a word in that field counts. */
    requestTypes: z.array(z.strictObject({ name: z.string(), nature: RequestNature })),
    /** Natures that words can speak for, in the order in which they are looked for. */
    natures: z.array(RequestNature),
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
    /** Languages that must have reply texts; a folder of texts in another language is used as well. */
    replyLanguages: z.array(z.string()).min(1),
    fallbackLanguage: z.string(),
  }),
};

type Files = { [K in keyof typeof files]: z.infer<(typeof files)[K]> };
/** Words by language. */
type Signals = Record<string, string[]>;
type Assembled = Omit<Files, 'severity' | 'commitment'> & {
  labels: { languages: Languages };
  severity: {
    requestTypes: { name: string; nature: RequestNature; words: string[] }[];
    natures: Partial<Record<RequestNature, Signals>>;
    signals: Record<Severity, Signals>;
    default: Severity;
  };
  commitment: Files['commitment'] & { weekendSignals: Signals };
};
/** Everything a support lead can change, checked and frozen; `hash` is stamped on every decision. */
export type Policy = Readonly<Assembled> & { readonly hash: string };

/**
 * Reads and checks a policy folder: its files, and a file for each language in `languages/`.
 * @throws UserError naming every file and path that is wrong, one line each.
 */
export function loadPolicy(folder: string): Policy {
  const problems: string[] = [];
  const hash = createHash('sha256');
  const read = (name: string, schema: z.ZodType): unknown => {
    const file = join(folder, `${name}.yaml`);
    try {
      const source = readFileSync(file, 'utf8');
      hash.update(`${name}\0${source}\0`);
      const result = schema.safeParse(readYaml(source));
      if (result.success) return result.data;
      problems.push(
        ...result.error.issues.map(({ path, message }) =>
          [file, path.join('.'), message].filter((part) => part !== '').join(': '),
        ),
      );
    } catch (error) {
      problems.push(`${file}: ${messageOf(error)}`);
    }
    return undefined;
  };
  const loaded = Object.fromEntries(Object.entries(files).map(([name, schema]) => [name, read(name, schema)])) as Files;
  const codes = languageCodes(folder, problems);
  const languages = Object.fromEntries(
    codes.map((code) => [code, read(`${LANGUAGES}/${code}`, language)]),
  ) as Languages;
  if (problems.length === 0) problems.push(...crossChecks(loaded, languages).map((line) => `${folder}: ${line}`));
  if (problems.length > 0) throw new UserError(`the policy is not valid:\n${problems.join('\n')}`);
  return deepFreeze({ ...assemble(loaded, languages), hash: hash.digest('hex').slice(0, 16) });
}

const LANGUAGES = 'languages';

/** The languages there are files for, in the order of their codes. */
function languageCodes(folder: string, problems: string[]): string[] {
  const path = join(folder, LANGUAGES);
  try {
    const names = readdirSync(path).filter((name) => name.endsWith('.yaml'));
    const wrong = names.filter((name) => !/^[a-z]{2}\.yaml$/.test(name));
    problems.push(...wrong.map((name) => `${join(path, name)}: the name is no ISO 639-1 code`));
    if (names.length === 0) problems.push(`${path}: there is no language`);
    return names
      .filter((name) => !wrong.includes(name))
      .map((name) => name.slice(0, 2))
      .toSorted();
  } catch (error) {
    problems.push(`${path}: ${messageOf(error)}`);
    return [];
  }
}

/** The words of all languages beside the rules they belong to. The fallback language comes first: it has what languages share. */
function assemble(loaded: Files, read: Languages): Assembled {
  const { fallbackLanguage } = loaded.outbound;
  const codes = Object.keys(read).toSorted((a, b) => Number(b === fallbackLanguage) - Number(a === fallbackLanguage));
  const languages = Object.fromEntries(codes.map((code) => [code, read[code] as LanguagePolicy]));
  const { requestTypes, natures } = loaded.severity;
  const signals = (severity: Severity) => byLanguage(languages, (entry) => entry.severities[severity]);
  return {
    ...loaded,
    labels: { languages },
    severity: {
      default: loaded.severity.default,
      requestTypes: requestTypes.map((type) => ({
        ...type,
        words: [...new Set(Object.values(languages).flatMap((entry) => entry.requestTypes[type.name] ?? []))],
      })),
      natures: Object.fromEntries(
        natures.map((nature) => [nature, byLanguage(languages, (entry) => entry.natures[nature])]),
      ),
      signals: { S1: signals('S1'), S2: signals('S2'), S3: signals('S3') },
    },
    commitment: { ...loaded.commitment, weekendSignals: byLanguage(languages, (entry) => entry.weekends) },
  };
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
function crossChecks(policy: Files, languages: Languages): string[] {
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
  const { fallbackLanguage, replyLanguages } = policy.outbound;
  for (const code of replyLanguages) {
    if (!languages[code]) problems.push(`outbound: replyLanguages: there is no ${LANGUAGES}/${code}.yaml`);
  }
  if (!replyLanguages.includes(fallbackLanguage)) {
    problems.push(`outbound: fallbackLanguage ${fallbackLanguage} is not among replyLanguages`);
  }
  const types = policy.severity.requestTypes.map(({ name }) => name);
  for (const [code, entry] of Object.entries(languages)) {
    problems.push(...languageProblems(entry, types).map((problem) => `${LANGUAGES}/${code}: ${problem}`));
    const unknown = Object.keys(entry.natures).filter((nature) => !policy.severity.natures.includes(nature as never));
    problems.push(
      ...unknown.map((nature) => `${LANGUAGES}/${code}: natures.${nature} is not among those of severity.yaml`),
    );
  }
  return [...problems, ...lateTargets(policy.commitment)];
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
