/** What the figures of pauses, the clock and notices do, at their boundary. The times and numbers expected are written out here. */
import type { TicketClock } from '../../src/ledger/clock.ts';
import { ASKING_KINDS, type AskingKind, DEADLINE_NAMES, type DeadlineName } from '../../src/model.ts';
import { composeNotice, type NoticeInput } from '../../src/pipeline/notice/notice.ts';
import {
  areManyBasicRequests,
  basicRequestsSince,
  managersSince,
  mayBeMailed,
  recurringSince,
} from '../../src/pipeline/notice/occasions.ts';
import type { Policy } from '../../src/policy.ts';
import { newRow, refreshed } from '../../src/stages/clock-rows.ts';
import { dueOn } from '../../src/stages/due.ts';
import { longestUntil, stoppedBy, waitedSince } from '../../src/stages/pauses.ts';
import { floods } from '../../src/stages/standstill.ts';
import { type Behaviour, date, iso, MONDAY } from './behaviour.ts';

const BERLIN = { zone: 'Europe/Berlin', days: [1, 2, 3, 4, 5], holidays: [] };
const clock: TicketClock = {
  ...{ ticketId: 1001, status: 'open', mailbox: 'eu', subject: 'Totals', arrivedAt: MONDAY },
  ...{ decision: { region: 'europe-uk' } as TicketClock['decision'], deadlines: [], pauses: [] },
  calendars: [{ since: MONDAY, calendar: BERLIN }],
};
/** 48 hours of working days from Monday, and the same when a day of them was waited. */
const [RUNS, WAITED] = ['2026-03-04T14:00:00.000Z', '2026-03-05T14:00:00.000Z'];

/** When 48 hours are over for a partner who was asked on Monday and answered on Tuesday. */
function dueAfterAsking(reply: AskingKind, what: DeadlineName, policy: Policy): string | null {
  const pause = {
    ...{ id: 1, ticket_id: 1001, reply_id: 1, because: '', ended_because: '' },
    ...{ stops: [...stoppedBy(reply, policy)], from_at: MONDAY, until_at: date('2026-03-03T14:00:00Z') },
  };
  const row = newRow(1001, what, 1, MONDAY, { target: 24, commitment: 48 });
  return iso(refreshed(row, { ...clock, pauses: [pause] }, MONDAY).commitment_at);
}

const STOPS: Readonly<Record<AskingKind, readonly [first: string, determination: string, resolution: string]>> = {
  'missing-superadmin-ask': [RUNS, WAITED, WAITED],
  'superadmin-unknown': [RUNS, WAITED, WAITED],
  'missing-superadmin-note': [RUNS, RUNS, RUNS],
};

/** What the clock says at each of these moments, of an S2 mail that came on Monday and is looked at for the first time then. */
function saidAt(times: readonly string[], policy: Policy, breachedAt?: string): string[] {
  const first = newRow(1001, 'firstResponse', 1, MONDAY, policy.commitment.severities.S2.firstResponse);
  const row = refreshed(first, clock, MONDAY);
  const missed = breachedAt ? dueOn({ ...clock, deadlines: [row] }, policy, date(breachedAt))[0]?.row : row;
  return times.map((time) =>
    dueOn({ ...clock, deadlines: missed ? [missed] : [] }, policy, date(time))
      .map(({ event, notice }) => `${event.what}, ${notice ? `${notice.level} told` : 'nobody told'}`)
      .join('; '),
  );
}

const due = (of: { breaches?: number; warnings?: number; managers?: number }) => [
  { region: 'india', breaches: 0, warnings: 0, managers: 0, ...of } as const,
];
const lookedAt = (last: string) => ({ last: date(last), now: MONDAY });
const [EXACTLY_15_MINUTES, MORE] = ['2026-03-02T13:45:00.000Z', '2026-03-02T13:44:59.999Z'].map(lookedAt) as [
  ReturnType<typeof lookedAt>,
  ReturnType<typeof lookedAt>,
];

