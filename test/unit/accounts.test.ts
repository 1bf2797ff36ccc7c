/** Large accounts under other policies than the shipped one. The shipped one: policy/cases.yaml; what an associate filled in: accounts-by-hand.test.ts. */
import { describe, expect, it } from 'vitest';
import type { FieldValue } from '../../src/model.ts';
import { classify } from '../../src/pipeline/decide/classify.ts';
import { loadPolicy, type Policy } from '../../src/policy.ts';
import { asked, enquiryOf, field, row } from '../support/accounts.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const under = (regions: Partial<Policy['regions']>): Policy => ({
  ...policy,
  regions: { ...policy.regions, ...regions },
});

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
