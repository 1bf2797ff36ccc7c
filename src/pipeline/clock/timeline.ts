/** A deadline whose rules change on the way: the business time already spent stays spent, and a pause spends none. */
import { type BusinessTime, businessTime, type Calendar } from './business-time.ts';

/** The calendar in force from a moment on, until the next one. */
export type CalendarChange = { readonly since: Date; readonly calendar: Calendar };
/** While the partner is asked; `until` is null while the answer is awaited. */
export type Pause = { readonly from: Date; readonly until: Date | null };

export type Timeline = {
  /** By time; the first is in force before its own time as well. At least one. */
  readonly calendars: readonly CalendarChange[];
  readonly pauses: readonly Pause[];
};

type Stretch = { readonly from: number; readonly until: number; readonly time: BusinessTime; readonly paused: boolean };

/**
 * When so much business time (in milliseconds) has passed since `start`. A pause without an end is left out:
 * the moment is then the one that holds if the pause ended as soon as it began.
 */
export function dueAt(start: Date, span: number, timeline: Timeline): Date {
  let left = span;
  for (const { from, until, time, paused } of stretches(start.getTime(), timeline)) {
    if (paused) continue;
    const available = until === Number.POSITIVE_INFINITY ? left : time.between(from, until);
    if (left <= available) return new Date(time.add(from, left));
    left -= available;
  }
  throw new Error('a timeline has no end');
}

/** The business time, in milliseconds, that was spent between two moments. */
export function spentBetween(start: Date, end: Date, timeline: Timeline): number {
  const to = end.getTime();
  return stretches(start.getTime(), timeline)
    .filter(({ from, paused }) => !paused && from < to)
    .reduce((sum, { from, until, time }) => sum + time.between(from, Math.min(until, to)), 0);
}

/** Since when a deadline that began at `start` stands still, or null when it runs. */
export function pausedSince(start: Date, pauses: readonly Pause[]): Date | null {
  const open = pauses
    .filter(({ until }) => until === null)
    .map(({ from }) => Math.max(from.getTime(), start.getTime()));
  return open.length > 0 ? new Date(Math.min(...open)) : null;
}

/** The time since `start`, cut wherever a rule changes; the last stretch has no end. */
function stretches(start: number, { calendars, pauses }: Timeline): Stretch[] {
  const ended = pauses.flatMap(({ from, until }) => (until ? [{ from: from.getTime(), until: until.getTime() }] : []));
  const changes = calendars.map(({ since, calendar }) => ({ since: since.getTime(), time: businessTime(calendar) }));
  const [first] = changes;
  if (!first) throw new Error('a timeline needs a calendar');
  const cuts = [...changes.map(({ since }) => since), ...ended.flatMap(({ from, until }) => [from, until])];
  const borders = [start, ...[...new Set(cuts)].filter((cut) => cut > start).toSorted((a, b) => a - b)];
  return borders.map((from, index) => ({
    from,
    until: borders[index + 1] ?? Number.POSITIVE_INFINITY,
    time: (changes.findLast(({ since }) => since <= from) ?? first).time,
    paused: ended.some((pause) => pause.from <= from && from < pause.until),
  }));
}
