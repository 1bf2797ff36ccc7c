/** Large accounts under other policies than the shipped one, and what an associate filled in. The shipped one: policy/cases.yaml. */
import { describe, expect, it } from 'vitest';
import type { Enquiry, FieldName, FieldValue, LookupKey, Partner, Subscription } from '../../src/model.ts';
import { type ClassifyInput, classify } from '../../src/pipeline/decide/classify.ts';
import type { DirectoryAnswer } from '../../src/pipeline/decide/identify.ts';
import { keptAccount } from '../../src/pipeline/decide/kept-account.ts';
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

describe('the region of an account with subscriptions in several', () => {
  const india = row({ country: 'IN', licences: 5 });
  const germany = row({ country: 'DE', service: 'Zoho Desk', licences: 70 });
  it.each([
    ['an inactive one', [row({ ...india, licences: 500, active: false }), germany], 'europe-uk', true],
    ['a smaller one', [india, germany], 'europe-uk', true],
    ['a smaller one of a lower threshold', [row({ ...india, licences: 120 }), germany], 'india', true],
    ['an excluded one', [row({ ...india, licences: 500, service: 'Zoho Campaigns' }), germany], 'europe-uk', true],
    ['one of a country nobody knows', [row({ ...india, country: 'ZZ', licences: 99 }), germany], 'europe-uk', true],
    ['one as large', [row({ ...india, licences: 70 }), germany], 'europe-uk', true],
    [
      'excluded and inactive',
      [row({ ...india, service: 'Zoho Campaigns' }), row({ ...germany, active: false })],
      'india',
      false,
    ],
  ])('is that of the one that counts, whatever the order of the rows: %s', (_, rows, region, large) => {
    for (const ordered of [rows, rows.toReversed()])
      expect(classify(asked(ordered), policy)).toMatchObject({
        region,
        country: region === 'india' ? 'IN' : 'DE',
        priorityCustomer: large,
      });
  });
});

