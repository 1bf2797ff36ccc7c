/** Explanations are decisions: each supposition is tried on the real rules, and what is said of it is what they say. */
import { describe, expect, it } from 'vitest';
import { explanationText } from '../../src/commands/explanation-text.ts';
import type { Enquiry, FieldName, Subscription } from '../../src/model.ts';
import { type ClassifyInput, classify } from '../../src/pipeline/decide/classify.ts';
import { explain } from '../../src/pipeline/decide/explain.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const SUPERADMIN = 'owner@customer.example';

const row = (licences: number, changed: Partial<Subscription> = {}): Subscription => ({
  superadminEmail: SUPERADMIN,
  domains: ['customer.example'],
  organisation: 'Customer',
  zoid: '650000001',
  country: 'IN',
  region: null,
  service: 'Zoho CRM',
  zgid: '650000002',
  zuids: [],
  licences,
  active: true,
  ...changed,
});

function mail(text: string, fields: Partial<Record<FieldName, string>> = {}, rows: Subscription[] = []): ClassifyInput {
  const source = { part: 'text', start: 0, end: 0, label: null, language: null } as const;
  const read = Object.entries(fields).map(([name, value]) => [name, { value, confidence: 1, source }]);
  const enquiry: Enquiry = { language: 'en', template: true, fields: Object.fromEntries(read) };
  const given = fields.superadminEmail;
  return {
    mail: { kind: 'request', kindBecause: 'nothing speaks against it', subject: 'Zoho CRM', text },
    enquiry,
    mailbox: 'com',
    arrivedAt: new Date('2026-03-03T10:00:00Z'),
    directory: { reachable: true, answers: given ? [{ key: 'superadminEmail', value: given, rows }] : [] },
    partner: null,
  };
}

const supposed = (input: ClassifyInput) =>
  Object.fromEntries(
    explain(input, policy).whatIfs.map(({ supposing, changes, tags }) => [
      supposing.join(' | '),
      [...changes.map(({ what, from, to }) => `${what} ${from} -> ${to}`), ...tags].join(', '),
    ]),
  );
const find = (what: Record<string, string>, pattern: RegExp): string | undefined =>
  Object.entries(what).find(([supposing]) => pattern.test(supposing))?.[1];

const WRONG = 'The report shows wrong results since this morning.';

describe('a large account', () => {
  const input = mail(WRONG, { superadminEmail: SUPERADMIN, product: 'Zoho CRM' }, [row(120)]);

  it('names its rules in their order, with file and value', () => {
    const { rules, decision } = explain(input, policy);
    expect(rules.map(({ rule, because }) => ({ rule, because }))).toEqual(decision.reasons);
    const sources = Object.fromEntries(rules.map(({ rule, source }) => [rule, source]));
    expect(sources['regions.india.licences']).toEqual({
      from: 'regions.yaml',
      path: 'regions.india.licences',
      value: '100',
    });
    expect(sources['regions.customer']).toEqual({ from: 'regions.yaml', path: 'countries.IN', value: 'india' });
    expect(sources['identification.superadminEmail']?.from).toBe('the licence directory');
    expect(sources['partners.unverified']?.from).toBe('the partner register');
  });

  it('has the words for its runner-up', () => {
    const { runnerUp } = explain(input, policy);
    expect(runnerUp).toMatchObject({ by: 'by impact alone', severity: 'S2', priorityCustomer: false });
    expect(runnerUp?.because.map(({ because }) => because).join()).toMatch(/wrong/);
  });

  it('would not be one with fewer licences, and the number is the boundary', () => {
    const what = supposed(input);
    expect(what['with 21 fewer licences (99)']).toBe('severity S1 -> S2, priorityCustomer true -> false');
    const at = {
      ...input,
      directory: { reachable: true, answers: [{ key: 'superadminEmail', value: SUPERADMIN, rows: [row(100)] }] },
    } as const;
    expect(classify(at, policy).priorityCustomer).toBe(true);
    expect(supposed(at)['with 1 fewer licence (99)']).toBe('severity S1 -> S2, priorityCustomer true -> false');
  });

  it('would not be one about an excluded service', () => {
    expect(find(supposed(input), /^if it were about .*, which is excluded$/)).toMatch(
      /priorityCustomer true -> false, \+excluded-service/,
    );
  });

  it('follows a policy with another comparator and count', () => {
    const regions = structuredClone(policy.regions);
    regions.regions.india.comparator = 'moreThan';
    const changed = { ...policy, regions: { ...regions, count: 'sum' as const } };
    const two = mail(WRONG, { superadminEmail: SUPERADMIN }, [
      row(90),
      row(30, { service: 'Zoho Desk', zgid: '650000009' }),
    ]);
    const said = explain(two, changed).whatIfs.map(({ supposing }) => supposing[0]);
    expect(said).toContain('with 20 fewer licences (100)');
  });
});

