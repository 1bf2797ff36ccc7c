/** Deadlines in business time: what holds for any arrival in any zone. The worked examples are in policy/cases.yaml. */
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { Severity } from '../../src/model.ts';
import type { Calendar } from '../../src/pipeline/clock/business-time.ts';
import { type DeadlineInput, deadlinesFor } from '../../src/pipeline/clock/deadlines.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const { severities, largeAccountResolution, workingDays } = policy.commitment;
const QUARTER_MS = 15 * 60_000;
const HOUR_MS = 4 * QUARTER_MS;

/** The policy's own zones, and some whose summer time begins at midnight, when the day has no 00:00. */
const ZONES = [
  ...Object.values(policy.regions.regions).map((region) => region.zone),
  ...['UTC', 'Africa/Cairo', 'America/Santiago', 'Asia/Beirut', 'Pacific/Auckland', 'America/St_Johns'],
];
const quarters = fc.integer({ min: Date.UTC(2026, 0, 1) / QUARTER_MS, max: Date.UTC(2028, 0, 1) / QUARTER_MS });
const arrival = quarters.map((count) => new Date(count * QUARTER_MS));
const inZone = (zone: string): Calendar => ({ zone, days: workingDays, holidays: [] });
const everyDayOf = ({ calendar }: DeadlineInput): Calendar => ({ ...calendar, days: [1, 2, 3, 4, 5, 6, 7] });
const ticket: fc.Arbitrary<DeadlineInput> = fc.record({
  arrivedAt: arrival,
  severity: fc.constantFrom(...Severity.options),
  calendar: fc.constantFrom(...ZONES).map(inZone),
  largeAccount: fc.constant(true),
});

/** Target and commitment of the three deadlines, in milliseconds since the epoch. */
function duesOf(input: DeadlineInput): number[] {
  const { firstResponse, determination, resolution } = deadlinesFor(input, policy);
  return [firstResponse, determination, resolution].flatMap((due) => [
    Date.parse(due?.target ?? ''),
    Date.parse(due?.commitment ?? ''),
  ]);
}

/** The hours that were promised, in the same order. */
function hoursOf({ severity }: DeadlineInput): number[] {
  const { firstResponse, determination } = severities[severity];
  return [firstResponse, determination, largeAccountResolution].flatMap((due) => [due.target, due.commitment]);
}

const isWorking = (instant: number, zone: string): boolean =>
  workingDays.includes(DateTime.fromMillis(instant, { zone }).weekday);

/** Working hours between two instants, counted by the quarter of an hour: slow, and too simple to be wrong. */
function workingHours(from: number, to: number, zone: string): number {
  let count = 0;
  for (let at = from; at < to; at += QUARTER_MS) if (isWorking(at, zone)) count++;
  return (count * QUARTER_MS) / HOUR_MS;
}

describe('deadlines', () => {
  it('count exactly the hours of working days in the zone', () => {
    fc.assert(
      fc.property(ticket, (input) => {
        const hours = duesOf(input).map((due) => workingHours(input.arrivedAt.getTime(), due, input.calendar.zone));
        expect(hours).toEqual(hoursOf(input));
      }),
    );
  });

  it.each([
    ['Africa/Cairo', '2026-04-23T19:30:00Z'],
    ['Asia/Beirut', '2026-03-27T19:15:00Z'],
    ['America/Santiago', '2026-09-04T20:00:00Z'],
  ])('count them in %s too, where summer time begins at midnight', (zone, arrivedAt) => {
    const input = {
      arrivedAt: new Date(arrivedAt),
      severity: 'S3',
      calendar: inZone(zone),
      largeAccount: true,
    } as const;
    const hours = duesOf(input).map((due) => workingHours(input.arrivedAt.getTime(), due, zone));
    expect(hours).toEqual(hoursOf(input));
  });

  it('never fall on a day off: at the latest at its first moment, the end of the working day', () => {
    fc.assert(
      fc.property(ticket, (input) => {
        for (const due of duesOf(input))
          expect(isWorking(due - 1, input.calendar.zone), new Date(due).toISOString()).toBe(true);
      }),
    );
  });

  it('never come earlier for a mail that came later, nor before the mail', () => {
    fc.assert(
      fc.property(ticket, arrival, fc.boolean(), (ticketOfOne, other, everyDay) => {
        const one = everyDay ? { ...ticketOfOne, calendar: everyDayOf(ticketOfOne) } : ticketOfOne;
        const [early, late] = one.arrivedAt <= other ? [one.arrivedAt, other] : [other, one.arrivedAt];
        const later = duesOf({ ...one, arrivedAt: late });
        duesOf({ ...one, arrivedAt: early }).forEach((due, index) => {
          expect(due).toBeGreaterThan(early.getTime());
          expect(later[index]).toBeGreaterThanOrEqual(due);
        });
      }),
    );
  });

  it('run on the plain clock where weekends count', () => {
    fc.assert(
      fc.property(ticket, (input) => {
        const hours = duesOf({ ...input, calendar: everyDayOf(input) }).map(
          (due) => (due - input.arrivedAt.getTime()) / HOUR_MS,
        );
        expect(hours).toEqual(hoursOf(input));
      }),
    );
  });

  it('promise a resolution to large accounts only', () => {
    const input = {
      arrivedAt: new Date('2026-03-03T10:00:00Z'),
      severity: 'S1',
      calendar: inZone('UTC'),
    } as const;
    expect(deadlinesFor({ ...input, largeAccount: true }, policy)).toHaveProperty('resolution');
    expect(deadlinesFor({ ...input, largeAccount: false }, policy)).not.toHaveProperty('resolution');
  });
});
