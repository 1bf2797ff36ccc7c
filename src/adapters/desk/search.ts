/** Looking for tickets: by correlation key, and for changes. Desk's search knows a ticket only after a while. */
import type { Clock } from '../../ports.ts';
import type { Log } from './budget.ts';
import type { Client } from './client.ts';
import { CLOCK_SLACK_MS, PAGE, SEARCH_OVERLAP, SEARCH_ROWS } from './limits.ts';
import { Changed, Found } from './schemas.ts';

/** The search shows tickets: it needs both. */
const SCOPES = 'Desk.search.READ and Desk.tickets.READ';

/** Desk's times are whole seconds: what happened later in the first one counts. */
const range = (from: Date, to: Date): string =>
  `${from.toISOString().replace(/\.\d{3}Z$/, '.000Z')},${to.toISOString()}`;
const later = (time: Date, ms: number): Date => new Date(time.getTime() + ms);

/** All tickets with the key, made at or after `since`, the oldest first. */
export async function findByKey(
  client: Client,
  { field, key, since, now, anyway = false }: { field: string; key: string; since: Date; now: Clock; anyway?: boolean },
): Promise<{ id: string; number: string }[]> {
  const found = await client.call({
    method: 'GET',
    path: '/tickets/search',
    query: {
      customField1: `${field}:${key}`,
      createdTimeRange: range(later(since, -CLOCK_SLACK_MS), later(now(), CLOCK_SLACK_MS)),
      sortBy: 'createdTime',
      limit: String(PAGE),
    },
    what: 'the search for the ticket',
    scope: SCOPES,
    answer: Found,
    anyway,
  });
  // Where the answer shows the key, it decides: a search may find what is merely similar.
  const ours = (found?.data ?? []).filter(({ cf }) => cf?.[field] === undefined || cf[field] === key);
  return ours.map(({ id, ticketNumber }) => ({ id, number: ticketNumber }));
}

const SECOND_MS = 1_000;
const secondOf = (time: Date): number => Math.floor(time.getTime() / SECOND_MS);

/**
 * Our department's tickets that were changed at or after `since`, whoever did it, and when they last were; each once.
 * A ticket that changes meanwhile leaves its place, and the later ones move up: each page begins anew at the time of the last row
 * that was seen, and rows are counted only among those of one second.
 */
export async function changedSince(
  client: Client,
  {
    portal,
    departmentId,
    since,
    now,
    log,
  }: { portal: string; departmentId: string; since: Date; now: Clock; log: Log },
): Promise<{ id: string; at: Date }[]> {
  const times = new Map<string, Date>();
  const until = later(now(), CLOCK_SLACK_MS);
  let from = since;
  let skipped = 0;
  for (;;) {
    const rows = await changes(client, { departmentId, from, until, skipped });
    for (const { id, modifiedTime } of rows) times.set(id, modifiedTime);
    if (rows.length < PAGE) return [...times].map(([id, at]) => ({ id, at }));
    const last = rows.at(-1)?.modifiedTime ?? from;
    if (secondOf(last) > secondOf(from)) {
      from = last;
      skipped = 0;
    } else if (skipped + PAGE < SEARCH_ROWS) {
      skipped += Math.min(PAGE - SEARCH_OVERLAP, SEARCH_ROWS - PAGE - skipped);
    } else {
      // What else changed in this second is shown to nobody; what changed later must not wait for it.
      const second = new Date(secondOf(from) * SECOND_MS);
      log.warn(
        { portal, second: second.toISOString(), shown: SEARCH_ROWS },
        'so many tickets changed in Desk within one second that its search does not show all: some may be looked at late',
      );
      from = later(second, SECOND_MS);
      skipped = 0;
    }
  }
}

type Look = {
  readonly departmentId: string;
  readonly from: Date;
  readonly until: Date;
  /** Whether it counts from 0 or 1 is not documented: one row twice is no harm, one row less would be. */
  readonly skipped: number;
};

async function changes(
  client: Client,
  { departmentId, from, until, skipped }: Look,
): Promise<{ id: string; modifiedTime: Date }[]> {
  const found = await client.call({
    method: 'GET',
    path: '/tickets/search',
    query: {
      departmentId,
      modifiedTimeRange: range(from, until),
      sortBy: 'modifiedTime',
      limit: String(PAGE),
      ...(skipped > 0 ? { from: String(skipped) } : {}),
    },
    what: 'the search for changes',
    scope: SCOPES,
    answer: Changed,
  });
  return found?.data ?? [];
}
