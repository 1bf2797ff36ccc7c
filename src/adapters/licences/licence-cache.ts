/** Answers of the licence service, kept for a while: bounded, the longest unused go first. */
import type { LicenceAnswer } from '../../ports.ts';

export type CacheLimits = {
  /** What is known is asked again after this. */
  readonly freshMs: number;
  /** Somebody who was unknown may be entered any minute. */
  readonly unknownMs: number;
  /** While the service is down, what was known this long ago is better than nothing; its age stands in the decision. */
  readonly staleMs: number;
  readonly entries: number;
  /** Subscriptions in all answers together. */
  readonly rows: number;
};

export const CACHE_LIMITS: CacheLimits = {
  freshMs: 5 * 60_000,
  unknownMs: 60_000,
  staleMs: 24 * 3_600_000,
  entries: 10_000,
  rows: 100_000,
};

export type Kept = LicenceAnswer & { readonly asOf: Date };

export type LicenceCache = {
  /** An answer that needs no question. */
  fresh(name: string, now: Date): Kept | undefined;
  /** One that is better than none. "Unknown" never is: it may long be wrong. */
  stale(name: string, now: Date): Kept | undefined;
  keep(name: string, answer: Kept): void;
  size(): { readonly entries: number; readonly rows: number };
};

export function createLicenceCache(limits: CacheLimits = CACHE_LIMITS): LicenceCache {
  // A map is in the order of entering: whatever is used is entered anew.
  const kept = new Map<string, Kept>();
  let rows = 0;
  const drop = (name: string): void => {
    rows -= kept.get(name)?.rows.length ?? 0;
    kept.delete(name);
  };
  const enter = (name: string, answer: Kept): void => {
    drop(name);
    kept.set(name, answer);
    rows += answer.rows.length;
  };
  const within = (name: string, now: Date, limitFor: (answer: Kept) => number): Kept | undefined => {
    const answer = kept.get(name);
    if (!answer) return undefined;
    const age = now.getTime() - answer.asOf.getTime();
    if (age > limits.staleMs) drop(name);
    // A clock that was set back makes no answer younger.
    if (age < 0 || age > limitFor(answer)) return undefined;
    enter(name, answer);
    return answer;
  };
  return {
    fresh: (name, now) => within(name, now, (one) => (one.rows.length > 0 ? limits.freshMs : limits.unknownMs)),
    stale: (name, now) => within(name, now, (one) => (one.rows.length > 0 ? limits.staleMs : limits.unknownMs)),
    keep(name, answer) {
      enter(name, answer);
      for (const [oldest] of kept) {
        if (kept.size <= limits.entries && rows <= limits.rows) break;
        drop(oldest);
      }
    },
    size: () => ({ entries: kept.size, rows }),
  };
}
