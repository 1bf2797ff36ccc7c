/** The decision on one enquiry: a pure function of the mail, the directory's answer, the partner register's answer and the policy. */
import type {
  AskingKind,
  Decision,
  Enquiry,
  MailboxName,
  MailKind,
  Partner,
  Reason,
  SeverityOverride,
} from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { calendarFor, deadlinesFor } from '../clock/deadlines.ts';
import { type Account, type DirectoryAnswer, type Identification, identify } from './identify.ts';
import { impactOf, natureOf, WEEKEND_RULE } from './impact.ts';
import { countLicences } from './large-account.ts';
import { termsOf } from './partner-terms.ts';
import { clockRegionOf, mailboxOf, placeOf } from './place.ts';

export type ClassifyInput = {
  readonly mail: {
    readonly kind: MailKind;
    readonly kindBecause: string;
    readonly subject: string;
    readonly text: string;
    /** The sender marked the mail as important. */
    readonly priority?: 'high' | undefined;
  };
  readonly enquiry: Enquiry;
  readonly mailbox: MailboxName;
  /** The server's arrival time: the clock starts here, never at the Date header. */
  readonly arrivedAt: Date;
  readonly directory: DirectoryAnswer;
  /** The ticket's account so far, which counts while the directory cannot be asked. */
  readonly keptAccount?: Account | null | undefined;
  readonly partner: Partner | null;
  /** The severity an associate set: it counts whatever the rules say. */
  readonly override?: SeverityOverride | undefined;
};

/** Decides; every rule that had a say leaves its reason. */
export function classify(input: ClassifyInput, policy: Policy): Decision {
  const identification = identify(input.enquiry, input.directory, policy, input.keptAccount);
  const place = placeOf(identification.account, input.partner, input.mailbox, policy);
  const region = policy.regions.regions[place.region];
  const statement = { ...input.mail, enquiry: input.enquiry };
  const licences = countLicences(identification.account, statement, place.region, policy);
  const nature = natureOf(statement, policy);
  const impact = impactOf(statement, nature.nature, policy);
  const isRequest = input.mail.kind === 'request';
  const byRules = severityOf({ isRequest, large: licences.large, nature: nature.nature, impact: impact.severity });
  const override = isRequest ? input.override : undefined;
  const severity = override ? overridden(byRules, override) : byRules;
  const slaApplies = isRequest && severity.value !== null && !policy.commitment.exempt.includes(nature.nature);
  const expected = mailboxOf(place, input.mailbox, policy);
  const terms = termsOf(input.partner, policy);
  const reply = isRequest ? replyFor(identification) : null;
  const workingTime = { region: clockRegionOf(place, policy), weekendsCount: impact.weekendsCount };

  return {
    severity: severity.value,
    priorityCustomer: isRequest && licences.large,
    provisional: isRequest && identification.account === null,
    requestNature: nature.nature,
    slaApplies,
    account: identification.account && {
      superadminEmail: identification.account.superadminEmail,
      licences: licences.count,
      service: licences.service,
      region: place.customerRegion,
      matchedBy: identification.account.matchedBy,
    },
    region: place.region,
    regionFrom: place.from,
    country: place.country,
    threshold: region.licences,
    mailbox: { used: input.mailbox, expected },
    partner: terms.partner,
    escalationOffered: terms.escalationOffered,
    directory: input.directory.freshness ?? { askedAt: null, answeredAt: null, ageSeconds: null },
    ...(override ? { override } : {}),
    missing: isRequest ? [...identification.missing] : [],
    reply,
    tags: [
      ...identification.tags,
      ...licences.tags,
      ...terms.tags,
      ...(expected === input.mailbox ? [] : ['wrong-mailbox']),
      ...nature.tags,
      ...(input.enquiry.secondRequest ? ['second-request'] : []),
    ],
    reasons: [
      ...(isRequest ? [] : [{ rule: `kind.${input.mail.kind}`, because: input.mail.kindBecause }]),
      ...identification.reasons,
      place.reason,
      ...licences.reasons,
      ...nature.reasons,
      ...severity.reasons,
      ...impact.reasons.filter((reason) => severity.byImpact || (slaApplies && reason.rule === WEEKEND_RULE)),
      ...terms.reasons,
      ...(expected === input.mailbox
        ? []
        : [
            {
              rule: 'mailboxes.expected',
              because: `the partner's mailbox is ${policy.mailboxes.mailboxes[expected].address}`,
            },
          ]),
      ...(slaApplies || !isRequest ? [] : [exemption(nature.nature, policy)]),
      ...(reply ? [{ rule: `replies.${reply}`, because: replyBecause[reply] }] : []),
    ],
    deadlines:
      slaApplies && severity.value
        ? deadlinesFor(
            {
              arrivedAt: input.arrivedAt,
              severity: severity.value,
              calendar: calendarFor(workingTime.region, workingTime.weekendsCount, policy),
              largeAccount: licences.large,
            },
            policy,
          )
        : {},
    workingTime,
    policy: policy.hash,
  };
}

/** Why nothing is promised: the list names the nature, or there is no severity for which anything is. */
function exemption(nature: Decision['requestNature'], { commitment }: Policy): Reason {
  if (commitment.exempt.includes(nature))
    return { rule: 'commitment.exempt', because: `${nature}: exempt from the commitment` };
  return { rule: 'commitment.severities', because: `${nature}: no severity, so no time is promised` };
}

type ChosenSeverity = { value: Decision['severity']; byImpact: boolean; reasons: Reason[] };

/** An associate's word outweighs the rules; what they would have said stays among the reasons. */
function overridden(byRules: ChosenSeverity, { severity, by, because }: SeverityOverride): ChosenSeverity {
  const said = `${by} set ${severity}: ${because}; the rules say ${byRules.value ?? 'no severity'}`;
  return { ...byRules, value: severity, reasons: [{ rule: 'severity.override', because: said }, ...byRules.reasons] };
}

function severityOf(input: {
  isRequest: boolean;
  large: boolean;
  nature: Decision['requestNature'];
  impact: 'S1' | 'S2' | 'S3';
}): ChosenSeverity {
  if (!input.isRequest) return { value: null, byImpact: false, reasons: [] };
  if (input.large)
    return {
      value: 'S1',
      byImpact: false,
      reasons: [{ rule: 'severity.large-account', because: 'every large user account is S1' }],
    };
  if (input.nature === 'non-technical') {
    return {
      value: null,
      byImpact: false,
      reasons: [{ rule: 'severity.non-technical', because: 'belongs to Partner Operations, not to S1-S3 by impact' }],
    };
  }
  return { value: input.impact, byImpact: true, reasons: [] };
}

/** DOMAIN "When is the super admin's address missing?". While the directory cannot be asked, only a missing address is certain: nothing is said yet. */
function replyFor(identification: Identification): AskingKind | null {
  if (identification.tags.includes('directory-unreachable')) return null;
  if (identification.superadmin === 'given-unknown') return 'superadmin-unknown';
  if (identification.superadmin === 'given') return null;
  return identification.account ? 'missing-superadmin-note' : 'missing-superadmin-ask';
}

const replyBecause: Readonly<Record<AskingKind, string>> = {
  'missing-superadmin-ask': "the super admin's address is missing and no account was found",
  'missing-superadmin-note': "the super admin's address is missing; the account was found without it this time",
  'superadmin-unknown': "the super admin's address that was given is not in the licence directory",
};
