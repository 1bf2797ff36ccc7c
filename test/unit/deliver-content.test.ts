/** A ticket as text for Desk: the partner's words first, where they come from and what was read of them below. */
import { expect, it } from 'vitest';
import { contentOf } from '../../src/pipeline/deliver/content.ts';
import { decision, enquiry, parsedMail, read } from '../support/decided.ts';

const ticket = {
  ...{ number: 'P-1042', subject: 'Totals', superadmin_email: 'owner@large.example', decision: decision() },
  enquiry: enquiry({ description: read('It is wrong.'), zoid: read('650000001'), customerEmail: read('a@b.example') }),
};

it('holds the text, its origin, and what was read, in the order of the template', () => {
  const content = contentOf(ticket, parsedMail({ text: '\nThe report is wrong.\n' }));
  expect(content.description).toBe(
    [
      'The report is wrong.',
      '',
      '--',
      'From: Jane Doe <jane@partner.example>',
      'Date: 2026-03-02T09:00:00.000Z',
      'To: partner-support@vendor.example',
      'Customer email: a@b.example',
      'ZOID: 650000001',
      'P-1042',
    ].join('\n'),
  );
  expect(content).toMatchObject({
    ...{ number: 'P-1042', subject: 'Totals', language: 'en' },
    ...{
      sender: { address: 'jane@partner.example', name: 'Jane Doe' },
      fields: { superadminEmail: 'owner@large.example' },
    },
  });
});

it('of a mail that says nothing of itself says so, and names what is known', () => {
  const bare = { from: { address: 'jane@partner.example', name: '' }, to: [], date: null, text: ' \n' };
  const { description } = contentOf({ ...ticket, enquiry: enquiry() }, parsedMail(bare));
  expect(description).toBe('(no text)\n\n--\nFrom: jane@partner.example\nP-1042');
});

it.each([
  ['its parts are nested too deep', 'Could not be read in full: its parts are nested too deep'],
  [null, 'Could not be read in full: see the original'],
])('of a mail that could not be read in full says why: %s', (degradedBecause, line) => {
  const { description } = contentOf(ticket, parsedMail({ degraded: true, degradedBecause }));
  expect(description.split('\n')).toContain(line);
});

it('ends with its number: by it a person finds the rest', () => {
  expect(contentOf(ticket, parsedMail({ text: 'x'.repeat(100_000) })).description).toMatch(/\nP-1042$/);
});
