/** The words of the domain, as zod schemas: whatever crosses a boundary (thread, queue, database, command line) is checked against these. */
import { z } from 'zod';

export const MAILBOX_NAMES = ['com', 'eu'] as const;
/** The two inboxes: `com` is partner-support@zohocorp.com, `eu` is partner-support@eu.zohocorp.com. */
export const MailboxName = z.enum(MAILBOX_NAMES);
export type MailboxName = z.infer<typeof MailboxName>;

export const REGIONS = ['anz', 'apac-japan', 'india', 'mea', 'europe-uk', 'usa-latam', 'canada-brazil'] as const;
export const Region = z.enum(REGIONS);
export type Region = z.infer<typeof Region>;

export const MailKind = z.enum(['request', 'auto-reply', 'bounce', 'list', 'own']);
export type MailKind = z.infer<typeof MailKind>;

/** A picture of the problem, a file, or the decoration of a signature. */
export const AttachmentRole = z.enum(['screenshot', 'document', 'logo']);
export type AttachmentRole = z.infer<typeof AttachmentRole>;

const Address = z.object({ address: z.string(), name: z.string() });
export type Address = z.infer<typeof Address>;

/** What was read from a mail's bytes. `degraded` says it could not be read as it was meant: it becomes a ticket all the same. */
export const ParsedMail = z.object({
  messageId: z.string().nullable(),
  inReplyTo: z.string().nullable(),
  references: z.array(z.string()),
  from: Address,
  replyTo: z.string().nullable(),
  to: z.array(z.string()),
  cc: z.array(z.string()),
  subject: z.string(),
  /** The Date header as ISO, a claim of the sender: no clock ever starts at it. */
  date: z.string().nullable(),
  /** Absent unless the sender's mail program marked the mail as important; never obeyed. */
  priority: z.literal('high').optional(),
  kind: MailKind,
  kindBecause: z.string(),
  /** Why a request is never answered though a person seems to have written it: the sign of a machine or a list it carries. */
  unanswerable: z.string().optional(),
  /** Whom a mail of ours did not reach: the failed recipient and its status (RFC 3463, "5.1.1"). Null for all but bounces. */
  bounce: z
    .object({
      recipient: z.string().nullable(),
      status: z.string().nullable(),
      diagnostic: z.string().nullable(),
      originalMessageId: z.string().nullable(),
      /** What its delivery report says was done (RFC 3464): failed, delayed, delivered, relayed, expanded. */
      action: z.string().optional(),
    })
    .nullable(),
  degraded: z.boolean(),
  degradedBecause: z.string().nullable(),
  /** The new text: quoted history and signature left out. */
  text: z.string(),
  quoted: z.string(),
  /** The decoded parts that the offsets of a field's source point into (UTF-16 units). */
  parts: z.object({ text: z.string(), html: z.string() }),
  attachments: z.array(
    z.object({
      filename: z.string(),
      contentType: z.string(),
      size: z.number().int(),
      inline: z.boolean(),
      /** Of its decoded bytes, in hex: the same file is the same wherever it comes from. Absent in older readings, as are the next two. */
      sha256: z.string().optional(),
      /** What it is by its content; `application/octet-stream` when nobody can tell. */
      sniffed: z.string().optional(),
      role: AttachmentRole.optional(),
      /** Why it is not to be opened just so; absent when nothing speaks against it. */
      dangerous: z.string().optional(),
    }),
  ),
});
export type ParsedMail = z.infer<typeof ParsedMail>;

export const FIELD_NAMES = [
  'customerEmail',
  'superadminEmail',
  'requestType',
  'reproducible',
  'product',
  'description',
  'troubleshooting',
  'zuid',
  'zoid',
  'zgid',
  'serviceOrganisationId',
] as const;
export const FieldName = z.enum(FIELD_NAMES);
export type FieldName = z.infer<typeof FieldName>;

/** Where a value was read: `part.slice(start, end)` holds it. `label` and `language` are null when no label led to it. */
export const FieldSource = z.object({
  part: z.enum(['text', 'html', 'subject']),
  start: z.number().int(),
  end: z.number().int(),
  label: z.string().nullable(),
  language: z.string().nullable(),
});
export type FieldSource = z.infer<typeof FieldSource>;

export const FieldValue = z.object({
  value: z.string(),
  confidence: z.number().min(0).max(1),
  source: FieldSource,
  /** Filled by an associate: no mail overrides it. Absent when it was read in a mail. */
  by: z.literal('associate').optional(),
});
export type FieldValue = z.infer<typeof FieldValue>;

/** What the partner's mail says, field by field; a field that was not found is absent. */
export const Enquiry = z.object({
  /** The writer's language (ISO 639-1), told apart from the language of the labels. */
  language: z.string(),
  /** Whether the support-email template was recognised (two labels or more). */
  template: z.boolean(),
  fields: z.partialRecord(FieldName, FieldValue),
  /** A second request stands below the one that was read: an associate has to look. Absent when there is none. */
  secondRequest: z.boolean().optional(),
});
export type Enquiry = z.infer<typeof Enquiry>;

/** One row of the licence directory: one subscription of one account. */
export const Subscription = z.object({
  superadminEmail: z.string(),
  domains: z.array(z.string()),
  organisation: z.string(),
  zoid: z.string(),
  country: z.string(),
  region: Region.nullable(),
  service: z.string(),
  zgid: z.string(),
  zuids: z.array(z.string()),
  licences: z.number().int().nonnegative(),
  active: z.boolean(),
});
export type Subscription = z.infer<typeof Subscription>;

