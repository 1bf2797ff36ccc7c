/** A wish to escalate is heard whatever else the mail is, and only where it is the writer's own. */
import { describe, expect, it } from 'vitest';
import type { Enquiry, FieldName } from '../../src/model.ts';
import { escalationWish } from '../../src/pipeline/decide/escalation-wish.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);

function wish(text: string, fields: Partial<Record<FieldName, string>> = {}, language = 'en') {
  const source = { part: 'text', start: 0, end: 0, label: null, language: null } as const;
  const read = Object.entries(fields).map(([name, value]) => [name, { value, confidence: 1, source }]);
  const enquiry: Enquiry = { language, template: true, fields: Object.fromEntries(read) };
  return escalationWish({ subject: 'P-1001', text, enquiry }, policy);
}

describe('a wish to escalate', () => {
  it.each(['Technical Support', 'Product Management Related', 'Payments Renewal', 'Sales Discussions'])(
    'is heard in a request of the type %s',
    (requestType) => {
      const said = wish('We want to escalate P-1001 to your manager.', { requestType });
      expect(said).toMatch(/^the mail says ".*want to escalate/);
    },
  );

  it.each([
    'We have had no answer and want to escalate this.',
    'There is no solution. Please escalate.',
    'Still not solved, please escalate this ticket.',
    'How do I add a column? I need to escalate this to your manager.',
  ])('is heard beside a negation of something else: %s', (text) => expect(wish(text)).not.toBeNull());

  it.each([
    'We do not want to escalate this, take your time.',
    'We do not yet want to escalate.',
    'There is no need to escalate this.',
    'The button "Escalate this" does nothing.',
    'The report shows wrong results.',
  ])('is not: %s', (text) => expect(wish(text)).toBeNull());

  it('of quoted history is not the writer’s: it is no part of the new text', () => {
    expect(wish('Any news?', { description: 'Please escalate this.' })).toBeNull();
  });

  it('is heard in other languages, and its negation too', () => {
    const type = { requestType: 'Payments Renewal' };
    expect(wish('Bitte eskalieren Sie das Ticket P-1001.', type, 'de')).not.toBeNull();
    expect(wish('Wir wollen das nicht eskalieren.', type, 'de')).toBeNull();
  });
});
