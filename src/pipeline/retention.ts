/** How long what retention.yaml names is kept. Pure. */
import type { Policy } from '../policy.ts';

const DAY_MS = 24 * 60 * 60_000;
/** One run a day: what is kept for years need not go at its minute. */
const RUN_EVERY_MS = DAY_MS;

type Kept = Pick<Policy, 'retention'>;

/** The bytes of mails that ended before this moment go; null when none ever do. */
export const originalsUntil = (now: Date, { retention }: Kept): Date | null => until(now, retention.originalDays);

/** The texts of mails and tickets that ended before this moment go; null when none ever do. */
export const textsUntil = (now: Date, { retention }: Kept): Date | null => until(now, retention.textDays);

const until = (now: Date, days: number | 'forever'): Date | null =>
  days === 'forever' ? null : new Date(now.getTime() - days * DAY_MS);

/** Whether it is time for another run. */
export const isRetentionDue = (last: Date | null, now: Date): boolean =>
  last === null || now.getTime() - last.getTime() >= RUN_EVERY_MS;
