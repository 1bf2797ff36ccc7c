/** When a partner's wish to escalate is justified, and whom a notice is for. */
import { describe, expect, it } from 'vitest';
import type { Partner } from '../../src/model.ts';
import { type Addressed, recipientsOf } from '../../src/pipeline/notice/contacts.ts';
import { type EscalationInput, judgeEscalation } from '../../src/pipeline/notice/escalation.ts';
import { isPlain } from '../../src/pipeline/words/patterns.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const partner: Partner = {
  ...{ domain: 'reseller.example', name: 'Reseller', tier: 'premium', country: 'IN', region: null, language: 'en' },
  ...{ contract: 'valid', accountManager: 'manager@accounts.example' },
};
const due = {
  firstResponse: { target: '2026-03-04T10:00:00.000Z', commitment: '2026-03-04T12:00:00.000Z' },
  determination: { target: '2026-03-04T11:00:00.000Z', commitment: '2026-03-04T17:00:00.000Z' },
};
const judge = (over: Partial<EscalationInput>) =>
  judgeEscalation(
    {
      ...{ subject: 'Escalation', text: 'please escalate this', partner, severity: 'S2', outage: false, due },
      ...{ recentCritical: 0, now: new Date('2026-03-04T09:00:00Z') },
      ...over,
    },
    policy,
  );
const at = (time: string) => new Date(`2026-03-04T${time}Z`);

describe('a wish to escalate', () => {
  it.each<[what: string, over: Partial<EscalationInput>, outcome: string, rule: string]>([
    ['before the time', {}, 'wished', 'escalation.too-early'],
    ['a millisecond before the time', { now: at('11:59:59.999') }, 'wished', 'escalation.too-early'],
    ['at the time', { now: at('12:00:00.000') }, 'told', 'escalation.response-passed'],
    ['when it was answered in time', { now: at('13:00:00'), due: {} }, 'wished', 'escalation.too-early'],
    ['an outage before its target', { outage: true, now: at('09:59:00') }, 'wished', 'escalation.too-early'],
    ['an outage past its target', { outage: true, now: at('10:00:00') }, 'told', 'escalation.outage'],
    ['no outage past its target', { now: at('10:00:00') }, 'wished', 'escalation.too-early'],
    ['S1, determination late', { severity: 'S1', now: at('11:00:00') }, 'told', 'escalation.high-impact'],
    ['S1, determination in time', { severity: 'S1', now: at('10:59:00') }, 'wished', 'escalation.too-early'],
    ['two S1 tickets', { recentCritical: 2 }, 'wished', 'escalation.too-early'],
    ['three S1 tickets', { recentCritical: 3 }, 'told', 'escalation.recurringIncidents'],
    ['data was lost', { text: 'Escalate please, our DATA was lost.' }, 'told', 'escalation.risks'],
    ['no data was lost', { text: 'please escalate. No data was lost' }, 'wished', 'escalation.too-early'],
    ['a breach in the subject', { subject: 'Sicherheitsvorfall' }, 'told', 'escalation.risks'],
    ['in Japanese', { text: '至急。不正アクセスがありました。' }, 'told', 'escalation.risks'],
    ['in Arabic', { text: 'نخشى فقدان البيانات' }, 'told', 'escalation.risks'],
    ['without a register entry', { partner: null, now: at('13:00:00') }, 'not-offered', 'partners.unverified'],
    [
      'with an expired contract',
      { partner: { ...partner, contract: 'expired' }, now: at('13:00:00') },
      'not-offered',
      'partners.escalationContracts',
    ],
  ])('%s', (_, over, outcome, rule) => expect(judge(over)).toMatchObject({ outcome, rule }));

  it('says when the response is due', () =>
    expect(judge({}).because).toBe('the response is due 2026-03-04 12:00 UTC, and no other reason is given'));

  it.each(Object.entries(policy.escalation.risks))('every risk in %s is found in a sentence', (_, risks) => {
    for (const risk of risks.filter(isPlain))
      expect([risk, judge({ subject: '', text: `x ${risk}, y` }).rule]).toEqual([risk, 'escalation.risks']);
  });

  const wished = (text: string, language: string) =>
    judge({ subject: '', text, enquiry: { language, template: false, fields: {} } }).rule;
  it.each([
    ['en', 'We lost all our data'],
    ['en', 'We are losing customer data every hour.'],
    ['en', 'our data was deleted'],
    ['fr', 'nos données ont été perdues'],
    ['vi', 'dữ liệu của chúng tôi bị mất'],
    ['tr', 'veri kaybına yol açıyor'],
    ['ar', 'لقد حدث فقدان للبيانات'],
    ['en', 'No data was lost yesterday. Today there was a security breach.'],
  ])('%s: "%s" is a risk, whatever the language was taken for', (language, text) => {
    expect(wished(text, language)).toBe('escalation.risks');
    expect(wished(text, 'en')).toBe('escalation.risks');
  });
  it.each([
    ['de', 'Es gab keinen Datenverlust.'],
    ['en', 'data loss has not occurred'],
    ['en', 'We do not think this is a security breach'],
    ['en', 'Nothing was compromised'],
    ['en', 'We are considering the Zoho Data Loss Prevention feature'],
    ['ru', 'Не было утечки данных'],
  ])('%s: "%s" is none', (language, text) => {
    expect(wished(text, language)).toBe('escalation.too-early');
    expect(wished(text, 'en')).toBe('escalation.too-early');
  });
});

