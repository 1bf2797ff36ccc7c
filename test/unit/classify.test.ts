/** The decision as a function: what holds for any enquiry. The rules themselves are in policy/cases.yaml, which runs here too. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCases } from '../../src/commands/policy-cases.ts';
import { Decision, FIELD_NAMES, LookupKey, MailboxName, MailKind, Region } from '../../src/model.ts';
import { type ClassifyInput, classify } from '../../src/pipeline/decide/classify.ts';
import { loadPolicy, type Policy } from '../../src/policy.ts';
import { loadTemplates } from '../../src/templates.ts';

const FOLDER = `${import.meta.dirname}/../../policy`;
const policy = loadPolicy(FOLDER);
const templates = loadTemplates(`${FOLDER}/../templates`, policy.outbound.replyLanguages);
const AT_LEAST_CASES = 150;

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    'a@b.example',
    '@',
    'x@gmail.com',
    '__proto__',
    'is down',
    'how do we',
    'Zoho Campaigns',
    '76006415',
  ),
);
const source = fc.constant({ part: 'text' as const, start: 0, end: 0, label: null, language: null });
const enquiry = fc.record({
  language: text,
  template: fc.boolean(),
  fields: fc.dictionary(
    fc.constantFrom(...FIELD_NAMES),
    fc.record({ value: text, confidence: fc.double({ min: 0, max: 1, noNaN: true }), source }),
  ),
});
const service = fc.constantFrom('Zoho CRM', 'Zoho Desk', 'Zoho Campaigns', 'no such service', '');
const subscription = fc.record({
  superadminEmail: fc.constantFrom('a@a.example', 'b@b.example'),
  domains: fc.array(text, { maxLength: 2 }),
  organisation: text,
  zoid: text,
  country: fc.constantFrom('US', 'DE', 'BR', 'ZZ', '', '__proto__'),
  region: fc.option(fc.constantFrom(...Region.options)),
  service,
  zgid: text,
  zuids: fc.array(text, { maxLength: 2 }),
  licences: fc.nat({ max: 300 }),
  active: fc.boolean(),
});
const input: fc.Arbitrary<ClassifyInput> = fc.record({
  mail: fc.record({ kind: fc.constantFrom(...MailKind.options), kindBecause: text, subject: text, text }),
  enquiry,
  mailbox: fc.constantFrom(...MailboxName.options),
  arrivedAt: fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
  directory: fc.record({
    reachable: fc.boolean(),
    answers: fc.array(
      fc.record({
        key: fc.constantFrom(...LookupKey.options),
        value: text,
        rows: fc.array(subscription, { maxLength: 4 }),
      }),
      { maxLength: 4 },
    ),
  }),
  partner: fc.option(
    fc.record({
      domain: text,
      name: text,
      tier: fc.constantFrom('authorized' as const, 'premium' as const),
      country: fc.constantFrom('US', 'DE', 'ZZ', ''),
      region: fc.option(fc.constantFrom(...Region.options)),
      language: text,
      contract: fc.constantFrom('valid' as const, 'expired' as const),
      accountManager: text,
    }),
  ),
});

describe('the decision', () => {
  it('never throws, is a Decision, and is the same for the same input', () => {
    fc.assert(
      fc.property(input, (given) => {
        const before = structuredClone(given);
        const decision = classify(given, policy);
        expect(Decision.parse(decision)).toEqual(decision);
        expect(classify(structuredClone(given), policy)).toEqual(decision);
        expect(given).toEqual(before);
      }),
    );
  });

  it('keeps its promises to whoever reads it', () => {
    fc.assert(
      fc.property(input, (given) => {
        const decision = classify(given, policy);
        const { severity, priorityCustomer, reply, provisional, account, deadlines, slaApplies, tags } = decision;
        if (priorityCustomer) expect([severity, account === null]).toEqual(['S1', false]);
        if (given.mail.kind !== 'request') expect([severity, reply, provisional]).toEqual([null, null, false]);
        else expect(provisional).toBe(account === null);
        if (!given.directory.reachable) expect([account, reply]).toEqual([null, null]);
        if (reply === 'missing-superadmin-note') expect(account).not.toBeNull();
        if (reply === 'missing-superadmin-ask') expect(account).toBeNull();
        expect(Object.keys(deadlines).length > 0).toBe(slaApplies);
        expect('resolution' in deadlines).toBe(slaApplies && priorityCustomer);
        expect(tags.length).toBe(new Set(tags).size);
        expect(decision.policy).toBe(policy.hash);
      }),
    );
  });

  it('may count the sum of the licences, when the policy says so', () => {
    const one = {
      superadminEmail: 'a@a.example',
      domains: [],
      organisation: '',
      zoid: '',
      country: 'US',
      region: null,
    };
    const rows = [
      { ...one, service: 'Zoho CRM', zgid: '', zuids: [], licences: 40, active: true },
      { ...one, service: 'Zoho Desk', zgid: '', zuids: [], licences: 30, active: true },
      { ...one, service: 'Zoho Campaigns', zgid: '', zuids: [], licences: 900, active: true },
      { ...one, service: 'Zoho Books', zgid: '', zuids: [], licences: 900, active: false },
    ];
    const given: ClassifyInput = {
      mail: { kind: 'request', kindBecause: '', subject: '', text: '' },
      enquiry: { language: 'en', template: false, fields: {} },
      mailbox: 'com',
      arrivedAt: new Date('2026-03-03T10:00:00Z'),
      directory: { reachable: true, answers: [{ key: 'zoid', value: '76000001', rows }] },
      partner: null,
    };
    const summing: Policy = { ...policy, regions: { ...policy.regions, count: 'sum' } };
    expect(classify(given, policy)).toMatchObject({ priorityCustomer: false, account: { licences: 40 } });
    expect(classify(given, summing)).toMatchObject({ priorityCustomer: true, account: { licences: 70 } });
  });
});

describe('policy/cases.yaml', () => {
  it('is decided as written', async () => {
    const { count, failures } = await runCases(`${FOLDER}/cases.yaml`, policy, templates);
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(AT_LEAST_CASES);
  });

  it('notices a policy that was changed', async () => {
    const cheaper = structuredClone(policy.regions.regions);
    cheaper['usa-latam'].licences = 69;
    const changed: Policy = { ...policy, regions: { ...policy.regions, regions: cheaper } };
    const { failures } = await runCases(`${FOLDER}/cases.yaml`, changed, templates);
    expect(failures.join('\n')).toContain('US is usa-latam, 69 licences do not reach 70');
  });
});
