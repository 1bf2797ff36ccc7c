/** Time that counts: whole days of a calendar, midnight to midnight in a zone, whatever daylight saving does to their length. */
import { DateTime } from 'luxon';

const EVERY_DAY = 7;

/** Which days count. Kept with a ticket, so that the time it has spent stays spent when the rules change. */
export type Calendar = {
  /** IANA name. */
  readonly zone: string;
  /** Weekdays that count, 1 is Monday. */
  readonly days: readonly number[];
  /** ISO dates that do not count, though their weekday does. */
  readonly holidays: readonly string[];
};

/** Instants and spans in milliseconds since the epoch. */
export type BusinessTime = {
  /** The first moment at which `span` of business time has passed since `from`. Nothing added is `from` itself, also on a day off. */
  add(from: number, span: number): number;
  /** The business time between two instants; 0 when they are the wrong way round. */
  between(from: number, to: number): number;
};

type Day = { readonly counts: boolean; readonly next: number };

/** Business time under a calendar. Days are looked up once and kept: zones are slow to ask. */
export function businessTime({ zone, days, holidays }: Calendar): BusinessTime {
  if (new Set(days).size === EVERY_DAY && holidays.length === 0) {
    return { add: (from, span) => from + Math.max(0, span), between: (from, to) => Math.max(0, to - from) };
  }
  const known = new Map<number, Day>();
  const dayFrom = (midnight: number): Day => {
    const before = known.get(midnight);
    if (before) return before;
    const start = DateTime.fromMillis(midnight, { zone });
    const day = {
      counts: days.includes(start.weekday) && !holidays.includes(start.toISODate() ?? ''),
      // Where summer time begins at midnight that day starts at 01:00, and the days after it must not.
      next: start.plus({ days: 1 }).startOf('day').toMillis(),
    };
    known.set(midnight, day);
    return day;
  };
  const midnightBefore = (instant: number): number => DateTime.fromMillis(instant, { zone }).startOf('day').toMillis();
  return {
    add(from, span) {
      if (span <= 0) return from;
      let left = span;
      let at = from;
      for (let midnight = midnightBefore(from); ; midnight = at) {
        const { counts, next } = dayFrom(midnight);
        if (counts && left <= next - at) return at + left;
        if (counts) left -= next - at;
        at = next;
      }
    },
    between(from, to) {
      if (to <= from) return 0;
      let sum = 0;
      let at = from;
      for (let midnight = midnightBefore(from); at < to; midnight = at) {
        const { counts, next } = dayFrom(midnight);
        if (counts) sum += Math.min(next, to) - at;
        at = next;
      }
      return sum;
    },
  };
}
