/** When people inside are told, and within which time things are counted for it: escalation.yaml. Pure. */
import type { Policy } from '../../policy.ts';

type Rules = Pick<Policy, 'escalation'>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** When the manager's turn comes for what the lead was told of at `told`. */
export const managersTurn = (told: Date, { escalation }: Rules): Date =>
  new Date(told.getTime() + escalation.managerAfterHours * HOUR_MS);

/** What the lead was told of before this moment is the manager's now. */
export const managersSince = (now: Date, { escalation }: Rules): Date =>
  new Date(now.getTime() - escalation.managerAfterHours * HOUR_MS);

/** Basic requests that arrived after this moment count; a notice noted after it was this window's. */
export const basicRequestsSince = (now: Date, { escalation }: Rules): Date =>
  new Date(now.getTime() - escalation.basicRequests.days * DAY_MS);

/** Whether so many basic requests in the window are too many. */
export const areManyBasicRequests = (asked: number, { escalation }: Rules): boolean =>
  asked >= escalation.basicRequests.count;

/** S1 tickets of a partner that arrived after this moment are recurring incidents. */
export const recurringSince = (now: Date, { escalation }: Rules): Date =>
  new Date(now.getTime() - escalation.recurringIncidents.days * DAY_MS);

/** Whether one person may get a mail now, after the last one (null: there was none). */
export const mayBeMailed = (last: Date | null, now: Date, { escalation }: Rules): boolean =>
  last === null || now.getTime() - last.getTime() >= escalation.digest.everyMinutes * MINUTE_MS;
