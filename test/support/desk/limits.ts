/** A portal's budget: calls at the same time, and credits a day. */
import type { MiddlewareHandler } from 'hono';
import { refusal } from './answers.ts';
import type { DeskEnv } from './oauth.ts';
import type { Edition, Limits, Portal, World } from './types.ts';

const ONE_DAY = 86_400_000;

/** Concurrency, credits a day, and credits a day for each user (Zoho's pages on API limits). */
const BY_EDITION: Record<Edition, readonly [number, number, number]> = {
  STANDARD: [10, 50_000, 250],
  PROFESSIONAL: [15, 75_000, 500],
  ENTERPRISE: [25, 100_000, 1_000],
};

export function limitsOf(edition: Edition, users: number): Limits {
  const [concurrency, base, perUser] = BY_EDITION[edition];
  return { concurrency, creditsPerDay: base + perUser * users };
}

/** Lists and searches cost three credits, the rest one: a GET that does not end in an id is a list. */
export function weightOf(method: string, path: string): number {
  return method === 'GET' && !/\/\d+$/.test(path) ? 3 : 1;
}

/** Credits left today. The day begins with the first call after the last one's end. */
function creditsLeft(portal: Portal, now: number): number {
  if (now - portal.credits.since >= ONE_DAY) portal.credits = { used: 0, since: now };
  return portal.limits.creditsPerDay - portal.credits.used;
}

/**
 * Counts the call against its portal's budget until the client is served, and writes the rate headers.
 * @throws TOO_MANY_REQUESTS without Retry-After, THRESHOLD_EXCEEDED with the seconds until the day ends
 */
export function budget(world: World): MiddlewareHandler<DeskEnv> {
  return async (c, next) => {
    const { portal } = c.var;
    const weight = weightOf(c.req.method, c.req.path);
    const rate = () => ({
      'X-Rate-Limit-Remaining-v3': String(Math.max(0, creditsLeft(portal, world.now()))),
      'X-Rate-Limit-Request-Weight-v3': String(weight),
    });
    if (portal.busy >= portal.limits.concurrency) throw refusal('TOO_MANY_REQUESTS', { headers: rate() });
    if (creditsLeft(portal, world.now()) < weight) {
      const seconds = Math.ceil((portal.credits.since + ONE_DAY - world.now()) / 1000);
      throw refusal('THRESHOLD_EXCEEDED', { headers: { ...rate(), 'Retry-After': String(seconds) } });
    }
    portal.busy += 1;
    c.env.onDone(() => {
      portal.busy -= 1;
    });
    portal.credits.used += weight;
    c.env.call.weight = weight;
    await next();
    for (const [name, value] of Object.entries(rate())) c.res.headers.set(name, value);
  };
}
