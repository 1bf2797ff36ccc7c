/** Waiting for a condition instead of a time. */
import { setTimeout as pause } from 'node:timers/promises';

/** `timeout` and `every` in milliseconds; `what` names the thing waited for when the source of the condition would not. */
export type Patience = { readonly timeout?: number; readonly every?: number; readonly what?: string };

/**
 * Asks `condition` until it answers something truthy, and returns that. A condition that throws is asked again.
 * @throws Error that says what was waited for, how long, and what the last answer was.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeout = 20_000, every = 25, what }: Patience = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeout;
  for (;;) {
    let last: string;
    try {
      const answer = await condition();
      if (answer) return answer;
      last = `the last answer was ${String(answer)}`;
    } catch (error) {
      last = `the last try threw ${error instanceof Error ? error.message : String(error)}`;
    }
    if (performance.now() >= deadline) throw new Error(`waited ${timeout} ms for ${what ?? condition}; ${last}`);
    await pause(every);
  }
}
