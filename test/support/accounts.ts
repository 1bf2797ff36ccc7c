/** What a decision on a large account is made of: an enquiry that names it, its rows in the licence directory, the partner who asks. */
import type { Enquiry, FieldName, FieldValue, Partner, Subscription } from '../../src/model.ts';
import type { ClassifyInput } from '../../src/pipeline/decide/classify.ts';

const source = { part: 'text', start: 0, end: 0, label: null, language: null } as const;
export const field = (value: string, byHand = false): FieldValue => ({
  value,
  confidence: 1,
  source,
  ...(byHand ? { by: 'associate' as const } : {}),
});
export const enquiryOf = (fields: Partial<Record<FieldName, FieldValue>> = {}): Enquiry => ({
  language: 'en',
  template: true,
  fields,
});
export const row = (more: Partial<Subscription> = {}): Subscription => ({
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
export const asked = (rows: readonly Subscription[], more: Partial<ClassifyInput> = {}): ClassifyInput => ({
  mail: { kind: 'request', kindBecause: '', subject: '', text: 'Desk shows wrong results.' },
  enquiry: enquiryOf({ superadminEmail: field('a@a.example') }),
  mailbox: 'com',
  // Friday noon in New York, evening in India.
  arrivedAt: new Date('2026-03-06T17:00:00Z'),
  directory: { reachable: true, answers: [{ key: 'superadminEmail', value: 'a@a.example', rows }] },
  partner: indian,
  ...more,
});
export const rules = ({ reasons }: { reasons: readonly { rule: string }[] }) => reasons.map(({ rule }) => rule);
