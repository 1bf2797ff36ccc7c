/** Business time and the commitment clock, with the clock in hand: worked examples by the calendar, and what holds for any. */
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { businessTime, type Calendar } from '../../src/pipeline/clock/business-time.ts';
import { calendarFor } from '../../src/pipeline/clock/deadlines.ts';
import { dueAt, type Pause, pausedSince, spentBetween, type Timeline } from '../../src/pipeline/clock/timeline.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const HOUR = 3_600_000;
const WEEK = [1, 2, 3, 4, 5];
const berlin: Calendar = { zone: 'Europe/Berlin', days: WEEK, holidays: [] };
const newYork: Calendar = { zone: 'America/New_York', days: WEEK, holidays: [] };
const everyDay = (calendar: Calendar): Calendar => ({ ...calendar, days: [1, 2, 3, 4, 5, 6, 7] });

/** A time on the wall in a calendar's zone. */
const wall = (time: string, { zone }: Calendar): Date => DateTime.fromISO(time, { zone }).toJSDate();
const due = (calendar: Calendar, from: string, hours: number): string =>
  DateTime.fromMillis(businessTime(calendar).add(wall(from, calendar).getTime(), hours * HOUR), {
    zone: calendar.zone,
  }).toFormat("yyyy-MM-dd'T'HH:mm");
const timeline = (calendar: Calendar, pauses: readonly Pause[] = []): Timeline => ({
  calendars: [{ since: new Date(0), calendar }],
  pauses,
});

describe('business time', () => {
  it.each<[name: string, calendar: Calendar, from: string, hours: number, due: string]>([
    ['Friday evening runs on through Monday', berlin, '2026-03-06T22:00', 3, '2026-03-09T01:00'],
    ['the last hour of Friday ends with Friday', berlin, '2026-03-06T21:00', 3, '2026-03-07T00:00'],
    ['one minute more is Monday', berlin, '2026-03-06T21:01', 3, '2026-03-09T00:01'],
    ['Saturday begins on Monday', berlin, '2026-03-07T09:00', 3, '2026-03-09T03:00'],
    ['Sunday, the last minute', berlin, '2026-03-08T23:59', 3, '2026-03-09T03:00'],
    ['Monday, the first moment', berlin, '2026-03-09T00:00', 3, '2026-03-09T03:00'],
    ['over the weekend in which summer time begins', berlin, '2026-03-27T20:00', 8, '2026-03-30T04:00'],
    ['over the weekend in which summer time ends', berlin, '2026-10-23T20:00', 8, '2026-10-26T04:00'],
    ['an outage in the night in which summer time begins', everyDay(berlin), '2026-03-28T20:00', 8, '2026-03-29T05:00'],
    ['an outage in the night in which summer time ends', everyDay(berlin), '2026-10-24T20:00', 8, '2026-10-25T03:00'],
    ['the same in New York, spring', newYork, '2026-03-06T20:00', 8, '2026-03-09T04:00'],
    ['the same in New York, autumn', newYork, '2026-10-30T20:00', 8, '2026-11-02T04:00'],
    ['an outage there, spring', everyDay(newYork), '2026-03-07T20:00', 8, '2026-03-08T05:00'],
    ['an outage there, autumn', everyDay(newYork), '2026-10-31T20:00', 8, '2026-11-01T03:00'],
    ['a holiday does not count', { ...berlin, holidays: ['2026-05-01'] }, '2026-04-30T22:00', 3, '2026-05-04T01:00'],
    [
      'a holiday at a weekend changes nothing',
      { ...berlin, holidays: ['2026-03-07'] },
      '2026-03-06T22:00',
      3,
      '2026-03-09T01:00',
    ],
    ['a mail on a holiday', { ...berlin, holidays: ['2026-12-25'] }, '2026-12-25T10:00', 3, '2026-12-28T03:00'],
    [
      'a holiday in the middle of a week',
      { ...newYork, holidays: ['2026-11-26'] },
      '2026-11-25T20:00',
      48,
      '2026-11-30T20:00',
    ],
  ])('%s', (_, calendar, from, hours, expected) => {
    expect(due(calendar, from, hours)).toBe(expected);
  });

  it('a holiday is one in the zone, not in UTC', () => {
    const kolkata = { zone: 'Asia/Kolkata', days: WEEK, holidays: ['2026-01-26'] };
    const time = businessTime(kolkata);
    // 25 January 19:00 UTC is half past midnight of the holiday; 26 January 18:30 UTC is its end.
    expect(time.between(Date.parse('2026-01-25T19:00Z'), Date.parse('2026-01-26T18:30Z'))).toBe(0);
    expect(time.between(Date.parse('2026-01-26T18:30Z'), Date.parse('2026-01-26T19:30Z'))).toBe(HOUR);
  });

  it('outages run through weekends, and through holidays as the policy says', () => {
    const holidays = { 'europe-uk': ['2026-12-25'] } as const;
    const under = (outagesRunOnHolidays: boolean) =>
      ({ ...policy, commitment: { ...policy.commitment, holidays, outagesRunOnHolidays } }) as unknown as typeof policy;
    const running = calendarFor('europe-uk', true, under(true));
    const resting = calendarFor('europe-uk', true, under(false));
    expect(due(running, '2026-12-24T23:00', 3)).toBe('2026-12-25T02:00');
    expect(due(resting, '2026-12-24T23:00', 3)).toBe('2026-12-26T02:00');
    expect(due(calendarFor('europe-uk', false, under(true)), '2026-12-24T23:00', 3)).toBe('2026-12-28T02:00');
    expect(due(calendarFor('india', false, under(true)), '2026-12-24T23:00', 3)).toBe('2026-12-25T02:00');
  });
});

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Sydney',
  'Africa/Cairo',
  'America/Santiago',
];
const calendar: fc.Arbitrary<Calendar> = fc.record({
  zone: fc.constantFrom(...zones),
  days: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
  holidays: fc.array(
    fc.integer({ min: 0, max: 720 }).map((day) => DateTime.utc(2026, 1, 1).plus({ days: day }).toFormat('yyyy-MM-dd')),
    { maxLength: 5 },
  ),
});
const instant = fc
  .integer({ min: Date.UTC(2026, 0, 1) / 1000, max: Date.UTC(2027, 11, 1) / 1000 })
  .map((s) => s * 1000);
