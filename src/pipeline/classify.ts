/** The decision on one enquiry: a pure function of the mail, the directory's answer, the partner register's answer and the policy. */
import type { Decision, Enquiry, MailboxName, MailKind, Partner, Reason, Region, ReplyKind } from '../model.ts';
import type { Policy } from '../policy.ts';
import { deadlinesFor } from './deadlines.ts';
import { type Account, type DirectoryAnswer, type Identification, identify } from './identify.ts';
import { impactOf, natureOf, WEEKEND_RULE } from './impact.ts';

export type ClassifyInput = {
  readonly mail: {
    readonly kind: MailKind;
    readonly kindBecause: string;
    readonly subject: string;
    readonly text: string;
  };
  readonly enquiry: Enquiry;
  readonly mailbox: MailboxName;
  /** The server's arrival time: the clock starts here, never at the Date header. */
  readonly arrivedAt: Date;
  readonly directory: DirectoryAnswer;
  readonly partner: Partner | null;
};

/** Decides; every rule that had a say leaves its reason. */
export function classify(input: ClassifyInput, policy: Policy): Decision {
  const identification = identify(input.enquiry, input.directory, policy);
  const place = placeOf(identification.account, input.partner, input.mailbox, policy);
  const region = policy.regions.regions[place.region];
  const licences = countLicences(identification.account, input.enquiry, place.region, policy);
  const statement = { ...input.mail, enquiry: input.enquiry };
  const nature = natureOf(statement, policy);
  const impact = impactOf(statement, nature.nature, policy);
  const isRequest = input.mail.kind === 'request';
  const severity = severityOf({ isRequest, large: licences.large, nature: nature.nature, impact: impact.severity });
  const slaApplies = isRequest && severity.value !== null && !policy.commitment.exempt.includes(nature.nature);
  const expected = input.partner ? policy.regions.regions[place.partnerRegion ?? place.region].mailbox : input.mailbox;
  const reply = isRequest ? replyFor(identification) : null;

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
    threshold: region.licences,
    mailbox: { used: input.mailbox, expected },
    partner: input.partner && { name: input.partner.name, tier: input.partner.tier, verified: true },
    missing: isRequest ? [...identification.missing] : [],
    reply,
    tags: [
      ...identification.tags,
      ...licences.tags,
      ...(input.partner ? [] : ['partner-unverified']),
      ...(expected === input.mailbox ? [] : ['wrong-mailbox']),
      ...(nature.nature === 'non-technical' ? ['partner-operations'] : []),
      ...(nature.nature === 'feature-request' ? ['feature-request'] : []),
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
      ...mailboxReasons(input, expected, policy),
      ...(slaApplies || !isRequest
        ? []
        : [{ rule: 'commitment.exempt', because: `${nature.nature}: exempt from the commitment` }]),
      ...(reply ? [{ rule: `replies.${reply}`, because: replyBecause[reply] }] : []),
    ],
    deadlines:
      slaApplies && severity.value
        ? deadlinesFor(
            {
              arrivedAt: input.arrivedAt,
              severity: severity.value,
              zone: zoneFor(place, policy),
              largeAccount: licences.large,
              weekendsCount: impact.weekendsCount,
            },
            policy,
          )
        : {},
    policy: policy.hash,
  };
}

type Place = {
  readonly region: Region;
  readonly from: Decision['regionFrom'];
  readonly customerRegion: Region | null;
  readonly partnerRegion: Region | null;
  readonly reason: Reason;
};

/** The region is the customer's; where unknown, the partner's; else the mailbox's default (decided in the domain). */
function placeOf(account: Account | null, partner: Partner | null, mailbox: MailboxName, policy: Policy): Place {
  // A directory may say anything for a country: "constructor" is no entry of the policy's list, though an object has it.
  const { countries } = policy.regions;
  const regionOf = (one: { region: Region | null; country: string } | undefined | null): Region | null =>
    one ? (one.region ?? (Object.hasOwn(countries, one.country) ? (countries[one.country] ?? null) : null)) : null;
  const customerRegion = account?.subscriptions.map(regionOf).find((region) => region !== null) ?? null;
  const partnerRegion = regionOf(partner);
  const place = { customerRegion, partnerRegion };
  if (customerRegion) {
    return {
      ...place,
      region: customerRegion,
      from: 'customer',
      reason: { rule: 'regions.customer', because: `the customer's account is in ${customerRegion}` },
    };
  }
  if (partnerRegion) {
    return {
      ...place,
      region: partnerRegion,
      from: 'partner',
      reason: {
        rule: 'regions.partner',
        because: `the customer's region is unknown; the partner is in ${partnerRegion}`,
      },
    };
  }
  const region = policy.regions.default[mailbox];
  return {
    ...place,
    region,
    from: 'default',
    reason: {
      rule: `regions.default.${mailbox}`,
      because: `neither the customer's nor the partner's region is known: ${region}`,
    },
  };
}

