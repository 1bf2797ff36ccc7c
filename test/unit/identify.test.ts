/** Whose account: what policy/cases.yaml cannot say, since it asks for decisions: the questions, their order, other policies. */
import { describe, expect, it } from 'vitest';
import type { Enquiry, FieldName, LookupKey, Subscription } from '../../src/model.ts';
import { type DirectoryAnswer, domainOf, identify, lookupsFor } from '../../src/pipeline/decide/identify.ts';
import { loadPolicy, type Policy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const lenient: Policy = {
  ...policy,
  identification: { ...policy.identification, unknownSuperadmin: 'try-other-keys' },
};

function enquiryOf(values: Partial<Record<FieldName, string>>): Enquiry {
  const source = { part: 'text', start: 0, end: 0, label: null, language: null } as const;
  const fields = Object.entries(values).map(([field, value]) => [field, { value, confidence: 1, source }]);
  return { language: 'en', template: true, fields: Object.fromEntries(fields) };
}

const row = (superadminEmail: string): Subscription => ({
  superadminEmail,
  domains: [domainOf(superadminEmail)],
  organisation: 'any',
  zoid: '76000001',
  country: 'US',
  region: null,
  service: 'Zoho CRM',
  zgid: '',
  zuids: [],
  licences: 1,
  active: true,
});
const answer = (key: LookupKey, value: string, ...owners: string[]) => ({ key, value, rows: owners.map(row) });
const answered = (...answers: DirectoryAnswer['answers']): DirectoryAnswer => ({ reachable: true, answers });

describe('what the directory is asked', () => {
  it('every key, in the order in which an answer counts', () => {
    const enquiry = enquiryOf({
      serviceOrganisationId: '76000009',
      zgid: '65500001',
      zoid: '76000001',
      zuid: '65040001',
      customerEmail: 'user@customer.example',
      superadminEmail: 'owner@other.example',
    });
    expect(lookupsFor(enquiry, 'partner.example', policy).map(({ key, value }) => `${key} ${value}`)).toEqual([
      'superadminEmail owner@other.example',
      'customerEmail user@customer.example',
      'domain customer.example',
      'domain other.example',
      'zuid 65040001',
      'zoid 76000001',
      'zgid 65500001',
      'zoid 76000009',
      'zgid 76000009',
    ]);
  });

  it('nothing twice, and nothing for an empty enquiry', () => {
    const enquiry = enquiryOf({ customerEmail: 'a@customer.example', superadminEmail: 'b@Customer.Example' });
    const domains = lookupsFor(enquiry, null, policy).filter(({ key }) => key === 'domain');
    expect(domains).toEqual([{ key: 'domain', value: 'customer.example' }]);
    expect(lookupsFor(enquiryOf({}), null, policy)).toEqual([]);
  });

  it.each([
    ['the partner’s own domain', 'colleague@partner.example', 'partner.example'],
    ['a public mail service', 'no-such-user@gmail.com', 'partner.example'],
    ['a public mail service in capitals', 'no-such-user@Outlook.COM', null],
  ])('never %s', (_, customerEmail, partnerDomain) => {
    const keys = lookupsFor(enquiryOf({ customerEmail }), partnerDomain, policy).map(({ key }) => key);
    expect(keys).toEqual(['customerEmail']);
  });
});

describe('an address nobody named', () => {
  const guessed = (confidence: number, more: Partial<Record<FieldName, string>> = {}): Enquiry => {
    const enquiry = enquiryOf({ customerEmail: 'user@customer.example', ...more });
    Object.assign(enquiry.fields.customerEmail ?? {}, { confidence });
    return enquiry;
  };
  const domains = (enquiry: Enquiry) =>
    lookupsFor(enquiry, 'partner.example', policy).flatMap(({ key, value }) => (key === 'domain' ? [value] : []));

  it('is asked for itself, and not by its domain; the reason says so', () => {
    const enquiry = guessed(0.65);
    const lookups = lookupsFor(enquiry, 'partner.example', policy);
    expect(lookups).toEqual([{ key: 'customerEmail', value: 'user@customer.example' }]);
    const found = identify(enquiry, answered(answer('customerEmail', 'user@customer.example')), policy);
    expect(found).toMatchObject({ account: null, missing: ['superadminEmail'] });
    expect(found.reasons.map(({ rule }) => rule)).toContain('identification.domain-guessed');
    expect(found.reasons[0]?.because).toContain('user@customer.example (confidence 0.65)');
  });

  it('says nothing of it where the super admin has the same domain, or the domain says nothing anyway', () => {
    const rules = (enquiry: Enquiry) => identify(enquiry, answered(), lenient).reasons.map(({ rule }) => rule);
    const same = guessed(0.65, { superadminEmail: 'owner@customer.example' });
    expect(domains(same)).toEqual(['customer.example']);
    expect(rules(same)).not.toContain('identification.domain-guessed');
    expect(rules(guessed(0.65, { customerEmail: 'ann@gmail.com' }))).not.toContain('identification.domain-guessed');
    expect(rules(guessed(0.65))).toContain('identification.domain-guessed');
  });

  it('behind a label, even a guessed one, finds its account by its domain', () => {
    expect(domains(guessed(0.68))).toEqual(['customer.example']);
    const found = identify(
      guessed(0.68),
      answered(answer('domain', 'customer.example', 'owner@customer.example')),
      policy,
    );
    expect(found.account?.matchedBy).toBe('domain');
    expect(found.reasons.map(({ rule }) => rule)).toEqual(['identification.domain']);
  });
});

describe('what its answers mean', () => {
  it('the super admin’s address outweighs every other key', () => {
    const enquiry = enquiryOf({
      superadminEmail: 'a@a.example',
      customerEmail: 'b@b.example',
      zoid: '76000001',
    });
    const found = identify(
      enquiry,
      answered(
        answer('superadminEmail', 'a@a.example', 'a@a.example'),
        answer('customerEmail', 'b@b.example', 'b@b.example'),
        answer('domain', 'b.example', 'b@b.example'),
        answer('zoid', '76000001', 'c@c.example'),
      ),
      policy,
    );
    expect(found).toMatchObject({ account: { superadminEmail: 'a@a.example' }, superadmin: 'given', tags: [] });
  });

  it('an account is all its subscriptions', () => {
    const found = identify(
      enquiryOf({ zoid: '76000001' }),
      answered(answer('zoid', '76000001', 'a@a.example', 'a@a.example')),
      policy,
    );
    expect(found.account?.subscriptions).toHaveLength(2);
  });

  it.each(['zuid', 'zoid', 'zgid'] as const)(
    'a %s of another account than the domain’s decides, and says so',
    (key) => {
      const found = identify(
        enquiryOf({ customerEmail: 'user@a.example', [key]: '76000001' }),
        answered(answer('domain', 'a.example', 'a@a.example'), answer(key, '76000001', 'b@b.example')),
        policy,
      );
      expect(found).toMatchObject({
        account: { superadminEmail: 'b@b.example', matchedBy: key },
        tags: ['account-conflict'],
      });
    },
  );

  it('an id an associate set counts; another super admin whom the partner names shows as a conflict', () => {
    const { zoid } = enquiryOf({ zoid: '76000001' }).fields;
    const given = enquiryOf({ superadminEmail: 'a@a.example' });
    const fields = { ...given.fields, ...(zoid ? { zoid: { ...zoid, by: 'associate' as const } } : {}) };
    const answers = answered(
      answer('superadminEmail', 'a@a.example', 'a@a.example'),
      answer('zoid', '76000001', 'b@b.example'),
    );
    const found = identify({ ...given, fields }, answers, policy);
    expect(found).toMatchObject({ account: { superadminEmail: 'b@b.example' }, tags: ['superadmin-conflict'] });
    expect(found.reasons.map(({ rule }) => rule)).toContain('identification.superadmin-conflict');
    const same = answered(answer('zoid', '76000001', 'a@a.example'));
    expect(identify({ ...given, fields }, same, policy).tags).toEqual([]);
  });

  it('a policy may let the other keys stand in for an unknown super admin; the partner is still told', () => {
    const enquiry = enquiryOf({ superadminEmail: 'typo@a.example', customerEmail: 'user@a.example' });
    const answers = answered(answer('superadminEmail', 'typo@a.example'), answer('domain', 'a.example', 'a@a.example'));
    expect(identify(enquiry, answers, policy)).toMatchObject({ account: null, superadmin: 'given-unknown' });
    expect(identify(enquiry, answers, lenient)).toMatchObject({
      account: { superadminEmail: 'a@a.example', matchedBy: 'domain' },
      superadmin: 'given-unknown',
      missing: [],
    });
  });

  it('a directory that cannot be asked knows nothing, whatever it said before it failed', () => {
    const partial = { reachable: false, answers: [answer('domain', 'a.example', 'a@a.example')] };
    expect(identify(enquiryOf({ customerEmail: 'user@a.example' }), partial, policy)).toMatchObject({
      account: null,
      superadmin: 'missing',
      tags: ['directory-unreachable'],
    });
  });

  it('the reason for finding nothing names what was asked', () => {
    const found = identify(enquiryOf({ zoid: '76000001' }), answered(answer('zoid', '76000001')), policy);
    expect(found.reasons.map((reason) => reason.because).join()).toContain('zoid 76000001');
  });
});
