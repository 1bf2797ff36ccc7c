/** Two requests in one mail: where the template begins a second time. */
import type { LabelField } from '../policy.ts';
import { fold } from './fold.ts';
import type { Entry } from './template.ts';

/** So many fields said twice, each time otherwise, are a second request and no slip of the pen. */
const SAID_AGAIN = 2;

/** Below the place where a second request begins, at least this share of what is said was said above. */
const MOSTLY = 0.6;

/** The entries of the first request, and where in the part the second begins; null when there is none. */
export function firstRequest(entries: readonly Entry[]): { first: readonly Entry[]; secondAt: number | null } {
  const filled = entries
    .map((entry, index) => ({ entry, index, text: fold(entry.value.map((line) => line.text).join(' ')) }))
    .filter(({ text }) => text !== '');
  const above = new Map<LabelField, string>();
  for (const [at, { entry, index, text }] of filled.entries()) {
    const before = above.get(entry.field);
    if (before !== undefined && before !== text) {
      const below = filled.slice(at);
      const again = below.filter((other) => above.has(other.entry.field));
      const otherwise = new Set(
        again.filter((other) => above.get(other.entry.field) !== other.text).map((other) => other.entry.field),
      );
      if (otherwise.size >= SAID_AGAIN && again.length >= below.length * MOSTLY) {
        return { first: entries.slice(0, index), secondAt: entry.at };
      }
    }
    if (before === undefined) above.set(entry.field, text);
  }
  return { first: entries, secondAt: null };
}
