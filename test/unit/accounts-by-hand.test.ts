/** What an associate filled in or set, beside what the mail and the licence directory say of an account; and the account known before. */
import { describe, expect, it } from 'vitest';
import type { FieldName, FieldValue, LookupKey, Subscription } from '../../src/model.ts';
import { classify } from '../../src/pipeline/decide/classify.ts';
import type { DirectoryAnswer } from '../../src/pipeline/decide/identify.ts';
import { keptAccount } from '../../src/pipeline/decide/kept-account.ts';
import { loadPolicy } from '../../src/policy.ts';
import { asked, enquiryOf, field, row, rules } from '../support/accounts.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);

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
