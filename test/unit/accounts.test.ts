/** Large accounts under other policies than the shipped one, and what an associate filled in. The shipped one: policy/cases.yaml. */
import { describe, expect, it } from 'vitest';
import type { Enquiry, FieldName, FieldValue, Partner, Subscription } from '../../src/model.ts';
import { type ClassifyInput, classify } from '../../src/pipeline/decide/classify.ts';
import { loadPolicy, type Policy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);

const source = { part: 'text', start: 0, end: 0, label: null, language: null } as const;
const field = (value: string, byHand = false): FieldValue => ({
  value,
  confidence: 1,
  source,
  ...(byHand ? { by: 'associate' as const } : {}),
});
const enquiryOf = (fields: Partial<Record<FieldName, FieldValue>> = {}): Enquiry => ({
  language: 'en',
  template: true,
  fields,
});
const row = (more: Partial<Subscription> = {}): Subscription => ({
  superadminEmail: 'a@a.example',
  domains: [],
  organisation: '',
  zoid: '',
  country: 'US',
  region: null,
  service: 'Zoho CRM',
  zgid: '',
  zuids: [],
  licences: 70,
  active: true,
  ...more,
});
const indian: Partner = {
  domain: 'partner.example',
  name: 'Partner',
  tier: 'premium',
  country: 'IN',
  region: null,
  language: 'en',
  contract: 'valid',
  accountManager: '',
};
const asked = (rows: readonly Subscription[], more: Partial<ClassifyInput> = {}): ClassifyInput => ({
  mail: { kind: 'request', kindBecause: '', subject: '', text: 'Desk shows wrong results.' },
  enquiry: enquiryOf({ superadminEmail: field('a@a.example') }),
  mailbox: 'com',
  // Friday noon in New York, evening in India.
  arrivedAt: new Date('2026-03-06T17:00:00Z'),
  directory: { reachable: true, answers: [{ key: 'superadminEmail', value: 'a@a.example', rows }] },
  partner: indian,
  ...more,
});
const under = (regions: Partial<Policy['regions']>): Policy => ({
  ...policy,
  regions: { ...policy.regions, ...regions },
});
const rules = ({ reasons }: { reasons: readonly { rule: string }[] }) => reasons.map(({ rule }) => rule);

describe('the threshold', () => {
  it.each([
    ['atLeast', 69, false, '69 < 70'],
    ['atLeast', 70, true, '70 >= 70'],
    ['moreThan', 70, false, '70 <= 70'],
    ['moreThan', 71, true, '71 > 70'],
  ] as const)('%s: %i licences', (comparator, licences, large, because) => {
    const { regions } = policy.regions;
    const compared = under({ regions: { ...regions, 'usa-latam': { ...regions['usa-latam'], comparator } } });
    const decision = classify(asked([row({ licences })]), compared);
    expect(decision).toMatchObject({ priorityCustomer: large, threshold: 70 });
    expect(decision.reasons).toContainEqual({ rule: 'regions.usa-latam.licences', because });
  });

  it('may be that of the partner’s region', () => {
    const partnersFirst = under({ whose: { ...policy.regions.whose, region: 'partner-then-customer' } });
    expect(classify(asked([row()]), policy)).toMatchObject({ region: 'usa-latam', priorityCustomer: true });
    const decision = classify(asked([row()]), partnersFirst);
    expect(decision).toMatchObject({
      region: 'india',
      regionFrom: 'partner',
      threshold: 100,
      priorityCustomer: false,
      account: { region: 'usa-latam' },
    });
    expect(classify(asked([row()], { partner: null }), partnersFirst).reasons).toContainEqual({
      rule: 'regions.customer',
      because: "the partner's region is unknown; the customer's account is in usa-latam",
    });
  });

  it('may count inactive subscriptions', () => {
    const rows = [row({ licences: 10 }), row({ service: 'Zoho Desk', licences: 500, active: false })];
    expect(classify(asked(rows), policy)).toMatchObject({ priorityCustomer: false, account: { licences: 10 } });
    expect(classify(asked(rows), under({ countInactive: true }))).toMatchObject({
      priorityCustomer: true,
      account: { licences: 500, service: 'Zoho Desk' },
    });
  });
});

