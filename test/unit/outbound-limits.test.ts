/** When a mail may leave that an hour has no room for, and which failures put an address on the list. */
import { expect, it } from 'vitest';
import { type Hour, waitsUntil } from '../../src/pipeline/reply/limits.ts';
import { isGoneForGood } from '../../src/pipeline/reply/suppression.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const outbound = { ...policy.outbound, maxMailsPerMailboxAndHour: 3, maxMailsPerHour: 5 };
const NOW = new Date('2026-03-02T14:00:00Z');
const at = (time: string): Date => new Date(`2026-03-02T${time}Z`);
const NOTHING: Hour = { left: [], ahead: 0 };
const waits = (hours: { mailbox?: Hour; all?: Hour }) => {
  const found = waitsUntil({ mailbox: NOTHING, all: NOTHING, ...hours }, 'com', NOW, { outbound });
  return found && [found.until.toISOString().slice(11, 19), found.because];
};
const left = ['13:10:00', '13:20:00', '13:30:00'].map(at);
const OF_MAILBOX = 'mailbox com sends 3 mails in an hour';

it('gives room an hour after the mail whose place it takes, behind those that have waited longer', () => {
  expect(waits({ mailbox: { left: left.slice(1), ahead: 0 } })).toBeNull();
  expect(waits({ mailbox: { left: left.slice(1), ahead: 1 } })).toEqual(['14:20:00', OF_MAILBOX]);
  expect(waits({ mailbox: { left, ahead: 0 } })).toEqual(['14:10:00', OF_MAILBOX]);
  expect(waits({ mailbox: { left, ahead: 2 } })).toEqual(['14:30:00', OF_MAILBOX]);
  // Behind a whole hour's mails, and behind two of them.
  expect(waits({ mailbox: { left, ahead: 3 } })?.[0]).toBe('16:00:00');
  expect(waits({ mailbox: { left: [], ahead: 6 } })?.[0]).toBe('16:00:00');
  // A limit that was lowered meanwhile.
  expect(waits({ mailbox: { left: [at('13:01:00'), at('13:02:00'), ...left], ahead: 0 } })?.[0]).toBe('14:10:00');
});

it('the later of the two counts', () => {
  const all = { left: [at('13:40:00'), ...['13:50:00', '13:51:00', '13:52:00', '13:53:00'].map(at)], ahead: 0 };
  expect(waits({ mailbox: { left, ahead: 0 }, all })).toEqual([
    '14:40:00',
    'all mailboxes together send 5 mails in an hour',
  ]);
  expect(waits({ mailbox: { left, ahead: 0 }, all: { ...all, left: all.left.slice(1) } })).toEqual([
    '14:10:00',
    OF_MAILBOX,
  ]);
});

it.each<[gone: boolean, statuses: string]>([
  [true, '5.1.0 5.1.1 5.1.2 5.1.3 5.1.6 5.1.10 5.2.1 5.4.1 5.4.4 5.4.6 5.4.14 5.4.310 5.7.1 5.7.13 5.7.129'],
  // Full, too big, busy, ours to mend, or not over yet.
  [false, '5.1.7 5.1.8 5.1.9 5.2.2 5.2.3 5.3.4 5.4.5 5.4.7 5.6.1 5.7.5 5.7.8 5.7.20 5.7.26 4.1.1 4.2.2 4.4.1 2.1.5'],
])('gone for good: %s', (gone, statuses) => {
  for (const status of statuses.split(' ')) expect([status, isGoneForGood(status)]).toEqual([status, gone]);
  expect(isGoneForGood(null)).toBe(false);
});