/** The commitment runs in the zone of the partner's region (decided in the domain). */
const zoneFor = (place: Place, policy: Policy): string =>
  policy.regions.regions[place.partnerRegion ?? place.region].zone;

type Licences = { count: number; service: string | null; large: boolean; tags: string[]; reasons: Reason[] };

/** Licences of active, eligible subscriptions against the region's threshold. */
function countLicences(account: Account | null, enquiry: Enquiry, region: Region, policy: Policy): Licences {
  if (!account) return { count: 0, service: null, large: false, tags: [], reasons: [] };
  const excluded = new Set(policy.services.excluded.map((service) => service.name));
  const counted = account.subscriptions.filter((one) => one.active && !excluded.has(one.service));
  const largest = counted.toSorted((a, b) => b.licences - a.licences)[0];
  const count =
    policy.regions.count === 'max' ? (largest?.licences ?? 0) : counted.reduce((sum, one) => sum + one.licences, 0);
  const { licences: threshold, ambiguous } = policy.regions.regions[region];
  const reaches = count >= threshold;
  const reasons: Reason[] = [
    { rule: `regions.${region}.licences`, because: `${count} ${reaches ? '>=' : '<'} ${threshold}` },
  ];
  const left = account.subscriptions.filter((one) => !one.active || excluded.has(one.service));
  if (left.length > 0) {
    const what = left.map((one) => `${one.service} (${one.active ? 'excluded service' : 'inactive'})`).join(', ');
    reasons.push({ rule: 'services.excluded', because: `not counted: ${what}` });
  }
  const tags: string[] = [];
  if (ambiguous && count >= ambiguous.from && count <= ambiguous.to) {
    tags.push(ambiguous.tag);
    reasons.push({
      rule: `regions.${region}.ambiguous`,
      because: `${count} lies between ${ambiguous.from} and ${ambiguous.to}, where the published rules disagree; the table counts`,
    });
  }
  const product = enquiry.fields.product?.value;
  if (product && excluded.has(product)) {
    reasons.push({ rule: 'services.excluded', because: `the request is about ${product}: no priority treatment` });
    return { count, service: largest?.service ?? null, large: false, tags: [...tags, 'excluded-service'], reasons };
  }
  return { count, service: largest?.service ?? null, large: reaches, tags, reasons };
}

function severityOf(input: {
  isRequest: boolean;
  large: boolean;
  nature: Decision['requestNature'];
  impact: 'S1' | 'S2' | 'S3';
}): {
  value: Decision['severity'];
  byImpact: boolean;
  reasons: Reason[];
} {
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

function mailboxReasons(input: ClassifyInput, expected: MailboxName, policy: Policy): Reason[] {
  const reasons: Reason[] = [];
  if (!input.partner)
    reasons.push({ rule: 'partners.unverified', because: "the sender's domain is not in the partner register" });
  if (expected !== input.mailbox) {
    reasons.push({
      rule: 'mailboxes.expected',
      because: `the partner's mailbox is ${policy.mailboxes.mailboxes[expected].address}`,
    });
  }
  return reasons;
}

/** DOMAIN "When is the super admin's address missing?". While the directory cannot be asked, only a missing address is certain: nothing is said yet. */
function replyFor(identification: Identification): ReplyKind | null {
  if (identification.tags.includes('directory-unreachable')) return null;
  if (identification.superadmin === 'given-unknown') return 'superadmin-unknown';
  if (identification.superadmin === 'given') return null;
  return identification.account ? 'missing-superadmin-note' : 'missing-superadmin-ask';
}

const replyBecause: Readonly<Record<ReplyKind, string>> = {
  'missing-superadmin-ask': "the super admin's address is missing and no account was found",
  'missing-superadmin-note': "the super admin's address is missing; the account was found without it this time",
  'superadmin-unknown': "the super admin's address that was given is not in the licence directory",
};
