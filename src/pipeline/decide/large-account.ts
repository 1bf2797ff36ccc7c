/** Whether an account is large: the licences of its eligible subscriptions against the threshold of its region (DOMAIN, priority support). */
import type { Reason, Region, Subscription } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { excludedBy, judgedBy } from './eligible.ts';
import type { Account } from './identify.ts';
import type { Statement } from './statement.ts';

export type Licences = {
  readonly count: number;
  /** The subscription with the most licences: of an account without any that counts, none. */
  readonly service: string | null;
  readonly large: boolean;
  readonly tags: readonly string[];
  readonly reasons: readonly Reason[];
};

/** Licences of subscriptions that count against the region's threshold; a request about an excluded service gets no priority. */
export function countLicences(account: Account | null, statement: Statement, region: Region, policy: Policy): Licences {
  if (!account) return { count: 0, service: null, large: false, tags: [], reasons: [] };
  const isExcluded = excludedBy(policy);
  const counts = countedBy(policy);
  const counted = account.subscriptions.filter(counts);
  const largest = counted.toSorted((a, b) => b.licences - a.licences || (a.service < b.service ? -1 : 1))[0];
  const sum = counted.reduce((total, one) => total + one.licences, 0);
  const count = policy.regions.count === 'max' ? (largest?.licences ?? 0) : sum;
  const reached = against(count, region, policy);
  const left = account.subscriptions.filter((one) => !counts(one));
  const excludedOnes = left.filter((one) => isExcluded(one.service));
  const inactiveOnes = left.filter((one) => !isExcluded(one.service));
  const ambiguous = ambiguity(count, region, policy);
  const { product, excluded, reasons } = judgedBy(statement, policy);
  return {
    count,
    service: largest?.service || null,
    large: reached.large && !excluded,
    tags: [...ambiguous.map(({ tag }) => tag), ...(excluded ? ['excluded-service'] : [])],
    reasons: [
      reached.reason,
      ...notCounted('services.excluded', excludedOnes, 'excluded service'),
      ...notCounted('regions.countInactive', inactiveOnes, 'inactive'),
      ...ambiguous.map(({ reason }) => reason),
      ...reasons,
      ...(excluded
        ? [{ rule: 'services.excluded', because: `the request is about ${product}: no priority treatment` }]
        : []),
    ],
  };
}

/** Whether the licences of a subscription count: those of an excluded service never do, of an inactive one if the policy says so. */
export function countedBy(policy: Policy): (one: Subscription) => boolean {
  const isExcluded = excludedBy(policy);
  return (one) => (one.active || policy.regions.countInactive) && !isExcluded(one.service);
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
