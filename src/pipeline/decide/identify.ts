/** Whose account is this about: which keys to ask the licence directory for, and what its answers mean. */
import type {
  DirectoryFreshness,
  Enquiry,
  FieldName,
  FieldValue,
  LookupKey,
  Reason,
  Subscription,
} from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { byHandBecause, handOf, isKeySetByHand, unknownByHand } from './by-hand.ts';

export type Lookup = { readonly key: LookupKey; readonly value: string };
export type Answer = Lookup & { readonly rows: readonly Subscription[] };
/** What the directory said; `reachable: false` when it could not be asked, which is not "no licences". */
export type DirectoryAnswer = {
  readonly reachable: boolean;
  readonly answers: readonly Answer[];
  /** When it answered, and from how old data: kept on the decision. */
  readonly freshness?: DirectoryFreshness;
};

export type Account = {
  readonly superadminEmail: string;
  readonly subscriptions: readonly Subscription[];
  readonly matchedBy: LookupKey;
};

export type Identification = {
  readonly account: Account | null;
  /** Whether the partner gave the super admin's address. */
  readonly superadmin: 'given' | 'given-unknown' | 'missing';
  readonly missing: readonly FieldName[];
  readonly tags: readonly string[];
  readonly reasons: readonly Reason[];
};

/**
 * An address read with less certainty finds no account by its domain: the first stranger in a text (0.65 in prose.ts) may be anybody.
 * One that a label names, or the sender of a forwarded mail, is above.
 */
const CERTAIN_ENOUGH_FOR_DOMAIN = 0.66;

/** The domain of a mail address, lower case; empty when there is none. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/**
 * What to ask the directory, in the order in which an answer counts (DOMAIN: super admin, customer, domain, ZUID, ZOID, ZGID).
 * The partner's own domain never stands for the customer's, nor does that of a public mail service or of an address that is a guess.
 */
export function lookupsFor(enquiry: Enquiry, partnerDomain: string | null, policy: Policy): Lookup[] {
  const { fields } = enquiry;
  const lookups: Lookup[] = [];
  const ask = (key: LookupKey, value: string | undefined): void => {
    if (value && !lookups.some((one) => one.key === key && one.value === value)) lookups.push({ key, value });
  };
  ask('superadminEmail', fields.superadminEmail?.value);
  ask('customerEmail', fields.customerEmail?.value);
  for (const address of [fields.customerEmail, fields.superadminEmail]) {
    if (!address || isGuess(address)) continue;
    const domain = domainOf(address.value);
    if (domain !== partnerDomain && !policy.identification.genericDomains.includes(domain)) ask('domain', domain);
  }
  ask('zuid', fields.zuid?.value);
  ask('zoid', fields.zoid?.value);
  ask('zgid', fields.zgid?.value);
  // "Service organisation id" may be either; nobody can tell by its shape.
  ask('zoid', fields.serviceOrganisationId?.value);
  ask('zgid', fields.serviceOrganisationId?.value);
  return lookups;
}

const isGuess = ({ confidence }: FieldValue): boolean => confidence < CERTAIN_ENOUGH_FOR_DOMAIN;

/** Says of the customer's address why its domain was not asked for; nothing when it was, or never would have been. */
function guessedDomain({ fields }: Enquiry, policy: Policy): Reason[] {
  const address = fields.customerEmail;
  const domain = domainOf(address?.value ?? '');
  if (!address || !isGuess(address) || policy.identification.genericDomains.includes(domain)) return [];
  const other = fields.superadminEmail;
  if (other && !isGuess(other) && domainOf(other.value) === domain) return [];
  return [
    {
      rule: 'identification.domain-guessed',
      because: `no label names ${address.value} (confidence ${address.confidence}): no match by the domain ${domain}`,
    },
  ];
}

/**
 * What the answers say of the account. Pure: the same answers give the same account.
 * @param kept the account known before, which counts while the directory does not answer.
 */
export function identify(
  enquiry: Enquiry,
  directory: DirectoryAnswer,
  policy: Policy,
  kept: Account | null = null,
): Identification {
  if (!directory.reachable) return unanswered(enquiry, kept);
  const identified = byAnswers(enquiry, directory, policy);
  return { ...identified, reasons: [...identified.reasons, ...unknownByHand(enquiry, directory.answers)] };
}

function unanswered(enquiry: Enquiry, kept: Account | null): Identification {
  const given = enquiry.fields.superadminEmail?.value;
  const conflict = kept && isKeySetByHand(enquiry) ? otherSuperadmin(given, kept) : [];
  const still = kept ? `: the account it named last, ${kept.superadminEmail}'s, is kept;` : ':';
  return {
    account: kept,
    superadmin: given ? 'given' : 'missing',
    missing: given ? [] : ['superadminEmail'],
    tags: ['directory-unreachable', ...conflict.map(() => 'superadmin-conflict')],
    reasons: [
      {
        rule: 'identification.directory-unreachable',
        because: `the licence directory did not answer${still} decided again when it does`,
      },
      ...conflict,
    ],
  };
}

