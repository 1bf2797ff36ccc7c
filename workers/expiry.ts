/** Once a day, and at each start: a line in the log for each password or refresh token that runs out soon, or has. */
import type { Expiry } from '../src/config-oauth.ts';
import type { Logger } from '../src/log.ts';
import { expiryWarnings } from '../src/login-expiry.ts';
import type { Clock } from '../src/ports.ts';
import { every, type Running } from './loop.ts';

const EVERY_MS = 24 * 60 * 60_000;

export const startExpiry = (expiries: readonly Expiry[], now: Clock, log: Logger): Running =>
  every(EVERY_MS, async () => warnOfExpiry(expiries, now(), log), 'the look at what runs out', log);

/** @returns how many lines it took. */
export function warnOfExpiry(expiries: readonly Expiry[], now: Date, log: Pick<Logger, 'warn' | 'error'>): number {
  const warnings = expiryWarnings(expiries, now);
  for (const { variable, over, line } of warnings) log[over ? 'error' : 'warn']({ variable }, line);
  return warnings.length;
}