it('the clock may run in the zone of the customer’s region', () => {
  const customers = under({ whose: { ...policy.regions.whose, zone: 'customer-then-partner' } });
  const small = asked([row({ licences: 1 })]);
  expect(classify(small, policy).deadlines.firstResponse?.target).toBe('2026-03-08T23:00:00.000Z');
  expect(classify(small, customers).deadlines.firstResponse?.target).toBe('2026-03-06T23:00:00.000Z');
});

describe('what an associate filled in', () => {
  const answers = [
    { key: 'superadminEmail', value: 'a@a.example', rows: [row()] },
    { key: 'domain', value: 'a.example', rows: [row()] },
    { key: 'zoid', value: '76000001', rows: [row({ superadminEmail: 'b@b.example', licences: 1 })] },
  ] as const;
  const decide = (fields: Partial<Record<FieldName, FieldValue>>, known = answers.map((one) => ({ ...one }))) =>
    classify(asked([], { enquiry: enquiryOf(fields), directory: { reachable: true, answers: known } }), policy);

  it('outweighs what the mail says', () => {
    const decision = decide({ superadminEmail: field('a@a.example'), zoid: field('76000001', true) });
    expect(decision).toMatchObject({ account: { superadminEmail: 'b@b.example', matchedBy: 'zoid' }, missing: [] });
    expect(rules(decision)).toContain('identification.by-hand');
    expect(decide({ superadminEmail: field('a@a.example'), zoid: field('76000001') })).toMatchObject({
      account: { superadminEmail: 'a@a.example' },
    });
  });

  it('the super admin’s address outweighs an id', () => {
    expect(
      decide({ superadminEmail: field('a@a.example', true), zoid: field('76000001', true) }).account,
    ).toMatchObject({ superadminEmail: 'a@a.example', matchedBy: 'superadminEmail' });
  });

  it('finds the account where the partner gave an unknown super admin', () => {
    const known = answers.slice(1).map((one) => ({ ...one }));
    const decision = decide({ superadminEmail: field('typo@a.example'), zoid: field('76000001', true) }, known);
    expect(decision).toMatchObject({ provisional: false, account: { superadminEmail: 'b@b.example' } });
  });

  it('that the directory does not know changes nothing', () => {
    const decision = decide({ superadminEmail: field('a@a.example'), zgid: field('65590000', true) });
    expect(decision.account?.superadminEmail).toBe('a@a.example');
  });
});

describe('a severity set by hand', () => {
  const override = { severity: 'S3', by: 'Asha', at: '2026-03-06T18:00:00.000Z', because: 'a question' } as const;

  it('counts, with its deadlines; what the rules say stays visible', () => {
    const decision = classify(asked([row()], { override }), policy);
    expect(decision).toMatchObject({ severity: 'S3', priorityCustomer: true, override });
    expect(decision.reasons).toContainEqual({
      rule: 'severity.override',
      because: 'Asha set S3: a question; the rules say S1',
    });
    expect(rules(decision)).toContain('severity.large-account');
    const byRules = classify(asked([row()]), policy);
    expect(decision.deadlines.firstResponse).not.toEqual(byRules.deadlines.firstResponse);
    expect(byRules.override).toBeUndefined();
  });

  it('gives a request of Partner Operations a commitment', () => {
    const enquiry = enquiryOf({ requestType: field('Payments Renewal') });
    expect(classify(asked([], { enquiry }), policy)).toMatchObject({ severity: null, slaApplies: false });
    expect(classify(asked([], { enquiry, override }), policy)).toMatchObject({ severity: 'S3', slaApplies: true });
  });
});
