/** The commitment clock in plain words, in the partner's zone. */
import { DateTime } from 'luxon';
import type { DeadlineName } from '../../model.ts';

export const DEADLINE_WORDS: Readonly<Record<DeadlineName, string>> = {
  firstResponse: 'first response',
  determination: 'problem determination',
  resolution: 'resolution',
};

/** One promise on a ticket, as `ticket --json` shows it. Times are ISO. */
export type ClockEntry = {
  readonly what: DeadlineName;
  /** Counts the determinations: each response begins another. */
  readonly round: number;
  readonly target: string;
  readonly commitment: string;
  /** `warned`: the target has passed. `breached`: the commitment has. */
  readonly state: 'running' | 'paused' | 'warned' | 'breached' | 'met';
  /** Since when it is in that state. */
  readonly since: string;
  /** What a paused one waits for. */
  readonly because: string | null;
  /** Whether the commitment was kept; null while that is open. */
  readonly kept: boolean | null;
  /** The partner's time zone. */
  readonly zone: string;
};

/** "Mon 23 Nov 2026 14:00 (Europe/Berlin)" */
export const moment = (at: string | Date, zone: string): string =>
  `${wall(at, zone, 'ccc d LLL yyyy HH:mm')} (${zone})`;

const wall = (at: string | Date, zone: string, format: string): string =>
  DateTime.fromMillis(new Date(at).getTime(), { zone, locale: 'en-GB' }).toFormat(format);

/** What is promised on a ticket, line by line. A determination that a response has put off is the history's. */
export const clockLines = (entries: readonly ClockEntry[], now: Date): string[] =>
  entries
    .filter(({ what, round }) => !entries.some((other) => other.what === what && other.round > round))
    .map((entry) => clockLine(entry, now));

/** A promise as a sentence. What has passed is said to have passed, whether the clock has looked yet or not. */
function clockLine(entry: ClockEntry, now: Date): string {
  const { what, commitment, target, since, zone } = entry;
  const name = entry.round > 1 && what === 'determination' ? 'next response' : DEADLINE_WORDS[what];
  const by = moment(commitment, zone);
  if (entry.state === 'met')
    return `${name}: done ${moment(since, zone)}, ${entry.kept ? 'in time' : 'too late'}; due by ${by}`;
  if (isOverdue(entry, now)) return `${name}: overdue since ${by}`;
  if (entry.state === 'paused')
    return `${name}: stands still since ${moment(since, zone)}, ${entry.because}; without that due by ${by}`;
  if (Date.parse(target) <= now.getTime()) return `${name}: due soon, by ${by}; the target has passed`;
  return `${name}: due by ${by}, better by ${wall(target, zone, 'ccc d LLL HH:mm')}`;
}

/** What of a ticket is due next, for a table: "first response by Mon 23 Nov 14:00". '' when nothing is. */
export function nextDue(entries: readonly ClockEntry[], now: Date): string {
  const open = entries.filter(({ state }) => state !== 'met');
  const running = open.filter((entry) => entry.state !== 'paused' || isOverdue(entry, now));
  const [first] = running.toSorted((a, b) => Date.parse(a.commitment) - Date.parse(b.commitment));
  if (!first) return open.length > 0 ? 'waits for the partner' : '';
  const name = DEADLINE_WORDS[first.what];
  if (isOverdue(first, now)) return `${name} overdue`;
  return `${name} by ${wall(first.commitment, first.zone, 'ccc d LLL HH:mm')}`;
}

const isOverdue = ({ state, commitment }: ClockEntry, now: Date): boolean =>
  state === 'breached' || (state !== 'met' && state !== 'paused' && Date.parse(commitment) <= now.getTime());
