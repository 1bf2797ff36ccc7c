/** Suppositions on the account: licences, subscriptions, the super admin's address, the product, the directory. */
import type { Decision, FieldName, FieldValue, Subscription } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { type ClassifyInput, classify } from './classify.ts';
import { judgedBy } from './eligible.ts';
import { type DirectoryAnswer, lookupsFor } from './identify.ts';
import type { Supposition } from './what-if.ts';

/** A super admin who is in no directory: `.example` never is. */
const SOMEBODY = 'super-admin@customer.example';

/** What else could be known of the account. */
export function accountSuppositions(input: ClassifyInput, decision: Decision, policy: Policy): Supposition[] {
  if (!input.directory.reachable) return unreachable(input, decision, policy);
  return [
    ...licenceSuppositions(input, decision, policy),
    ...inactive(input),
    ...addressSuppositions(input, decision, policy),
    ...productSuppositions(input, decision, policy),
  ];
}

/** The same mail from an account without licences: what its words alone lead to. */
export const byImpactAlone = (input: ClassifyInput): ClassifyInput =>
  withRows(input, (row) => ({ ...row, licences: 0 }));

/** The fewest licences more, or less, that make the account large, or no longer: found by deciding, whatever the comparator. */
function licenceSuppositions(input: ClassifyInput, decision: Decision, policy: Policy): Supposition[] {
  if (!decision.account) return [];
  const now = decision.account.licences;
  const isLarge = (one: ClassifyInput): boolean => classify(one, policy).priorityCustomer;
  const large = isLarge(input);
  for (const count of large
    ? [decision.threshold, decision.threshold - 1]
    : [decision.threshold, decision.threshold + 1]) {
    const changed = withCount(input, now, count, policy);
    if (changed === null || isLarge(changed) === large) continue;
    const by = Math.abs(count - now);
    const licences = `${by} ${large ? 'fewer' : 'more'} licence${by === 1 ? '' : 's'}`;
    return [{ supposing: `with ${licences} (${count})`, input: changed, itself: ['licences'] }];
  }
  return [];
}

/** The subscriptions changed so that they count as `count`: the one that counts most has the difference. */
function withCount(input: ClassifyInput, now: number, count: number, policy: Policy): ClassifyInput | null {
  const lower = count < now;
  // With "max" every subscription above the new count has to come down; with "sum" the largest one alone.
  if (lower && policy.regions.count === 'max')
    return withRows(input, (row) => ({ ...row, licences: Math.min(row.licences, count) }));
  const service = classify(input, policy).account?.service;
  if (service === null || service === undefined) return null;
  let done: string | null = null;
  return withRows(input, (row) => {
    const key = `${row.superadminEmail} ${row.zgid} ${row.service}`;
    if (row.service !== service || (done !== null && done !== key)) return row;
    done = key;
    return { ...row, licences: Math.max(0, row.licences + count - now) };
  });
}

function inactive(input: ClassifyInput): Supposition[] {
  const rows = input.directory.answers.flatMap((answer) => answer.rows).filter((row) => !row.active);
  const services = new Map(rows.map((row) => [row.service, row.licences]));
  return [...services].map(([service, licences]) => ({
    supposing: `if its subscription of ${service} (${licences} licences) were active`,
    input: withRows(input, (row) => (row.service === service ? { ...row, active: true } : row)),
    itself: ['licences'],
  }));
}

function addressSuppositions(input: ClassifyInput, decision: Decision, policy: Policy): Supposition[] {
  const given = input.enquiry.fields.superadminEmail?.value;
  const { account } = decision;
  if (given && account?.matchedBy === 'superadminEmail')
    return [
      {
        supposing: "if the super admin's address were not given",
        input: withoutField(input, 'superadminEmail', policy),
      },
    ];
  if (!given && account) {
    const rows = input.directory.answers.find((answer) => answer.key === account.matchedBy)?.rows ?? [];
    const changed = withSuperadmin(input, account.superadminEmail, rows);
    return [{ supposing: `if the super admin's address (${account.superadminEmail}) were given`, input: changed }];
  }
  const address = given ?? SOMEBODY;
  const who = given ? `if the directory knew ${given}` : 'with a super admin address that the directory knows';
  const large = decision.threshold + 1;
  return [0, large].map((licences) => ({
    supposing: `${who}, of an account with ${licences === 0 ? 'few' : `${large} or more`} licences`,
    input: withSuperadmin(input, address, [subscription(address, licences, policy)]),
    itself: ['account', 'licences'],
  }));
}

function productSuppositions(input: ClassifyInput, decision: Decision, policy: Policy): Supposition[] {
  const { product } = judgedBy({ ...input.mail, enquiry: input.enquiry }, policy);
  if (decision.tags.includes('excluded-service'))
    return [{ supposing: `if it were not about ${product}`, input: withoutField(input, 'product', policy) }];
  const excluded = policy.services.excluded[0]?.name;
  if (!excluded || !decision.priorityCustomer) return [];
  return [
    {
      supposing: `if it were about ${excluded}, which is excluded`,
      input: withField(input, 'product', excluded),
    },
  ];
}

function unreachable(input: ClassifyInput, decision: Decision, policy: Policy): Supposition[] {
  const address = input.enquiry.fields.superadminEmail?.value ?? SOMEBODY;
  const rows = [subscription(address, decision.threshold + 1, policy)];
  const answering = { ...input, directory: { reachable: true, answers: [] } };
  return [
    { supposing: 'if the directory answered, and knew nothing of it', input: answering },
    {
      supposing: `if the directory answered, and knew a super admin with ${decision.threshold + 1} licences`,
      input: withSuperadmin(answering, address, rows),
      itself: ['account', 'licences'],
    },
  ];
}

function withSuperadmin(input: ClassifyInput, address: string, rows: readonly Subscription[]): ClassifyInput {
  const others = input.directory.answers.filter((answer) => answer.key !== 'superadminEmail');
  const answers: DirectoryAnswer['answers'] = [{ key: 'superadminEmail', value: address, rows }, ...others];
  return withField({ ...input, directory: { ...input.directory, answers } }, 'superadminEmail', address);
}

const subscription = (superadminEmail: string, licences: number, policy: Policy): Subscription => ({
  superadminEmail,
  domains: [],
  organisation: '',
  zoid: '',
  country: '',
  region: null,
  service: policy.services.eligible[0]?.name ?? '',
  zgid: '',
  zuids: [],
  licences,
  active: true,
});

const withRows = (input: ClassifyInput, change: (row: Subscription) => Subscription): ClassifyInput => ({
  ...input,
  directory: {
    ...input.directory,
    answers: input.directory.answers.map((answer) => ({ ...answer, rows: answer.rows.map(change) })),
  },
});

/** Without the field nobody would have asked for what only it led to: a super admin's address asks for its domain as well. */
function withoutField(input: ClassifyInput, field: FieldName, policy: Policy): ClassifyInput {
  const { [field]: _, ...fields } = input.enquiry.fields;
  const enquiry = { ...input.enquiry, fields };
  const asked = lookupsFor(enquiry, input.partner?.domain ?? null, policy);
  const answers = input.directory.answers.filter((answer) =>
    asked.some(({ key, value }) => key === answer.key && value === answer.value),
  );
  return { ...input, enquiry, directory: { ...input.directory, answers } };
}

function withField(input: ClassifyInput, field: FieldName, value: string): ClassifyInput {
  const source = { part: 'text', start: 0, end: 0, label: null, language: null } as const;
  const read: FieldValue = { value, confidence: 1, source };
  return { ...input, enquiry: { ...input.enquiry, fields: { ...input.enquiry.fields, [field]: read } } };
}
