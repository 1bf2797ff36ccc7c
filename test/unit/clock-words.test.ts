/** The commitment clock in words: what an associate reads, in the partner's zone. */
import { describe, expect, it } from 'vitest';
import { type ClockEntry, clockLines, nextDue } from '../../src/pipeline/clock/clock-words.ts';

const entry: ClockEntry = {
  what: 'firstResponse',
  round: 1,
  target: '2026-03-02T12:00:00.000Z',
  commitment: '2026-03-02T14:00:00.000Z',
  state: 'running',
  since: '2026-03-02T11:00:00.000Z',
  because: null,
  kept: null,
  zone: 'Europe/Berlin',
};
const at = (time: string) => new Date(`2026-03-02T${time}:00Z`);

describe('a promise in words', () => {
  it.each<[name: string, changes: Partial<ClockEntry>, now: string, line: string]>([
    ['running', {}, '11:30', 'first response: due by Mon 2 Mar 2026 15:00 (Europe/Berlin), better by Mon 2 Mar 13:00'],
    ['near', {}, '12:00', 'first response: due soon, by Mon 2 Mar 2026 15:00 (Europe/Berlin); the target has passed'],
    [
      'overdue, though no clock has looked',
      {},
      '14:00',
      'first response: overdue since Mon 2 Mar 2026 15:00 (Europe/Berlin)',
    ],
    [
      'breached',
      { state: 'breached', kept: false },
      '15:00',
      'first response: overdue since Mon 2 Mar 2026 15:00 (Europe/Berlin)',
    ],
    [
      'paused, however late it is',
      { what: 'determination', state: 'paused', because: 'the partner is asked (missing-superadmin-ask)' },
      '20:00',
      'problem determination: stands still since Mon 2 Mar 2026 12:00 (Europe/Berlin), the partner is asked ' +
        '(missing-superadmin-ask); without that due by Mon 2 Mar 2026 15:00 (Europe/Berlin)',
    ],
    [
      'met in time',
      { state: 'met', since: '2026-03-02T13:00:00.000Z', kept: true },
      '20:00',
      'first response: done Mon 2 Mar 2026 14:00 (Europe/Berlin), in time; due by Mon 2 Mar 2026 15:00 (Europe/Berlin)',
    ],
    [
      'met too late',
      { state: 'met', since: '2026-03-02T15:00:00.000Z', kept: false },
      '20:00',
      'first response: done Mon 2 Mar 2026 16:00 (Europe/Berlin), too late; due by Mon 2 Mar 2026 15:00 (Europe/Berlin)',
    ],
  ])('%s', (_, changes, now, line) => {
    expect(clockLines([{ ...entry, ...changes }], at(now))).toEqual([line]);
  });

  it('tells only the last determination', () => {
    const determination = { ...entry, what: 'determination' } as const;
    const rounds = [{ ...determination, state: 'met' } as const, { ...determination, round: 2 }];
    expect(clockLines(rounds, at('11:30'))).toEqual([expect.stringMatching(/^next response: due by /)]);
  });
});

describe('what is due next', () => {
  const later = { ...entry, what: 'determination', commitment: '2026-03-03T14:00:00.000Z' } as const;

  it('is the earliest promise that runs', () => {
    expect(nextDue([later, entry], at('11:30'))).toBe('first response by Mon 2 Mar 15:00');
    expect(nextDue([later, entry], at('14:00'))).toBe('first response overdue');
    expect(nextDue([later, { ...entry, state: 'met' }], at('14:00'))).toBe('problem determination by Tue 3 Mar 15:00');
    expect(nextDue([{ ...later, state: 'paused' }, entry], at('11:30'))).toBe('first response by Mon 2 Mar 15:00');
  });

  it('is nothing while all that is open waits, or nothing is open', () => {
    expect(
      nextDue(
        [
          { ...later, state: 'paused' },
          { ...entry, state: 'met' },
        ],
        at('11:30'),
      ),
    ).toBe('waits for the partner');
    expect(nextDue([{ ...entry, state: 'met' }], at('11:30'))).toBe('');
    expect(nextDue([], at('11:30'))).toBe('');
  });
});
