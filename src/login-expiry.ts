/** Warns of passwords and refresh tokens that run out: for doctor, and for the daemon's log. */
import type { Expiry } from './config-oauth.ts';

/** From this long before on. */
const WARN_DAYS = 14;
const DAY_MS = 24 * 60 * 60_000;

export type ExpiryWarning = { readonly variable: string; readonly over: boolean; readonly line: string };

/** What runs out within WARN_DAYS, or has; the most urgent first. */
export function expiryWarnings(expiries: readonly Expiry[], now: Date): ExpiryWarning[] {
  return [...expiries]
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .flatMap(({ variable, at }) => {
      const leftMs = at.getTime() - now.getTime();
      if (leftMs > WARN_DAYS * DAY_MS) return [];
      const what = `${variable.includes('_OAUTH_') ? 'the refresh token' : 'the password'} of ${variable.replace(/_(OAUTH|PASSWORD)_EXPIRES$/, '')}`;
      const day = at.toISOString().slice(0, 'yyyy-mm-dd'.length);
      const left = Math.ceil(leftMs / DAY_MS);
      const line =
        leftMs <= 0
          ? `${what} ran out on ${day} (${variable}): make a new one`
          : `${what} runs out on ${day}, in ${left} ${left === 1 ? 'day' : 'days'} (${variable}): make a new one before`;
      return [{ variable, over: leftMs <= 0, line }];
    });
}