/** How many of two blocks a notice shows, when the first has so many lines and the second one. */
function blocksShown(lines: number, policy: Policy): number {
  const told = { kind: 'standstill', level: 'lead', region: 'india', story: null, related: [] } as const;
  const notices: NoticeInput[] = [
    ...Array.from({ length: lines }, () => ({ ...told, because: 'first' })),
    { ...told, because: 'second' },
  ];
  return composeNotice(notices, policy, MONDAY).text.split('told as lead').length - 1 > lines ? 2 : 1;
}

export const CLOCK_BEHAVIOURS: readonly Behaviour[] = [
  ...ASKING_KINDS.flatMap((reply) =>
    DEADLINE_NAMES.map(
      (what, index): Behaviour => [
        `a partner who is asked (${reply}) and answers a day later: ${what}`,
        (policy) => dueAfterAsking(reply, what, policy),
        STOPS[reply][index],
      ],
    ),
  ),
  ['a pause ends at the latest', (policy) => iso(longestUntil(MONDAY, policy)), '2026-03-09T14:00:00.000Z'],
  ['what has been waited for too long', (policy) => iso(waitedSince(MONDAY, policy)), '2026-02-23T14:00:00.000Z'],
  [
    'the target of an S2 mail',
    (policy) => saidAt(['2026-03-02T19:59:59.999Z', '2026-03-02T20:00:00.000Z', '2026-03-02T20:00:00.001Z'], policy),
    ['', 'commitment near, nobody told', 'commitment near, nobody told'],
  ],
  [
    'its commitment',
    (policy) => saidAt(['2026-03-03T01:59:59.999Z', '2026-03-03T02:00:00.000Z', '2026-03-03T02:00:00.001Z'], policy),
    ['commitment near, nobody told', 'commitment breached, lead told', 'commitment breached, lead told'],
  ],
  [
    'a breach noted at two in the morning goes to the manager',
    (policy) =>
      saidAt(
        ['2026-03-03T05:59:59.999Z', '2026-03-03T06:00:00.000Z', '2026-03-03T06:00:00.001Z'],
        policy,
        '2026-03-03T02:00:00Z',
      ),
    ['', 'breach goes to the manager, manager told', 'breach goes to the manager, manager told'],
  ],
  [
    'escalations that are the managers’ now',
    (policy) => iso(managersSince(MONDAY, policy)),
    '2026-03-02T10:00:00.000Z',
  ],
  [
    'ten, eleven and twelve commitments missed in a standstill: one summary',
    (policy) => [10, 11, 12].map((breaches) => floods(due({ breaches }), MORE, policy).lead),
    [false, true, true],
  ],
  [
    'eleven missed, and the clock looked so long ago',
    (policy) =>
      [EXACTLY_15_MINUTES, MORE, { last: null, now: MONDAY }].map(
        (at) => floods(due({ breaches: 11 }), at, policy).lead,
      ),
    [false, true, true],
  ],
  [
    'ten, eleven and twelve at once for the managers, whenever the clock looked',
    (policy) => [10, 11, 12].map((managers) => floods(due({ managers }), EXACTLY_15_MINUTES, policy).manager),
    [false, true, true],
  ],
  ['targets are told nobody', (policy) => floods(due({ warnings: 99 }), MORE, policy).lead, false],
  [
    'four, five and six basic requests',
    (policy) => [4, 5, 6].map((count) => areManyBasicRequests(count, policy)),
    [false, true, true],
  ],
  ['since when they count', (policy) => iso(basicRequestsSince(MONDAY, policy)), '2026-01-31T14:00:00.000Z'],
  ['since when S1 tickets count', (policy) => iso(recurringSince(MONDAY, policy)), '2026-01-31T14:00:00.000Z'],
  [
    'another mail to one person',
    (policy) =>
      ['2026-03-02T13:45:00.001Z', '2026-03-02T13:45:00.000Z', '2026-03-02T13:44:59.999Z'].map((last) =>
        mayBeMailed(date(last), MONDAY, policy),
      ),
    [false, true, true],
  ],
  ['a first mail', (policy) => mayBeMailed(null, MONDAY, policy), true],
  ['lines of a digest', (policy) => [136, 137, 138].map((lines) => blocksShown(lines, policy)), [2, 2, 1]],
];