describe('an account that is not large', () => {
  const input = mail(WRONG, { superadminEmail: SUPERADMIN }, [
    row(97),
    row(300, { service: 'Zoho Desk', active: false }),
  ]);

  it('would be with more licences, elsewhere, or with its inactive subscription', () => {
    const what = supposed(input);
    expect(what['with 3 more licences (100)']).toBe('severity S2 -> S1, priorityCustomer false -> true');
    expect(find(what, /subscription of Zoho Desk \(300 licences\) were active/)).toMatch(/^severity S2 -> S1/);
    expect(find(what, /^if the region were anz \(large from 50\)/)).toMatch(
      /^severity S2 -> S1, priorityCustomer false -> true/,
    );
  });

  it('is decided by its words, and says which', () => {
    const { runnerUp } = explain(input, policy);
    expect(runnerUp).toMatchObject({ severity: 'S3' });
    expect(runnerUp?.by).toMatch(/^without the words "[^"]*(?:wrong|results)[^"]*"$/);
    expect(find(supposed(input), /^without the words ".*wrong/)).toBe('severity S2 -> S3');
  });

  it('finds words that are said twice', () => {
    const twice = mail(`${WRONG}\nAgain: the list shows wrong results.`, { superadminEmail: SUPERADMIN }, [row(10)]);
    expect(explain(twice, policy).runnerUp).toMatchObject({ severity: 'S3' });
  });
});

/** A mail as the reader gives it: the description is a part of the text. */
const described = (description: string, fields: Partial<Record<FieldName, string>> = {}): ClassifyInput =>
  mail(`Description of the issue/question: ${description}`, { ...fields, description }, [row(10)]);

describe('two signals in one sentence', () => {
  it.each([
    ['Emails are duplicated and the totals are wrong.', 'S2', {}],
    ['Emails are duplicated in the report and the totals are wrong.', 'S2', { reproducible: 'no' }],
    ['We cannot log in. All users are affected and the system is down. Nothing works.', 'S1', {}],
  ] as const)('%s', (says, severity, fields) => {
    const input = described(says, { superadminEmail: SUPERADMIN, ...fields });
    const { decision, runnerUp, whatIfs } = explain(input, policy);
    expect(decision.severity).toBe(severity);
    expect(runnerUp?.severity).not.toBe(severity);
    const claims = whatIfs.flatMap((one) => one.supposing.map((supposing) => ({ supposing, claimed: one.decision })));
    const words = claims.filter(({ supposing }) => supposing.startsWith('without the words '));
    expect(words.length).toBeGreaterThan(0);
    for (const { supposing, claimed } of words) {
      const left = [...supposing.matchAll(/"([^"]*)"/g)].reduce((text, [, one = '']) => {
        expect(text).toContain(one);
        return text.replaceAll(one, '');
      }, says as string);
      const again = classify(described(left, { superadminEmail: SUPERADMIN, ...fields }), policy);
      expect(again).toMatchObject({ severity: claimed.severity, requestNature: claimed.requestNature });
      expect(again.severity).not.toBe(severity);
    }
  });

  it('says nothing of a runner-up that is not so', () => {
    const text = (input: ClassifyInput) => explanationText('a.eml', { subject: '' }, explain(input, policy));
    expect(text(described('Emails are duplicated and the totals are wrong.'))).not.toContain('none: no other rule');
    const renewal = described('Please see the attached file.', { requestType: 'Payments Renewal' });
    expect(text(renewal)).toContain('without the request type "Payments Renewal" it would be S3, incident');
    expect(text(described('Please see the attached file.'))).toContain('none: no other rule');
  });
});

describe('an unknown account', () => {
  it('would be found by a super admin', () => {
    const what = supposed(mail(WRONG));
    const small = find(what, /^with a super admin address .* few licences$/);
    expect(small).toMatch(/provisional true -> false.*reply missing-superadmin-ask -> none/);
    const large = find(what, /^with a super admin address .* or more licences$/);
    expect(large).toMatch(/^severity S2 -> S1, priorityCustomer false -> true/);
  });

  it('is told apart from one the directory could not be asked for', () => {
    const input = { ...mail(WRONG), directory: { reachable: false, answers: [] } };
    expect(find(supposed(input), /^if the directory answered, and knew nothing/)).toMatch(/missing-superadmin-ask/);
    expect(find(supposed(input), /^if the directory answered, and knew a super admin/)).toMatch(/^severity S2 -> S1/);
  });
});

