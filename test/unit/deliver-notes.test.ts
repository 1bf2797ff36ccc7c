/** Notes for associates, as they read them. */
import { describe, expect, it } from 'vitest';
import { answerNote, decisionNote, fileNote, refusedNote, replyNote } from '../../src/pipeline/deliver/notes.ts';
import { decision, parsedMail } from '../support/decided.ts';

const override = { severity: 'S3' as const, by: 'Ann', at: '2026-03-02T09:00:00Z', because: 'a question' };

describe('the first decision', () => {
  it('is told with all its reasons', () => {
    const reasons = [
      { rule: 'regions.india.licences', because: '120 >= 100' },
      { rule: 'severity.priority', because: 'a large account' },
    ];
    const first = decision({ severity: 'S1', priorityCustomer: true, provisional: true, tags: ['a', 'b'], reasons });
    expect(decisionNote('P-1042', null, first, 'mail')).toBe(
      [
        'partner-intake P-1042 decided: S1; priority customer; provisional; incident; tags a, b',
        '',
        'Why:',
        '- 120 >= 100 (regions.india.licences)',
        '- a large account (severity.priority)',
      ].join('\n'),
    );
  });

  it('without a severity says so', () => {
    const none = decision({ severity: null, requestNature: 'non-technical' });
    expect(decisionNote('P-1042', null, none, 'mail')).toMatch(
      /^partner-intake P-1042 decided: no severity; non-technical\n/,
    );
  });
});

describe('a later decision', () => {
  it.each([
    ['answer', 'the partner answered'],
    ['set', 'an associate changed it'],
    ['directory', 'the licence directory answers again'],
    ['something', 'something'],
  ])('set off by %s says that %s', (trigger, words) => {
    expect(decisionNote('P-1', decision(), decision(), trigger)).toBe(
      `partner-intake P-1 decided again (${words}): S2; incident\n\nNothing changed.`,
    );
  });

  it('is told with what is different, and the reasons that are new', () => {
    const before = decision({ tags: ['second-request'] });
    const after = decision({
      ...{ severity: 'S3', override, tags: ['threshold-ambiguous'] },
      reasons: [...before.reasons, { rule: 'severity.by-hand', because: 'Ann set S3' }],
    });
    expect(decisionNote('P-1', before, after, 'set')).toBe(
      [
        'partner-intake P-1 decided again (an associate changed it): S3 (set by Ann); incident; tags threshold-ambiguous',
        '',
        'Changed:',
        '- severity: S2 -> S3',
        '- override: none -> S3 by Ann',
        '- tags: +threshold-ambiguous -second-request',
        '',
        'Why:',
        '- Ann set S3 (severity.by-hand)',
      ].join('\n'),
    );
  });
});

describe('what was written', () => {
  it('by the partner', () => {
    expect(answerNote(parsedMail({ text: '\nIt is ours.\n' }))).toBe(
      'jane@partner.example wrote on 2026-03-02T09:00:00.000Z:\n\nIt is ours.',
    );
    expect(answerNote(parsedMail({ text: ' ', date: null }))).toBe('jane@partner.example wrote:\n\n(no text)');
  });

  it('by us', () => {
    const reply = { to: 'jane@partner.example', subject: 'Re: Totals', text: '\nWho is the super admin?\n' };
    expect(replyNote(reply)).toBe(
      'partner-intake wrote to jane@partner.example: Re: Totals\n\nWho is the super admin?',
    );
  });
});

it('a file that is not brought along is named, with how to get it', () => {
  expect(fileNote({ filename: 'a "b".exe', size: 12, sha256: 'ab'.repeat(32) }, 'a program')).toBe(
    'Attachment "a "b".exe" (12 bytes) stays in partner-intake: a program. To get it: partner-intake attachment abababababab --out FILE',
  );
});

it('fields that Desk refused are written down', () => {
  const fields = {
    ...{ superadminEmail: 'a@b.example', priorityCustomer: false, severity: 'S2' as const, service: null },
    serviceOrganisationId: null,
  };
  const note = refusedNote('P-1', '/cf/cf_severity is invalid', fields);
  expect(note).toContain('/cf/cf_severity is invalid');
  expect(note.split('\n').slice(-5)).toEqual([
    '- superadminEmail: a@b.example',
    '- priorityCustomer: false',
    '- severity: S2',
    '- service: (empty)',
    '- serviceOrganisationId: (empty)',
  ]);
});
