/** Whether an account is large: the licences of its eligible subscriptions against the threshold of its region (DOMAIN, priority support). */
import type { Enquiry, Reason, Region, Subscription } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { compileProducts, findProduct, type ProductIndex } from '../extract/products.ts';
import type { Account } from './identify.ts';

export type Licences = {
  readonly count: number;
  /** The subscription with the most licences: of an account without any that counts, none. */
  readonly service: string | null;
  readonly large: boolean;
  readonly tags: readonly string[];
  readonly reasons: readonly Reason[];
};

/** Licences of subscriptions that count against the region's threshold; a request about an excluded service gets no priority. */
export function countLicences(account: Account | null, enquiry: Enquiry, region: Region, policy: Policy): Licences {
  if (!account) return { count: 0, service: null, large: false, tags: [], reasons: [] };
  const isExcluded = excludedBy(policy);
  const counts = (one: Subscription) => (one.active || policy.regions.countInactive) && !isExcluded(one.service);
  const counted = account.subscriptions.filter(counts);
  const largest = counted.toSorted((a, b) => b.licences - a.licences)[0];
  const sum = counted.reduce((total, one) => total + one.licences, 0);
  const count = policy.regions.count === 'max' ? (largest?.licences ?? 0) : sum;
  const reached = against(count, region, policy);
  const left = account.subscriptions.filter((one) => !counts(one));
  const excludedOnes = left.filter((one) => isExcluded(one.service));
  const inactiveOnes = left.filter((one) => !isExcluded(one.service));
  const ambiguous = ambiguity(count, region, policy);
  const product = enquiry.fields.product?.value;
  const excluded = product !== undefined && isExcluded(product);
  return {
    count,
    service: largest?.service ?? null,
    large: reached.large && !excluded,
    tags: [...ambiguous.map(({ tag }) => tag), ...(excluded ? ['excluded-service'] : [])],
    reasons: [
      reached.reason,
      ...notCounted('services.excluded', excludedOnes, 'excluded service'),
      ...notCounted('regions.countInactive', inactiveOnes, 'inactive'),
      ...ambiguous.map(({ reason }) => reason),
      ...(excluded
        ? [{ rule: 'services.excluded', because: `the request is about ${product}: no priority treatment` }]
        : []),
    ],
  };
}

/** Each kind under the rule that leaves it out. */
function notCounted(rule: string, left: readonly Subscription[], why: string): Reason[] {
  if (left.length === 0) return [];
  return [{ rule, because: `not counted: ${left.map(({ service }) => `${service} (${why})`).join(', ')}` }];
}

function against(count: number, region: Region, { regions }: Policy): { large: boolean; reason: Reason } {
  const { licences: threshold, comparator } = regions.regions[region];
  const large = comparator === 'atLeast' ? count >= threshold : count > threshold;
  const signs = comparator === 'atLeast' ? (['>=', '<'] as const) : (['>', '<='] as const);
  return {
    large,
    reason: { rule: `regions.${region}.licences`, because: `${count} ${large ? signs[0] : signs[1]} ${threshold}` },
  };
}

/** Counts for which two published rules disagree. */
function ambiguity(count: number, region: Region, { regions }: Policy): { tag: string; reason: Reason }[] {
  const { ambiguous } = regions.regions[region];
  if (!ambiguous || count < ambiguous.from || count > ambiguous.to) return [];
  const because = `${count} lies between ${ambiguous.from} and ${ambiguous.to}, where the published rules disagree; the table counts`;
  return [{ tag: ambiguous.tag, reason: { rule: `regions.${region}.ambiguous`, because } }];
}

const indexes = new WeakMap<object, ProductIndex>();

/** The directory spells a service as it likes ("Campaigns", "zoho campaigns"): it is the same service. */
function excludedBy({ services }: Policy): (service: string) => boolean {
  const index = indexes.get(services) ?? compileProducts(services);
  indexes.set(services, index);
  const names = new Set(services.excluded.map(({ name }) => name));
  return (service) => names.has(service) || names.has(findProduct(index, service, 'field')?.name ?? '');
}
