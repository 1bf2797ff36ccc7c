/** When an answer is due, in business time: 24 hours on working days in the region's zone. */
import { DateTime } from 'luxon';
import type { Deadlines, Severity } from '../model.ts';
import type { Policy } from '../policy.ts';

const HOUR_MS = 3_600_000;

export type DeadlineInput = {
  readonly arrivedAt: Date;
  readonly severity: Severity;
  readonly zone: string;
  readonly largeAccount: boolean;
  /** Outage, downtime and login problems: weekends count (DOMAIN: 24 hours, 5 days). */
  readonly weekendsCount: boolean;
};

/** The deadlines of one ticket; the lower figure of a range is the target, the upper the commitment. */
export function deadlinesFor(input: DeadlineInput, policy: Policy): Deadlines {
  const { firstResponse, determination } = policy.commitment.severities[input.severity];
  const ranges = {
    firstResponse,
    determination,
    ...(input.largeAccount ? { resolution: policy.commitment.largeAccountResolution } : {}),
  };
  const at = businessClock(input, policy.commitment.workingDays);
  return Object.fromEntries(
    Object.entries(ranges).map(([what, { target, commitment }]) => [
      what,
      { target: at(target).toISOString(), commitment: at(commitment).toISOString() },
    ]),
  );
}

type Stretch = { readonly from: number; readonly until: number };

/** The moment at which so many business hours have passed. The days that count are found once and kept: zones are slow to ask. */
function businessClock(input: DeadlineInput, workingDays: readonly number[]): (hours: number) => Date {
  const start = input.arrivedAt.getTime();
  if (input.weekendsCount) return (hours) => new Date(start + hours * HOUR_MS);
  let midnight = DateTime.fromMillis(start, { zone: input.zone }).startOf('day');
  const stretches: Stretch[] = [];
  const stretch = (index: number): Stretch => {
    for (;;) {
      const known = stretches[index];
      if (known) return known;
      // Where summer time begins at midnight that day starts at 01:00, and the days after it must not.
      const next = midnight.plus({ days: 1 }).startOf('day');
      // Midnight to midnight in the zone: a day of daylight saving change has 23 or 25 hours.
      if (workingDays.includes(midnight.weekday))
        stretches.push({ from: Math.max(start, midnight.toMillis()), until: next.toMillis() });
      midnight = next;
    }
  };
  return (hours) => {
    let left = hours * HOUR_MS;
    for (let index = 0; ; index += 1) {
      const { from, until } = stretch(index);
      if (left <= until - from) return new Date(from + left);
      left -= until - from;
    }
  };
}