const span = fc.integer({ min: 0, max: 100 * 3600 }).map((seconds) => seconds * 1000);

describe('for any calendar', () => {
  it('adding is associative', () => {
    fc.assert(
      fc.property(calendar, instant, span, span, (days, from, one, other) => {
        const { add } = businessTime(days);
        expect(add(add(from, one), other)).toBe(add(from, one + other));
      }),
    );
  });

  it('what was added lies between, and nothing comes before its start', () => {
    fc.assert(
      fc.property(calendar, instant, span, (days, from, added) => {
        const { add, between } = businessTime(days);
        expect(add(from, added)).toBeGreaterThanOrEqual(from + added);
        expect(between(from, add(from, added))).toBe(added);
      }),
    );
  });

  it('time between adds up', () => {
    fc.assert(
      fc.property(calendar, instant, span, span, (days, from, one, other) => {
        const { between } = businessTime(days);
        const [middle, end] = [from + one, from + one + other];
        expect(between(from, middle) + between(middle, end)).toBe(between(from, end));
        expect(between(end, from)).toBe(0);
      }),
    );
  });
});

describe('a clock whose rules change on the way', () => {
  const at = (time: string) => wall(time, berlin);
  const dueIn = (start: string, hours: number, line: Timeline) =>
    DateTime.fromJSDate(dueAt(at(start), hours * HOUR, line), { zone: berlin.zone }).toFormat("yyyy-MM-dd'T'HH:mm");

  it('a severity that rises or falls keeps the time spent', () => {
    // Monday 09:00; by 14:00 five hours are spent, whatever is promised from then on.
    expect(spentBetween(at('2026-03-02T09:00'), at('2026-03-02T14:00'), timeline(berlin))).toBe(5 * HOUR);
    expect(dueIn('2026-03-02T09:00', 12, timeline(berlin))).toBe('2026-03-02T21:00');
    expect(dueIn('2026-03-02T09:00', 3, timeline(berlin)), 'S1: due already').toBe('2026-03-02T12:00');
    expect(dueIn('2026-03-02T09:00', 24, timeline(berlin)), 'S3: 19 hours are left').toBe('2026-03-03T09:00');
  });

  it('another zone keeps the time spent under the old one', () => {
    // Friday 20:00 in Berlin: two of three hours are spent when at 22:00 it turns out to be New York's, where it is 16:00.
    const line = {
      calendars: [...timeline(berlin).calendars, { since: at('2026-03-06T22:00'), calendar: newYork }],
      pauses: [],
    };
    expect(dueAt(at('2026-03-06T20:00'), 3 * HOUR, line)).toEqual(wall('2026-03-06T17:00', newYork));
    expect(dueAt(at('2026-03-06T20:00'), 12 * HOUR, line)).toEqual(wall('2026-03-09T02:00', newYork));
  });

  it('an outage that turns out to be none waits for Monday with what is left, and the other way round', () => {
    const line = (first: Calendar, then: Calendar) => ({
      calendars: [
        { since: new Date(0), calendar: first },
        { since: at('2026-03-07T12:00'), calendar: then },
      ],
      pauses: [],
    });
    // Friday 22:00: by Saturday noon 14 hours are spent as an outage, 2 otherwise.
    expect(dueIn('2026-03-06T22:00', 16, line(everyDay(berlin), berlin))).toBe('2026-03-09T02:00');
    expect(dueIn('2026-03-06T22:00', 16, line(berlin, everyDay(berlin)))).toBe('2026-03-08T02:00');
  });

  it('a pause over a weekend moves the deadline by the business time paused', () => {
    const pause = { from: at('2026-03-06T20:00'), until: at('2026-03-09T10:00') };
    // 4 hours of Friday and 10 of Monday were waited; without the pause: Monday 18:00 and 8 hours.
    expect(dueIn('2026-03-06T18:00', 8, timeline(berlin))).toBe('2026-03-09T02:00');
    expect(dueIn('2026-03-06T18:00', 8, timeline(berlin, [pause]))).toBe('2026-03-09T16:00');
    expect(spentBetween(at('2026-03-06T18:00'), at('2026-03-09T12:00'), timeline(berlin, [pause]))).toBe(4 * HOUR);
  });

  it('a pause within a weekend costs nothing, two that overlap count once, one before the start not at all', () => {
    const within = { from: at('2026-03-07T08:00'), until: at('2026-03-08T20:00') };
    expect(dueIn('2026-03-06T22:00', 3, timeline(berlin, [within]))).toBe('2026-03-09T01:00');
    const [one, other] = [
      { from: at('2026-03-02T10:00'), until: at('2026-03-02T14:00') },
      { from: at('2026-03-02T12:00'), until: at('2026-03-02T16:00') },
    ];
    expect(dueIn('2026-03-02T09:00', 3, timeline(berlin, [one, other]))).toBe('2026-03-02T18:00');
    expect(dueIn('2026-03-02T16:00', 3, timeline(berlin, [one, other]))).toBe('2026-03-02T19:00');
  });

  it('a pause without an end stands still from its beginning, or from a start within it', () => {
    const open = { from: at('2026-03-02T10:00'), until: null };
    expect(dueIn('2026-03-02T09:00', 3, timeline(berlin, [open]))).toBe('2026-03-02T12:00');
    expect(pausedSince(at('2026-03-02T09:00'), [open])).toEqual(open.from);
    expect(pausedSince(at('2026-03-03T09:00'), [open])).toEqual(at('2026-03-03T09:00'));
    expect(pausedSince(at('2026-03-02T09:00'), [{ ...open, until: at('2026-03-02T11:00') }])).toBeNull();
  });

  it('whatever changes, the time spent until a deadline is what was promised', () => {
    const change = fc.record({ after: span, calendar });
    const pause = fc.record({ after: span, lasts: span });
    fc.assert(
      fc.property(
        calendar,
        instant,
        span,
        fc.array(change, { maxLength: 3 }),
        fc.array(pause, { maxLength: 3 }),
        (first, start, hours, changes, stops) => {
          const line = {
            calendars: [
              { since: new Date(start), calendar: first },
              ...changes
                .map(({ after, calendar }) => ({ since: new Date(start + after), calendar }))
                .toSorted((a, b) => a.since.getTime() - b.since.getTime()),
            ],
            pauses: stops.map(({ after, lasts }) => ({
              from: new Date(start + after),
              until: new Date(start + after + lasts),
            })),
          };
          const end = dueAt(new Date(start), hours, line);
          expect(end.getTime()).toBeGreaterThanOrEqual(start);
          expect(spentBetween(new Date(start), end, line)).toBe(hours);
          // The same deadline, asked for in two steps: nothing spent is lost.
          const half = Math.floor(hours / 2);
          const middle = dueAt(new Date(start), half, line);
          expect(dueAt(middle, hours - half, line)).toEqual(end);
        },
      ),
      { numRuns: 200 },
    );
  });
});
