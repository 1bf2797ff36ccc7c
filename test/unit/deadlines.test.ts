/** Deadlines in business time: what holds for any arrival in any zone. The worked examples are in policy/cases.yaml. */
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { Severity } from '../../src/model.ts';
import { deadlinesFor } from '../../src/pipeline/deadlines.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const QUARTER_MS = 15 * 60_000;
const HOUR_MS = 4 * QUARTER_MS;

/** The policy's own zones, and some whose summer time begins at midnight, when the day has no 00:00. */
const ZONES = [
  ...Object.values(policy.regions.regions).map((region) => region.zone),
  ...['UTC', 'Africa/Cairo', 'America/Santiago', 'Asia/Beirut', 'Pacific/Auckland', 'America/St_Johns'],
];
const zone = fc.constantFrom(...ZONES);
const severity = fc.constantFrom(...Severity.options);
const START = Date.UTC(2026, 0, 1) / QUARTER_MS;
const END = Date.UTC(2028, 0, 1) / QUARTER_MS;
const arrivedAt = fc.integer({ min: START, max: END }).map((quarters) => new Date(quarters * QUARTER_MS));

const largest = { largeAccount: true, weekendsCount: false };
const instants = (deadlines: ReturnType<typeof deadlinesFor>): number[] =>
  Object.values(deadlines).flatMap((due) => [Date.parse(due.target), Date.parse(due.commitment)]);
const isWorking = (instant: number, inZone: string): boolean =>
  policy.commitment.workingDays.includes(DateTime.fromMillis(instant, { zone: inZone }).weekday);

/** Working time between two instants, counted by the quarter of an hour: slow, and too simple to be wrong. */
function workingHours(from: number, to: number, inZone: string): number {
  let quarters = 0;
  for (let at = from; at < to; at += QUARTER_MS) if (isWorking(at, inZone)) quarters++;
  return (quarters * QUARTER_MS) / HOUR_MS;
}

describe('deadlines', () => {
  it('count exactly the hours of working days in the zone', () => {
    fc.assert(
      fc.property(arrivedAt, zone, severity, (arrived, inZone, level) => {
        const { firstResponse } = deadlinesFor(
          { arrivedAt: arrived, severity: level, zone: inZone, ...largest },
          policy,
        );
        const { target, commitment } = policy.commitment.severities[level].firstResponse;
        const hoursUntil = (iso: string | undefined) => workingHours(arrived.getTime(), Date.parse(iso ?? ''), inZone);
        expect([hoursUntil(firstResponse?.target), hoursUntil(firstResponse?.commitment)]).toEqual([
          target,
          commitment,
        ]);
      }),
    );
  });

  it('never fall on a day off: at the latest at its first moment, the end of the working day', () => {
    fc.assert(
      fc.property(arrivedAt, zone, severity, (arrived, inZone, level) => {
        for (const instant of instants(
          deadlinesFor({ arrivedAt: arrived, severity: level, zone: inZone, ...largest }, policy),
        )) {
          expect(isWorking(instant - 1, inZone), new Date(instant).toISOString()).toBe(true);
        }
      }),
    );
  });

  it('never come earlier for a mail that came later, nor the commitment before the target', () => {
    fc.assert(
      fc.property(arrivedAt, arrivedAt, zone, severity, fc.boolean(), (one, other, inZone, level, weekendsCount) => {
        const [first, second] = one <= other ? [one, other] : [other, one];
        const [early, late] = [first, second].map((arrived) =>
          deadlinesFor(
            { arrivedAt: arrived, severity: level, zone: inZone, largeAccount: true, weekendsCount },
            policy,
          ),
        );
        if (!early || !late) throw new Error('two arrivals, two answers');
        instants(early).forEach((instant, index) => {
          expect(instant).toBeGreaterThan(first.getTime());
          expect(instants(late)[index]).toBeGreaterThanOrEqual(instant);
        });
        for (const due of Object.values(early)) expect(due.target < due.commitment).toBe(true);
      }),
    );
  });

  it('run on the plain clock where weekends count', () => {
    fc.assert(
      fc.property(arrivedAt, zone, severity, (arrived, inZone, level) => {
        const { determination } = deadlinesFor(
          { arrivedAt: arrived, severity: level, zone: inZone, largeAccount: false, weekendsCount: true },
          policy,
        );
        const { target } = policy.commitment.severities[level].determination;
        expect(Date.parse(determination?.target ?? '') - arrived.getTime()).toBe(target * HOUR_MS);
      }),
    );
  });

  it('promise a resolution to large accounts only', () => {
    const input = { arrivedAt: new Date('2026-03-03T10:00:00Z'), severity: 'S1', zone: 'UTC' } as const;
    expect(Object.keys(deadlinesFor({ ...input, ...largest }, policy))).toContain('resolution');
    expect(Object.keys(deadlinesFor({ ...input, ...largest, largeAccount: false }, policy))).not.toContain(
      'resolution',
    );
  });
});