function byAnswers(enquiry: Enquiry, directory: DirectoryAnswer, policy: Policy): Identification {
  const given = enquiry.fields.superadminEmail?.value;
  const matches = directory.answers.filter((answer) => answer.rows.length > 0).map(matchOf);
  const byKey = (key: LookupKey): Match | undefined => matches.find((match) => match.key === key);

  const known = byKey('superadminEmail');
  const byHand = matches.find((match) => match.account && handOf(enquiry, match));
  const hand = byHand && handOf(enquiry, byHand);
  if (byHand?.account && hand && !(known?.account && enquiry.fields.superadminEmail?.by)) {
    const result = found(byHand.account, !given ? 'missing' : known?.account ? 'given' : 'given-unknown', byHand);
    const because = byHandBecause(hand, byHand);
    const conflict = otherSuperadmin(given, byHand.account);
    return {
      ...result,
      tags: [...result.tags, ...conflict.map(() => 'superadmin-conflict')],
      reasons: [{ rule: 'identification.by-hand', because }, ...conflict, ...result.reasons],
    };
  }
  if (given && known?.account) return found(known.account, 'given', known);
  const customer = byKey('customerEmail');
  if (customer?.account) {
    const result = found(customer.account, given ? 'given-unknown' : 'given', customer);
    if (!given) return result;
    const unknown = unknownSuperadmin(given);
    return { ...result, tags: unknown.tags, reasons: [...unknown.reasons, ...result.reasons] };
  }
  if (given && policy.identification.unknownSuperadmin === 'provisional') return unknownSuperadmin(given);

  const { match, tags, ...best } = bestOf(matches);
  const notes = [...guessedDomain(enquiry, policy), ...best.notes];
  if (given) {
    const rest = unknownSuperadmin(given);
    return {
      ...rest,
      account: match?.account ?? null,
      tags: [...rest.tags, ...tags],
      reasons: [...rest.reasons, ...notes],
    };
  }
  if (match?.account) {
    const result = found(match.account, 'missing', match);
    return { ...result, tags, reasons: [...notes, ...result.reasons] };
  }
  const asked = directory.answers.map(({ key, value }) => `${key} ${value}`).join(', ') || 'no key was given';
  return {
    account: null,
    superadmin: 'missing',
    missing: ['superadminEmail'],
    tags,
    reasons: [...notes, { rule: 'identification.nothing-found', because: `the directory knows none of: ${asked}` }],
  };
}

/** The super admin who was named is not the one of the account an associate named: somebody has to look. */
function otherSuperadmin(given: string | undefined, { superadminEmail }: Account): Reason[] {
  if (given === undefined || given.toLowerCase() === superadminEmail.toLowerCase()) return [];
  const because = `${given} was named as the super admin, the account set by hand is ${superadminEmail}'s: that counts`;
  return [{ rule: 'identification.superadmin-conflict', because }];
}

type Match = Lookup & { readonly account: Account | null; readonly accounts: number };

function matchOf(answer: Answer): Match {
  const owners = new Set(answer.rows.map((row) => row.superadminEmail));
  const [owner] = owners;
  const account =
    owners.size === 1 && owner !== undefined
      ? { superadminEmail: owner, subscriptions: answer.rows, matchedBy: answer.key }
      : null;
  return { key: answer.key, value: answer.value, account, accounts: owners.size };
}

/** The first unambiguous match; an id the partner named outweighs a domain that points elsewhere. */
function bestOf(matches: readonly Match[]): { match: Match | undefined; notes: Reason[]; tags: string[] } {
  const notes: Reason[] = [];
  const tags: string[] = [];
  const domain = matches.find((match) => match.key === 'domain');
  if (domain && !domain.account) {
    tags.push('domain-ambiguous');
    notes.push({
      rule: 'identification.domain-ambiguous',
      because: `${domain.accounts} accounts share the domain ${domain.value}: no match by domain`,
    });
  }
  const byId = matches.find((match) => match.account && ['zuid', 'zoid', 'zgid'].includes(match.key));
  if (domain?.account && byId?.account && byId.account.superadminEmail !== domain.account.superadminEmail) {
    tags.push('account-conflict');
    notes.push({
      rule: 'identification.account-conflict',
      because: `${byId.key} ${byId.value} and domain ${domain.value} belong to different accounts: the id counts`,
    });
    return { match: byId, notes, tags };
  }
  return { match: matches.find((match) => match.account && match.key !== 'superadminEmail'), notes, tags };
}

function found(account: Account, superadmin: Identification['superadmin'], match: Match): Identification {
  return {
    account,
    superadmin,
    missing: superadmin === 'missing' ? ['superadminEmail'] : [],
    tags: [],
    reasons: [
      {
        rule: `identification.${match.key}`,
        because: `${match.key} ${match.value} belongs to one account of the directory`,
      },
    ],
  };
}

function unknownSuperadmin(given: string): Identification {
  return {
    account: null,
    superadmin: 'given-unknown',
    missing: [],
    tags: ['superadmin-unknown'],
    reasons: [
      { rule: 'identification.superadmin-unknown', because: `the directory does not know ${given} as a super admin` },
    ],
  };
}
