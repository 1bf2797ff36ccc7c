/** When an answer is due, in business time: 24 hours on working days in the region's zone. */
import { DateTime } from 'luxon';
import type { Deadlines, Severity } from '../model.ts';
import type { Policy } from '../policy.ts';

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
  const after = (hours: number): string => addBusinessHours(input, hours, policy.commitment.workingDays).toISOString();
  const due = (range: { target: number; commitment: number }) => ({
    target: after(range.target),
    commitment: after(range.commitment),
  });
  return {
    firstResponse: due(firstResponse),
    determination: due(determination),
    ...(input.largeAccount ? { resolution: due(policy.commitment.largeAccountResolution) } : {}),
  };
}

function addBusinessHours(input: DeadlineInput, hours: number, workingDays: readonly number[]): Date {
  let at = DateTime.fromJSDate(input.arrivedAt, { zone: input.zone });
  if (input.weekendsCount) return at.plus({ hours }).toJSDate();
  let left = hours * 3_600_000;
  for (;;) {
    if (!workingDays.includes(at.weekday)) {
      at = at.plus({ days: 1 }).startOf('day');
      continue;
    }
    // Midnight to midnight in the zone: a day of daylight saving change has 23 or 25 hours.
    const midnight = at.plus({ days: 1 }).startOf('day');
    const today = midnight.toMillis() - at.toMillis();
    if (left <= today) return at.plus({ milliseconds: left }).toJSDate();
    left -= today;
    at = midnight;
  }
}