describe('a suite', () => {
  const about = (description: string, subject = 'Request', product: FieldValue = field('Zoho One')) => {
    const enquiry = enquiryOf({ superadminEmail: field('a@a.example'), product, description: field(description) });
    const mail = { kind: 'request' as const, kindBecause: '', subject, text: '' };
    const decision = classify(asked([row({ service: 'Zoho One' })], { enquiry, mail }), policy);
    const because = decision.reasons.find(({ rule }) => rule === 'services.suites')?.because ?? '';
    return { because, priority: decision.priorityCustomer, excluded: decision.tags.includes('excluded-service') };
  };
  const excluded = { priority: false, excluded: true };
  const eligible = { priority: true, excluded: false };

  it('is judged by the app that the description or the subject names', () => {
    const campaigns = 'In Zoho Campaigns the newsletter is not sent.';
    expect(about(campaigns)).toMatchObject({
      ...excluded,
      because: expect.stringContaining('Zoho Campaigns (excluded)'),
    });
    expect(about('The newsletter is not sent.', 'Zoho Campaigns')).toMatchObject(excluded);
    expect(about('Zoho Campaigns does not send.', 'Problem', field('Zoho Marketing Plus'))).toMatchObject(excluded);
    expect(about('Zoho CRM shows wrong totals.')).toMatchObject({
      ...eligible,
      because: expect.stringContaining('Zoho CRM (eligible)'),
    });
  });

  it('of several apps an eligible one is enough, and the reason names all', () => {
    const both = about('Leads from Zoho Campaigns do not arrive in Zoho CRM.');
    expect(both).toMatchObject(eligible);
    expect(both.because).toContain('Zoho Campaigns (excluded), Zoho CRM (eligible): one that is eligible is enough');
  });

  it('counts as itself when no app is named, one is only said to work, or an associate set it', () => {
    for (const one of [
      about('Nobody can see the admin panel.'),
      about('Zoho Campaigns works fine. Nobody can see the admin panel.'),
      about('Zoho Campaigns does not send.', 'Request', field('Zoho One', true)),
    ])
      expect(one).toEqual({ ...eligible, because: '' });
    // An app in the product field is what the partner wrote, whatever else is named.
    expect(about('Zoho Campaigns does not send.', 'Request', field('Zoho CRM'))).toEqual({ ...eligible, because: '' });
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
  const decide = (fields: Partial<Record<FieldName, FieldValue>>, known: DirectoryAnswer['answers'] = answers) =>
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

  it('finds an account by the domain of that very address, not by another of the mail', () => {
    const byDomain = (customer: string, domain: string) =>
      decide({ superadminEmail: field('nobody@a.example'), customerEmail: field(customer, true) }, [
        { key: 'superadminEmail', value: 'nobody@a.example', rows: [] },
        { key: 'customerEmail', value: customer, rows: [] },
        { key: 'domain', value: domain, rows: [row()] },
      ]);
    const other = byDomain('x@other.example', 'a.example');
    expect(other).toMatchObject({ provisional: true, account: null, priorityCustomer: false });
    expect(rules(other)).not.toContain('identification.by-hand');
    expect(byDomain('x@other.example', 'other.example')).toMatchObject({ priorityCustomer: true });
    expect(byDomain('x@other.example', 'other.example').reasons).toContainEqual({
      rule: 'identification.by-hand',
      because: 'an associate set customerEmail x@other.example: its domain other.example counts',
    });
    // Of two organisations one was set by hand, the other stands in the mail.
    const fields = {
      superadminEmail: field('nobody@a.example'),
      zoid: field('76000002', true),
      serviceOrganisationId: field('76000001'),
    };
    expect(decide(fields, [{ ...answers[2] }]).account).toBeNull();
  });

  it('and leads nowhere is named in a reason', () => {
    const unknown = (rows: Subscription[], key: 'zoid' | 'domain' = 'zoid') =>
      decide({ customerEmail: field('user@a.example', key === 'domain'), zoid: field('699999999', key === 'zoid') }, [
        { key: 'customerEmail', value: 'user@a.example', rows: [] },
        { key: 'domain', value: 'a.example', rows: key === 'domain' ? rows : [row()] },
        { key: 'zoid', value: '699999999', rows: key === 'zoid' ? rows : [] },
      ])
        .reasons.filter(({ rule }) => rule === 'identification.by-hand-unknown')
        .map(({ because }) => because);
    expect(unknown([])).toEqual(['an associate set zoid 699999999: the directory does not know it']);
    expect(unknown([row()])).toEqual([]);
    expect(unknown([row()], 'domain')).toEqual([]);
    expect(unknown([row(), row({ superadminEmail: 'b@a.example' })], 'domain')).toEqual([
      'an associate set customerEmail user@a.example: 2 accounts share the domain a.example, so it names none',
    ]);
  });
});

describe('while the directory cannot be asked, the account known before', () => {
  const [mail, hand] = [(value: string) => field(value), (value: string) => field(value, true)];
  type Fields = Partial<Record<FieldName, FieldValue>>;
  const [owner, other] = [mail('a@a.example'), mail('b@b.example')];
  it.each<[string, LookupKey, Fields, Fields, boolean]>([
    ['its super admin', 'superadminEmail', { superadminEmail: owner }, {}, true],
    ['another super admin', 'superadminEmail', { superadminEmail: owner }, { superadminEmail: other }, false],
    [
      'a first super admin, its own',
      'domain',
      { customerEmail: mail('u@a.example') },
      { superadminEmail: owner },
      true,
    ],
    [
      'a first super admin, another',
      'domain',
      { customerEmail: mail('u@a.example') },
      { superadminEmail: other },
      false,
    ],
    [
      'a colleague of the customer',
      'domain',
      { customerEmail: mail('u@a.example') },
      { customerEmail: mail('v@a.example') },
      true,
    ],
    [
      'another customer',
      'domain',
      { customerEmail: mail('u@a.example') },
      { customerEmail: mail('u@b.example') },
      false,
    ],
    ['another id', 'zoid', { zoid: mail('76000001') }, { zoid: hand('76000002') }, false],
    ['a further id', 'zoid', { zoid: mail('76000001') }, { zgid: hand('76000002') }, true],
    [
      'an id set by hand, and another super admin',
      'zoid',
      { zoid: hand('76000001') },
      { superadminEmail: other },
      true,
    ],
    [
      'an id set by hand, and another by hand',
      'zoid',
      { zoid: hand('76000001') },
      { superadminEmail: hand('b@b.example') },
      false,
    ],
  ])('counts or not: %s', (_, key, before, given, isKept) => {
    const known = enquiryOf(before);
    const account = {
      superadminEmail: 'a@a.example',
      licences: 100,
      service: 'Zoho CRM',
      region: 'india',
      matchedBy: key,
    } as const;
    const decision = { ...classify(asked([]), policy), account, regionFrom: 'customer' as const, country: 'IN' };
    const enquiry = enquiryOf({ ...before, ...given });
    const kept = keptAccount({ decision, enquiry: known }, enquiry);
    const again = classify(
      asked([], { enquiry, directory: { reachable: false, answers: [] }, keptAccount: kept }),
      policy,
    );
    expect(again).toMatchObject({ priorityCustomer: isKept, provisional: !isKept, reply: null, region: 'india' });
    expect(again.account).toEqual(isKept ? decision.account : null);
    expect(again.tags).toContain('directory-unreachable');
    expect(again.tags.includes('superadmin-conflict')).toBe(isKept && given.superadminEmail === other);
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