it('supposes the address away with all that was asked because of it: its domain too', () => {
  const given = mail(WRONG, { superadminEmail: SUPERADMIN }, [row(120)]);
  const domain = { key: 'domain' as const, value: 'customer.example', rows: [row(120)] };
  const asked = (input: ClassifyInput) => ({
    ...input,
    directory: { reachable: true, answers: [...input.directory.answers, domain] },
  });
  const without = classify(mail(WRONG), policy);
  const supposition = explain(asked(given), policy).whatIfs.find(({ supposing }) =>
    supposing.includes("if the super admin's address were not given"),
  );
  const { account, severity, provisional, reply } = without;
  expect(supposition?.decision).toMatchObject({ account, severity, provisional, reply });
  expect(without).toMatchObject({ account: null, reply: 'missing-superadmin-ask' });
  // The customer's address leads to the same domain: that stays.
  const both = asked(mail(WRONG, { superadminEmail: SUPERADMIN, customerEmail: 'user@customer.example' }, [row(120)]));
  const kept = explain(both, policy).whatIfs.find(({ supposing }) =>
    supposing.includes("if the super admin's address were not given"),
  );
  expect(kept?.decision).toMatchObject({ account: { matchedBy: 'domain' }, reply: 'missing-superadmin-note' });
});

it('names for what is left out, and for what has no promise, the value that says so', () => {
  const rows = [row(30), row(400, { service: 'Zoho Desk', active: false }), row(900, { service: 'Zoho Campaigns' })];
  const renewal = mail('please renew', { superadminEmail: SUPERADMIN, requestType: 'Payments Renewal' }, rows);
  const said = explain(renewal, policy).rules.map(({ rule, because, source }) => [
    rule,
    because,
    `${source.from} ${source.path}: ${source.value}`,
  ]);
  expect(said).toContainEqual([
    'regions.countInactive',
    'not counted: Zoho Desk (inactive)',
    'regions.yaml countInactive: false',
  ]);
  expect(said).toContainEqual([
    'services.excluded',
    'not counted: Zoho Campaigns (excluded service)',
    expect.stringMatching(/^services\.yaml excluded: .*Zoho Campaigns/),
  ]);
  expect(said).toContainEqual([
    'commitment.severities',
    'non-technical: no severity, so no time is promised',
    'commitment.yaml severities: S1, S2, S3',
  ]);
  const wish = mail('This is a feature request for dark mode.', { superadminEmail: SUPERADMIN }, [row(30)]);
  expect(explain(wish, policy).rules.find(({ rule }) => rule === 'commitment.exempt')?.source).toEqual({
    from: 'commitment.yaml',
    path: 'exempt',
    value: expect.stringContaining('feature-request'),
  });
});

it('of automatic mail only says what it would be as a request', () => {
  const request = mail(WRONG, { superadminEmail: SUPERADMIN }, [row(120)]);
  const automatic = { ...request, mail: { ...request.mail, kind: 'auto-reply' as const } };
  const { runnerUp, whatIfs } = explain(automatic, policy);
  expect(runnerUp).toMatchObject({ severity: 'S1', priorityCustomer: true });
  expect(whatIfs.map(({ supposing }) => supposing)).toEqual([['if it were a request and not auto-reply']]);
});

it('of a mail that says nothing, names words that would', () => {
  const what = supposed(mail('Please see the attached file.'));
  expect(find(what, /^if it said "/)).toMatch(/^severity S3 -> S[12]/);
  // It would be said where the rest is said: not as an aside beside a description that speaks of less.
  const { whatIfs } = explain(described('The logo looks slightly blurry, a purely cosmetic thing.'), policy);
  const claims = whatIfs.flatMap(({ supposing, decision }) => supposing.map((one) => ({ one, decision })));
  for (const { one, decision } of claims.filter(({ one }) => one.startsWith('if it said'))) {
    const said = /"(.*)"/.exec(one)?.[1] ?? '';
    const again = classify(described(`The logo looks slightly blurry, a purely cosmetic thing.\n${said}`), policy);
    expect(again.severity).toBe(decision.severity);
  }
});

it('changes nothing of what it was given', () => {
  const input = mail(WRONG, { superadminEmail: SUPERADMIN }, [row(120)]);
  const before = structuredClone(input);
  explain(input, policy);
  expect(input).toEqual(before);
});

it('reads as plain words', () => {
  const input = mail(WRONG, { superadminEmail: SUPERADMIN }, [row(120)]);
  const text = explanationText('a.eml', { subject: 'Zoho CRM' }, explain(input, policy));
  expect(text).toContain('a.eml: Zoho CRM\n  decided S1, priority customer, incident, no reply');
  expect(text).toMatch(
    /\n {4}\d?\d?\d\. 120 >= 100 {2}\[regions\.india\.licences; regions\.yaml regions\.india\.licences: 100\]\n/,
  );
  const small = explain(mail(WRONG, { superadminEmail: SUPERADMIN }, [row(59)]), policy);
  expect(explanationText('a.eml', { subject: '' }, small)).toMatch(
    /\n {4}if the region were anz \(large from 50\) or apac-japan \(large from 50\) or canada-brazil \(large from 50\): severity S2 -> S1, large account\n/,
  );
});
