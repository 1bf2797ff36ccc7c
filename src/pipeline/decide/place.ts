/** Where a request belongs: the region whose rules count, the zone of its clock, the mailbox it should have come to. */
import type { Decision, MailboxName, Partner, Reason, Region, Subscription } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import type { Account } from './identify.ts';
import { countedBy } from './large-account.ts';

export type Place = {
  readonly region: Region;
  readonly from: Decision['regionFrom'];
  readonly customerRegion: Region | null;
  readonly partnerRegion: Region | null;
  /** Of the side the region is from; null where nothing is known: which of a region's people are told. */
  readonly country: string | null;
  readonly reason: Reason;
};

type Whose = Policy['regions']['whose']['region'];
type Side = 'customer' | 'partner';

const SIDES: Readonly<Record<Whose, readonly [Side, Side]>> = {
  'customer-then-partner': ['customer', 'partner'],
  'partner-then-customer': ['partner', 'customer'],
};

/** The first region that is known in the policy's order (decided in the domain: the customer's, then the partner's), else the mailbox's default. */
export function placeOf(account: Account | null, partner: Partner | null, mailbox: MailboxName, policy: Policy): Place {
  const customer = account && rowOfPlace(account, policy);
  const sides = { customer, partner };
  const regions = { customer: customer && regionOf(customer, policy), partner: partner && regionOf(partner, policy) };
  const place = { customerRegion: regions.customer, partnerRegion: regions.partner };
  const [first, second] = SIDES[policy.regions.whose.region];
  const from = [first, second].find((side) => regions[side] !== null);
  const region = from && regions[from];
  const country = (from && sides[from]?.country) || null;
  if (!from || !region) {
    const fallback = policy.regions.default[mailbox];
    const because = `neither the customer's nor the partner's region is known: ${fallback}`;
    return {
      ...place,
      region: fallback,
      country,
      from: 'default',
      reason: { rule: `regions.default.${mailbox}`, because },
    };
  }
  const is = from === 'customer' ? `the customer's account is in ${region}` : `the partner is in ${region}`;
  const because = from === first ? is : `the ${first}'s region is unknown; ${is}`;
  return { ...place, region, country, from, reason: { rule: `regions.${from}`, because } };
}

/**
 * Which of an account's subscriptions says where the customer is: one that counts, of these the largest, before any that is
 * active, before any. Never the order of the rows: of two that weigh the same, that with the lower threshold.
 */
function rowOfPlace({ subscriptions }: Account, policy: Policy): Subscription | null {
  const counts = countedBy(policy);
  const placed = subscriptions.flatMap((one) => {
    const region = regionOf(one, policy);
    if (region === null) return [];
    const rank = counts(one) ? 2 : one.active ? 1 : 0;
    return [{ one, rank, threshold: policy.regions.regions[region].licences, name: `${region} ${one.country}` }];
  });
  const [first] = placed.toSorted(
    (a, b) =>
      b.rank - a.rank ||
      b.one.licences - a.one.licences ||
      a.threshold - b.threshold ||
      (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
  return first?.one ?? null;
}

/** The region whose zone and holidays the commitment runs in (decided in the domain: the partner's). */
export function clockRegionOf(place: Place, policy: Policy): Region {
  const regions = { customer: place.customerRegion, partner: place.partnerRegion };
  const [first, second] = SIDES[policy.regions.whose.zone];
  return regions[first] ?? regions[second] ?? place.region;
}

/** The mailbox of the place the partner is in; of a partner nobody can place, and of a stranger, no mailbox is the wrong one. */
export const mailboxOf = ({ partnerRegion }: Place, used: MailboxName, policy: Policy): MailboxName =>
  partnerRegion ? policy.regions.regions[partnerRegion].mailbox : used;

function regionOf(one: { region: Region | null; country: string }, { regions: { countries } }: Policy): Region | null {
  // A directory may say anything for a country: "constructor" is no entry of the policy's list, though an object has it.
  return one.region ?? (Object.hasOwn(countries, one.country) ? (countries[one.country] ?? null) : null);
}
