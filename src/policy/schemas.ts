/** The strict schema of each file of the policy folder, by the file's name without its ending. */
import { z } from 'zod';
import {
  AskingKind,
  DeadlineName,
  MailboxName,
  PartnerContract,
  PartnerTier,
  Region,
  RequestNature,
  Severity,
} from '../model.ts';
import { desk } from './desk.ts';
import { escalation } from './escalation.ts';

/** The folder of the languages' files inside the policy folder. */
export const LANGUAGES = 'languages';

const words = z.array(z.string().min(1));
const hours = z.number().positive();
const due = z.strictObject({ target: hours, commitment: hours });

const whose = z.enum(['customer-then-partner', 'partner-then-customer']);

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

/** A new file of the policy folder is a new entry here; loading, hashing and problems follow. */
export const files = {
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
        /** Licences from which an account is large; whether that very number is already enough, says the comparator. */
        licences: z.number().int().positive(),
        comparator: z.enum(['atLeast', 'moreThan']).default('atLeast'),
        zone: z.string().refine(isTimeZone, { error: 'is not an IANA time zone' }),
        mailbox: MailboxName,
        /** Counts for which two published rules disagree: the decision says so. */
        ambiguous: z.strictObject({ from: z.number().int(), to: z.number().int(), tag: z.string() }).optional(),
      }),
    ),
    /** ISO 3166-1 alpha-2 code -> region. */
    countries: z.record(z.string().regex(/^[A-Z]{2}$/, { error: 'is not an ISO 3166-1 alpha-2 code' }), Region),
    /** By mailbox, when neither the customer's nor the partner's region is known. */
    default: z.record(MailboxName, Region),
    /** Whose region counts, the first that is known: for the threshold and what else goes by region, and for the clock's zone. */
    whose: z.strictObject({ region: whose, zone: whose }),
    count: z.enum(['max', 'sum']),
    countInactive: z.boolean(),
  }),
  severity: z.strictObject({
    /** The published types of support request: the first with a word in that field counts. */
    requestTypes: z.array(z.strictObject({ name: z.string(), nature: RequestNature })),
    /** Natures that words can speak for, in the order in which they are looked for. */
    natures: z.array(RequestNature),
    /** When nothing speaks for any severity. */
    default: Severity,
    /** What a phrase counts, and from which sum on a severity is reached. */
    weights: z.strictObject({
      sure: z.number().positive(),
      likely: z.number().positive(),
      everyone: z.number().min(0),
      reproduced: z.number(),
      notReproduced: z.number(),
      S1From: z.number().positive(),
      S2From: z.number().positive(),
      /** So many users are as good as all. */
      manyFrom: z.number().int().positive(),
    }),
    /** Natures that are S3 unless more than one phrase of S1 is in the mail. */
    minor: z.array(RequestNature),
    /** Tags of tickets by their nature, and of those that ask for what is out of scope. */
    tags: z.partialRecord(RequestNature, z.array(z.string())),
    outOfScopeTags: z.array(z.string()),
  }),
  commitment: z.strictObject({
    severities: z.record(Severity, z.strictObject({ firstResponse: due, determination: due })),
    largeAccountResolution: due,
    /** Natures that are exempt from the commitment. */
    exempt: z.array(RequestNature),
    /** Working days, 1 is Monday. */
    workingDays: z.array(z.number().int().min(1).max(7)).min(1),
    /** Days that do not count in a region, though their weekday does. */
    holidays: z.partialRecord(Region, z.array(z.iso.date())),
    /** Whether outages, downtime and login problems, for which weekends count, run on through holidays as well. */
    outagesRunOnHolidays: z.boolean(),
    /** What waits while the partner is asked for something. */
    pauses: z.strictObject({
      whileAsked: z.boolean(),
      /** By the reply that asks; a reply that is not named stops nothing. */
      stops: z.partialRecord(AskingKind, z.array(DeadlineName)),
      /** Hours on the wall after which an unanswered question stops nothing any more. */
      longestHours: hours,
    }),
    /** Passing a target is written into the ticket's history; with `notify` the region's lead is told as well. */
    warning: z.strictObject({ notify: z.boolean() }),
    /** No flood after days of being stopped. */
    standstill: z.strictObject({
      /** No pass of the clock for this long is a standstill. */
      afterMinutes: z.number().positive(),
      /** More notices than this at once are told as one summary for each region. */
      moreThan: z.number().int().nonnegative(),
    }),
  }),
  mailboxes: z.strictObject({
    mailboxes: z.record(
      MailboxName,
      z.strictObject({
        address: z.email(),
        name: z.string(),
        /** Whether mail to name+tag@domain arrives: then the answer's address names its ticket. */
        plusAddressing: z.boolean(),
        helpCentre: z.url(),
        store: z.url(),
      }),
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
  partners: z.strictObject({
    /** What every partner has, and what a tier has beside it: shown on the ticket. */
    everyTier: words,
    tiers: z.record(PartnerTier, words),
    /** With which contracts escalation is offered. */
    escalationContracts: z.array(PartnerContract),
  }),
  escalation,
  desk,
  retention: z.strictObject({
    /** The bytes of a mail, after it and its ticket ended; `forever`: they stay. */
    originalDays: z.union([z.number().int().positive(), z.literal('forever')]),
    /** What was read of it, and the replies to it. */
    textDays: z.union([z.number().int().positive(), z.literal('forever')]),
  }),
  outbound: z.strictObject({
    /** A receipt when nothing is asked; `wrong-mailbox`: only to who wrote to the other mailbox, and no more often than a note. */
    receipt: z.enum(['off', 'on', 'wrong-mailbox']),
    /** `missing-superadmin-note` at most once per partner and this many days. */
    noteEveryDays: z.number().positive(),
    /** The same thing is not asked again on a ticket within so many days, whatever the partner writes. */
    askAgainDays: z.number().positive(),
    /** An answer to a reply of ours finds its ticket for so many days; then it becomes one of its own. */
    answerDays: z.number().int().positive(),
    /** Mail older than this (by arrival or by its own date) gets a ticket, and a reply that is held for a person. */
    holdRepliesToMailOlderThanDays: z.number().positive(),
    /** Replies one ticket may cause; what comes after is left to people. */
    maxRepliesPerTicket: z.number().int().positive(),
    /** Replies one recipient gets in a day; what comes after is held for a person. */
    maxRepliesPerRecipientAndDay: z.number().int().positive(),
    /** Replies the addresses of one domain get in a day; what comes after is held for a person. Generic domains are none. */
    maxRepliesPerDomainAndDay: z.number().int().positive(),
    /** Mails that leave a mailbox, and all of them, in an hour; the others wait for the next. */
    maxMailsPerMailboxAndHour: z.number().int().positive(),
    maxMailsPerHour: z.number().int().positive(),
    /** More replies than this within so many minutes: all are held until a person ends it. */
    storm: z.strictObject({ replies: z.number().int().positive(), minutes: z.number().positive() }),
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

export type Files = { [K in keyof typeof files]: z.infer<(typeof files)[K]> };
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