export const LOOKUP_KEYS = ['superadminEmail', 'customerEmail', 'domain', 'zuid', 'zoid', 'zgid'] as const;
export const LookupKey = z.enum(LOOKUP_KEYS);
export type LookupKey = z.infer<typeof LookupKey>;

export const PartnerTier = z.enum(['authorized', 'advanced', 'premium']);
export const PartnerContract = z.enum(['valid', 'expired']);

export const Partner = z.object({
  domain: z.string(),
  name: z.string(),
  tier: PartnerTier,
  country: z.string(),
  region: Region.nullable(),
  language: z.string(),
  contract: PartnerContract,
  accountManager: z.string(),
});
export type Partner = z.infer<typeof Partner>;

export const Severity = z.enum(['S1', 'S2', 'S3']);
export type Severity = z.infer<typeof Severity>;

export const RequestNature = z.enum([
  'incident',
  'how-to',
  'feature-request',
  'product-limitation',
  'non-technical',
  'escalation',
  'feedback',
]);
export type RequestNature = z.infer<typeof RequestNature>;

/** What a decision may ask for: something is missing, or was. */
export const ASKING_KINDS = ['missing-superadmin-ask', 'missing-superadmin-note', 'superadmin-unknown'] as const;
export const AskingKind = z.enum(ASKING_KINDS);
export type AskingKind = z.infer<typeof AskingKind>;
/** A `receipt` asks for nothing: it is sent when nothing else is, where the policy wants it (outbound.yaml). */
export const REPLY_KINDS = [...ASKING_KINDS, 'receipt'] as const;
export const ReplyKind = z.enum(REPLY_KINDS);
export type ReplyKind = z.infer<typeof ReplyKind>;

export const DEADLINE_NAMES = ['firstResponse', 'determination', 'resolution'] as const;
export const DeadlineName = z.enum(DEADLINE_NAMES);
export type DeadlineName = z.infer<typeof DeadlineName>;

/** When a thing is due: `target` warns, `commitment` breaches (both ISO). */
const Due = z.object({ target: z.string(), commitment: z.string() });
export const Deadlines = z.object({
  firstResponse: Due.optional(),
  determination: Due.optional(),
  resolution: Due.optional(),
});
export type Deadlines = z.infer<typeof Deadlines>;

export const Reason = z.object({ rule: z.string(), because: z.string() });
export type Reason = z.infer<typeof Reason>;

/** The severity an associate set by hand: later decisions keep it until it is taken back. */
export const SeverityOverride = z.object({
  severity: Severity,
  by: z.string(),
  at: z.string(),
  because: z.string(),
});
export type SeverityOverride = z.infer<typeof SeverityOverride>;

/** When the licence directory was asked and answered (ISO), and how old its data were then. Null: it was not, or did not. */
export const DirectoryFreshness = z.object({
  askedAt: z.string().nullable(),
  answeredAt: z.string().nullable(),
  ageSeconds: z.number().int().nonnegative().nullable(),
});
export type DirectoryFreshness = z.infer<typeof DirectoryFreshness>;

/** What was decided on one enquiry, why, and under which policy (its hash). */
export const Decision = z.object({
  severity: Severity.nullable(),
  priorityCustomer: z.boolean(),
  provisional: z.boolean(),
  requestNature: RequestNature,
  slaApplies: z.boolean(),
  account: z
    .object({
      superadminEmail: z.string(),
      licences: z.number().int(),
      service: z.string().nullable(),
      region: Region.nullable(),
      matchedBy: LookupKey,
    })
    .nullable(),
  region: Region,
  regionFrom: z.enum(['customer', 'partner', 'default']),
  /** ISO 3166-1, of the side the region is from. */
  country: z.string().nullable().optional(),
  threshold: z.number().int(),
  mailbox: z.object({ used: MailboxName, expected: MailboxName }),
  /** `channels` and `contract` are absent in decisions older than them, as are the optional keys below. */
  partner: z
    .object({
      name: z.string(),
      tier: z.string(),
      verified: z.boolean(),
      contract: PartnerContract.optional(),
      channels: z.array(z.string()).optional(),
    })
    .nullable(),
  /** Only to partners whose contract allows it. */
  escalationOffered: z.boolean().optional(),
  directory: DirectoryFreshness.optional(),
  override: SeverityOverride.optional(),
  missing: z.array(FieldName),
  reply: AskingKind.nullable(),
  tags: z.array(z.string()),
  reasons: z.array(Reason),
  deadlines: Deadlines,
  /** Whose working days the deadlines count, and whether weekends are among them. Absent in decisions older than this. */
  workingTime: z.object({ region: Region, weekendsCount: z.boolean() }).optional(),
  policy: z.string(),
});
export type Decision = z.infer<typeof Decision>;

/** How every mail ends (I3); `received` and `parsed` are on the way there. */
export const MailState = z.enum(['received', 'parsed', 'ticketed', 'appended', 'suppressed', 'quarantined']);
export type MailState = z.infer<typeof MailState>;

export const ReplyState = z.enum(['intended', 'sending', 'sent', 'held', 'failed']);
export type ReplyState = z.infer<typeof ReplyState>;

/** The header that marks every mail of ours; a mail that carries it is never answered. */
export const LOOP_HEADER = 'X-Partner-Intake-Loop';

/** What stands in the place of an address that was erased ends so; no mail ever goes there (RFC 2606). */
export const ERASED_DOMAIN = 'erased.invalid';

/** Who did a thing in a ticket's history. */
export const Actor = z.enum(['daemon', 'associate', 'partner']);
export type Actor = z.infer<typeof Actor>;
