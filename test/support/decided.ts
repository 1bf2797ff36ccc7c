/** A mail that was read and decided, with nothing special about it: a test says what is. */
import type { Decision, Enquiry, FieldName, FieldValue, ParsedMail } from '../../src/model.ts';

const due = { target: '2026-03-03T01:00:00Z', commitment: '2026-03-03T02:00:00Z' };

export const decision = (more: Partial<Decision> = {}): Decision => ({
  ...{ severity: 'S2', priorityCustomer: false, provisional: false, requestNature: 'incident', slaApplies: true },
  ...{
    account: null,
    region: 'india',
    regionFrom: 'partner',
    threshold: 100,
    mailbox: { used: 'com', expected: 'com' },
  },
  ...{ partner: null, missing: [], reply: null, tags: [], deadlines: { firstResponse: due }, policy: 'a' },
  reasons: [{ rule: 'severity.signals', because: 'the mail says "wrong results"' }],
  ...more,
});

const source = { part: 'text', start: 0, end: 0, label: null, language: null } as const;
export const read = (value: string, more: Partial<FieldValue> = {}): FieldValue => ({
  ...{ value, confidence: 1, source },
  ...more,
});

export const enquiry = (fields: Partial<Record<FieldName, FieldValue>> = {}, language = 'en'): Enquiry => ({
  ...{ language, template: true, fields },
});

export const parsedMail = (more: Partial<ParsedMail> = {}): ParsedMail => ({
  ...{ messageId: '<a@partner.example>', inReplyTo: null, references: [], replyTo: null, cc: [], bounce: null },
  ...{ from: { address: 'jane@partner.example', name: 'Jane Doe' }, to: ['partner-support@vendor.example'] },
  ...{ subject: 'Totals', date: '2026-03-02T09:00:00.000Z', kind: 'request', kindBecause: '' },
  ...{ degraded: false, degradedBecause: null, text: 'The report is wrong.', quoted: '', attachments: [] },
  parts: { text: '', html: '' },
  ...more,
});
