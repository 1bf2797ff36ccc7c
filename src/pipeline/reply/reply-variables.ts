/** What reply templates may use, by name: kinds of value, and the kinds of reply they belong to. */
import { ASKING_KINDS, type ReplyKind } from '../../model.ts';

/** What a template may use. `text` can be printed, `flag` only tested, a list only walked: its items have these names. */
export const SHAPES = {
  ticketNumber: 'text',
  /** The partner's subject without "Re:"; empty when there was none. */
  subject: 'text',
  /** Who signs: the mailbox's name. */
  team: 'text',
  understood: ['label', 'value'],
  /** What is missing, as the classifier says. */
  missing: ['label'],
  /** Lines to copy and fill: the super admin's address first, then what else is missing. */
  blank: ['label'],
  /** Other data an account can be found by, which the partner has not given. */
  alternatives: ['label'],
  /** Other data were given, and no account was found by them. */
  lookedUp: 'flag',
  /** Hours within which large user accounts get a first response. */
  responseFrom: 'text',
  responseTo: 'text',
  wrongMailbox: 'flag',
  usedAddress: 'text',
  expectedAddress: 'text',
  helpCentre: 'text',
  store: 'text',
  /** By what the account was found: the label of the partner's own field, or the domain. */
  matchedBy: 'text',
  byDomain: 'flag',
  /** The super admin's address as the partner gave it. */
  superadmin: 'text',
  /** S1, S2 or S3; empty where none is told. */
  severity: 'text',
  /** By when there will be a first response, in the reply's language; empty where nothing is promised. */
  respondBy: 'text',
  /** The zone of that time, by name. */
  timeZone: 'text',
  /** Why that severity: one of these. */
  largeAccount: 'flag',
  impactCritical: 'flag',
  impactModerate: 'flag',
  impactMinor: 'flag',
  howTo: 'flag',
  partnerOperations: 'flag',
  /** The partner's own words that decided; only with one of the impacts. */
  decidedBy: ['words'],
  /** Why no time is promised. */
  exempt: 'flag',
  featureRequest: 'flag',
  productLimitation: 'flag',
} as const;
type Shapes = typeof SHAPES;
export type Name = keyof Shapes;
export type Shape = 'text' | 'flag' | readonly string[];

/** Everything a template may use, with placeholders for values. */
export type ReplyView = {
  readonly [N in Name]: Shapes[N] extends 'text'
    ? string
    : Shapes[N] extends 'flag'
      ? boolean
      : Shapes[N] extends readonly (infer Key extends string)[]
        ? readonly Readonly<Record<Key, string>>[]
        : never;
};

/** Variables that belong to some kinds of reply: elsewhere they would be empty, or tell what the sender must not learn. */
const ONLY_IN: Partial<Record<Name, readonly ReplyKind[]>> = {
  missing: ASKING_KINDS,
  blank: ASKING_KINDS,
  alternatives: ASKING_KINDS,
  lookedUp: ['missing-superadmin-ask'],
  responseFrom: ASKING_KINDS,
  responseTo: ASKING_KINDS,
  matchedBy: ['missing-superadmin-note'],
  byDomain: ['missing-superadmin-note'],
  superadmin: ['superadmin-unknown'],
  severity: ['receipt'],
  respondBy: ['receipt'],
  timeZone: ['receipt'],
  largeAccount: ['receipt'],
  impactCritical: ['receipt'],
  impactModerate: ['receipt'],
  impactMinor: ['receipt'],
  howTo: ['receipt'],
  partnerOperations: ['receipt'],
  decidedBy: ['receipt'],
  exempt: ['receipt'],
  featureRequest: ['receipt'],
  productLimitation: ['receipt'],
};

/** Whether a template of that kind may use the name. */
export const isIn = (kind: ReplyKind, name: Name): boolean => ONLY_IN[name]?.includes(kind) ?? true;

/** Without these a reply would not do its work. */
export const ESSENTIAL: Readonly<Record<ReplyKind, readonly Name[]>> = {
  'missing-superadmin-ask': ['ticketNumber', 'missing', 'blank', 'understood', 'expectedAddress', 'helpCentre'],
  'missing-superadmin-note': ['ticketNumber', 'blank', 'understood', 'expectedAddress', 'helpCentre'],
  'superadmin-unknown': ['ticketNumber', 'superadmin', 'blank', 'understood', 'expectedAddress', 'helpCentre'],
  receipt: ['ticketNumber', 'severity', 'respondBy', 'timeZone', 'understood', 'expectedAddress', 'helpCentre'],
};