it('every language has words for the risks', () =>
  expect(Object.keys(policy.escalation.risks).toSorted()).toEqual(Object.keys(policy.labels.languages).toSorted()));

describe('whom a notice is for', () => {
  const people = {
    leads: ['all@x.example', { for: 'UK', email: 'uk@x.example' }, { for: 'elsewhere', email: 'rest@x.example' }],
    managers: ['Boss@x.example'],
    accountManagers: [{ for: 'France', email: 'fr@x.example' }],
  };
  const escalation = { ...policy.escalation, contacts: { ...policy.escalation.contacts, 'europe-uk': people } };
  const to = (over: Partial<Addressed>, desk: string | null = null) =>
    recipientsOf({ level: 'lead', region: 'europe-uk', country: 'GB', recipient: null, ...over }, { escalation }, desk);

  it.each<[what: string, over: Partial<Addressed>, desk: string | null, expected: string[]]>([
    ['a country of a territory', {}, null, ['all@x.example', 'uk@x.example']],
    ['a country of none', { country: 'PL' }, null, ['all@x.example', 'rest@x.example']],
    ['no country', { country: null }, null, ['all@x.example']],
    ['a manager', { level: 'manager' }, null, ['boss@x.example']],
    ['a manager and the desk', { level: 'manager' }, 'desk@x.example', ['boss@x.example', 'desk@x.example']],
    ['the desk is the manager', { level: 'manager' }, 'boss@x.example', ['boss@x.example']],
    ['the desk is not told with the lead', {}, 'desk@x.example', ['all@x.example', 'uk@x.example']],
    ['an account manager of the country', { level: 'account-manager', country: 'FR' }, null, ['fr@x.example']],
    ['no account manager there: the lead', { level: 'account-manager' }, null, ['all@x.example', 'uk@x.example']],
    [
      "the register's account manager",
      { level: 'account-manager', recipient: 'Own@x.example' },
      null,
      ['own@x.example'],
    ],
    [
      'a name that is no address',
      { level: 'account-manager', country: 'FR', recipient: 'Ann' },
      null,
      ['fr@x.example'],
    ],
  ])('%s', (_, over, desk, expected) => expect(to(over, desk)).toEqual(expected));

  it('nobody without a for and no country: the whole list', () =>
    expect(to({ level: 'account-manager', country: null })).toEqual(['fr@x.example']));
});
