/** How long to wait before trying again. */

const FIRST_MS = 1_000;
const MOST_MS = 5 * 60_000;
/** 2^20 seconds is far above the cap: no attempt number can overflow. */
const MAX_DOUBLINGS = 20;

/**
 * Milliseconds to wait after `attempt` failures (0 is the first): doubles from 1 s to at most 5 min, and lies between
 * half of that and all of it, so that processes that failed together do not come back together.
 */
export function backoff(attempt: number, random: () => number): number {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(Math.max(attempt, 0), MAX_DOUBLINGS));
  return Math.round(ceiling * (0.5 + random() / 2));
}
