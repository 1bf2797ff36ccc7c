/** What the history says of a new decision: every thing people act on, by name. */
import { expect, it } from 'vitest';
import type { Decision } from '../../src/model.ts';
import { difference } from '../../src/stages/difference.ts';

const due = (hour: number) => ({ target: `2026-03-03T0${hour}:00Z`, commitment: `2026-03-03T0${hour + 1}:00Z` });
const before: Decision = {
  severity: 'S3',
  priorityCustomer: false,
  provisional: true,
  requestNature: 'incident',
  slaApplies: true,
  account: null,
  region: 'india',
  regionFrom: 'partner',
  threshold: 100,
  mailbox: { used: 'com', expected: 'com' },
  partner: { name: 'Partner', tier: 'premium', verified: true },
  missing: ['superadminEmail'],
  reply: 'missing-superadmin-ask',
  tags: ['directory-unreachable', 'second-request'],
  reasons: [],
  deadlines: { firstResponse: due(1) },
  policy: 'a',
};

it('says when nothing changed; reasons, the policy and the directory’s age are no change', () => {
  const directory = { askedAt: 'x', answeredAt: 'y', ageSeconds: 5 };
  const same = { ...before, directory, policy: 'b', reasons: [{ rule: 'a', because: 'b' }] };
  expect(difference(before, same)).toBe('decided again: nothing changed');
});

it.each<[Partial<Decision>, string]>([
  [{ severity: null }, 'severity S3 -> none'],
  [{ priorityCustomer: true }, 'priorityCustomer false -> true'],
  [{ provisional: false }, 'provisional true -> false'],
  [{ requestNature: 'how-to' }, 'requestNature incident -> how-to'],
  [{ slaApplies: false }, 'slaApplies true -> false'],
  [
    {
      account: {
        superadminEmail: 'a@a.example',
        licences: 70,
        service: 'Zoho CRM',
        region: null,
        matchedBy: 'zoid',
      },
    },
    'account none -> a@a.example, licences none -> 70 (Zoho CRM)',
  ],
  [{ region: 'mea', threshold: 60 }, 'region india -> mea, threshold 100 -> 60'],
  [{ partner: null }, 'partner Partner (premium) -> none'],
  [{ partner: { name: 'Partner', tier: 'premium', verified: true, contract: 'expired' } }, 'contract none -> expired'],
  [{ escalationOffered: false }, 'escalationOffered none -> false'],
  [{ mailbox: { used: 'com', expected: 'eu' } }, 'mailbox com -> eu'],
  [{ missing: [] }, 'missing superadminEmail -> none'],
  [{ reply: null }, 'reply missing-superadmin-ask -> none'],
  [{ override: { severity: 'S1', by: 'Asha', at: '', because: '' } }, 'override none -> S1 by Asha'],
  [
    { deadlines: { firstResponse: due(2), resolution: due(3) } },
    // The clock tells them, as they are with its pauses.
    'nothing changed',
  ],
  [{ tags: ['second-request', 'contract-expired'] }, 'tags +contract-expired -directory-unreachable'],
])('%j', (change, said) => {
  expect(difference(before, { ...before, ...change })).toBe(`decided again: ${said}`);
});
