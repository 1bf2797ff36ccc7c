/** When an answer is due, in business time: 24 hours on working days in the region's zone. */
import type { DeadlineName, Deadlines, Decision, Region, Severity } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { businessTime, type Calendar } from './business-time.ts';

export const HOUR_MS = 3_600_000;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

/** Hours of business time: the lower figure of a range is the target, the upper the commitment. */
export type Hours = { readonly target: number; readonly commitment: number };

export type DeadlineInput = {
  readonly arrivedAt: Date;
  readonly severity: Severity;
  readonly calendar: Calendar;
  readonly largeAccount: boolean;
};

/** The days that count for a ticket. For outages, downtime and login problems weekends do (DOMAIN: 24 hours, 5 days), holidays by policy. */
export function calendarFor(region: Region, weekendsCount: boolean, policy: Policy): Calendar {
  const { workingDays, holidays, outagesRunOnHolidays } = policy.commitment;
  return {
    zone: policy.regions.regions[region].zone,
    days: weekendsCount ? EVERY_DAY : workingDays,
    holidays: weekendsCount && outagesRunOnHolidays ? [] : (holidays[region] ?? []),
  };
}

/** What is promised, in hours. */
function hoursFor(severity: Severity, largeAccount: boolean, policy: Policy): Partial<Record<DeadlineName, Hours>> {
  const { firstResponse, determination } = policy.commitment.severities[severity];
  return {
    firstResponse,
    determination,
    ...(largeAccount ? { resolution: policy.commitment.largeAccountResolution } : {}),
  };
}

/** As hoursFor, for a ticket that was decided; nothing where the commitment does not apply. */
export const promised = (decision: Decision, policy: Policy): Partial<Record<DeadlineName, Hours>> =>
  decision.slaApplies && decision.severity ? hoursFor(decision.severity, decision.priorityCustomer, policy) : {};

/** The deadlines of a mail as it arrives. What pauses and changed rules make of them later is timeline.ts. */
export function deadlinesFor(input: DeadlineInput, policy: Policy): Deadlines {
  const time = businessTime(input.calendar);
  const at = (hours: number): string => new Date(time.add(input.arrivedAt.getTime(), hours * HOUR_MS)).toISOString();
  return Object.fromEntries(
    Object.entries(hoursFor(input.severity, input.largeAccount, policy)).map(([what, { target, commitment }]) => [
      what,
      { target: at(target), commitment: at(commitment) },
    ]),
  );
}
