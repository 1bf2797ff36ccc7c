/** What each figure of the policy does, at its boundary: one below, at, one above. The times and numbers expected are written out here. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { TicketClock } from '../../src/ledger/clock.ts';
import { ASKING_KINDS, type AskingKind, DEADLINE_NAMES, type DeadlineName, MAILBOX_NAMES } from '../../src/model.ts';
import { composeNotice, type NoticeInput } from '../../src/pipeline/notice/notice.ts';
import {
  areManyBasicRequests,
  basicRequestsSince,
  managersSince,
  mayBeMailed,
  recurringSince,
} from '../../src/pipeline/notice/occasions.ts';
import { compose } from '../../src/pipeline/reply/compose.ts';
import {
  afterLooking,
  askedSince,
  domainHasAll,
  isGivenUp,
  isHourFull,
  notedSince,
  recipientHasAll,
  stormSince,
  ticketHasAll,
  waitsUntil,
  whyStorm,
  whyTooOld,
} from '../../src/pipeline/reply/limits.ts';
import { keysNamed, readToken, replyMessageId } from '../../src/pipeline/reply/thread.ts';
import { originalsUntil, textsUntil } from '../../src/pipeline/retention.ts';
import type { Policy } from '../../src/policy.ts';
import { newRow, refreshed } from '../../src/stages/clock-rows.ts';
import { dueOn } from '../../src/stages/due.ts';
import { longestUntil, stoppedBy, waitedSince } from '../../src/stages/pauses.ts';
import { answersTo } from '../../src/stages/plan-reply.ts';
import { receiptDue } from '../../src/stages/receipt.ts';
import { retryAt } from '../../src/stages/retry.ts';
import { floods } from '../../src/stages/standstill.ts';
import { loadTemplates, readTemplates } from '../../src/templates.ts';

/** @param seen what the policy makes of it. */
type Behaviour = readonly [what: string, seen: (policy: Policy) => unknown, expected: unknown];

type Sections = Pick<Policy, 'commitment' | 'escalation' | 'mailboxes' | 'outbound' | 'retention'>;
/** The last answer: of thousands of policies that a mutation test tries, few differ in these sections. */
let last: { readonly of: Sections; readonly failures: string[] } | undefined;

/** A line for each thing that is done otherwise than written here. */
export function behaviourFailures(policy: Policy): string[] {
  const { commitment, escalation, mailboxes, outbound, retention } = policy;
  const of: Sections = { commitment, escalation, mailboxes, outbound, retention };
  const isSame = (Object.keys(of) as (keyof Sections)[]).every((section) => last?.of[section] === of[section]);
  if (!last || !isSame) last = { of, failures: failuresOf(policy) };
  return last.failures;
}

const failuresOf = (policy: Policy): string[] =>
  BEHAVIOURS.flatMap(([what, seen, expected]) => {
    const actual = tried(() => seen(policy));
    return isDeepStrictEqual(actual, expected)
      ? []
      : [`${what}: ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`];
  });

function tried(seen: () => unknown): unknown {
  try {
    return seen();
  } catch (error) {
    return String(error);
  }
}

/** Monday 2 March 2026, 15:00 in Berlin. */
const MONDAY = new Date('2026-03-02T14:00:00.000Z');
const BERLIN = { zone: 'Europe/Berlin', days: [1, 2, 3, 4, 5], holidays: [] };
const clock: TicketClock = {
  ...{ ticketId: 1001, status: 'open', mailbox: 'eu', subject: 'Totals', arrivedAt: MONDAY },
  ...{ decision: { region: 'europe-uk' } as TicketClock['decision'], deadlines: [], pauses: [] },
  calendars: [{ since: MONDAY, calendar: BERLIN }],
};
const date = (time: string): Date => new Date(time);
const iso = (when: Date | null): string | null => when?.toISOString() ?? null;
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

const TEMPLATES = join(import.meta.dirname, '../../templates');
const templates = loadTemplates(TEMPLATES, []);
/** Languages whose texts are missing, where there is no text at all. */
const languagesMissed = ({ outbound }: Policy): string[] => [
  ...new Set(
    readTemplates(join(TEMPLATES, 'none'), outbound.replyLanguages).problems.map((one) => one.split('/').at(-2) ?? ''),
  ),
];
const answeredIn = (language: string, policy: Policy): string =>
  compose(templates, policy, {
    ...{ kind: 'missing-superadmin-ask', language, ticketNumber: 'P-1001', subject: 'Totals' },
    ...{ understood: [], missing: [], superadmin: null, matchedBy: null, mailbox: { used: 'com', expected: 'com' } },
  }).language;

/** Nothing is asked: the mail came to where it belongs, and elsewhere. */
const receiptsFor = (policy: Policy): (string | null)[] =>
  (['com', 'eu'] as const).map((used) =>
    receiptDue(
      { settled: true, mail: { kind: 'request' }, decision: { reply: null, mailbox: { used, expected: 'com' } } },
      policy,
    ),
  );

/** So many mails of a mailbox left in the last hour, one a second from the beginning of it, and others of the other. */
function nextLeaves(ofMailbox: number, ofOthers: number, policy: Policy): string | null {
  const hour = MONDAY.getTime() - 60 * 60_000;
  const left = (count: number, from: number): Date[] =>
    Array.from({ length: count }, (_, index) => new Date(hour + (from + index) * 1000));
  const all = [...left(ofOthers, 1), ...left(ofMailbox, 1 + ofOthers)];
  const hours = { mailbox: { left: left(ofMailbox, 1 + ofOthers), ahead: 0 }, all: { left: all, ahead: 0 } };
  return iso(waitsUntil(hours, 'com', MONDAY, policy)?.until ?? null);
}

const KEY = { id: 'k1', secret: 'a secret of these tests' };
/** What a reference to a reply of that day proves on Monday. */
function referenceOf(day: string, { outbound }: Policy): string | undefined {
  const messageIds = [replyMessageId(KEY, 1001, '0123456789abcdef', 'vendor.example', date(day))];
  const keys = new Map(keysNamed(messageIds, []).map((id) => [id, KEY]));
  return readToken({ messageIds, tags: [] }, keys, { now: MONDAY, days: outbound.answerDays })?.state;
}

const triedAgainAt = (attempts: number, policy: Policy): string =>
  retryAt(attempts, { policy, random: () => 0, now: () => MONDAY }).next.toISOString();

export const BEHAVIOURS: readonly Behaviour[] = [
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
  ['since when a question is not asked again', (policy) => iso(askedSince(MONDAY, policy)), '2026-02-16T14:00:00.000Z'],
  ...MAILBOX_NAMES.map(
    (name): Behaviour => [
      `answers to ${name} go to the mailbox itself`,
      ({ mailboxes }) => answersTo(mailboxes.mailboxes[name], KEY, 1001, MONDAY),
      {},
    ],
  ),
  ['since when a note keeps another back', (policy) => iso(notedSince(MONDAY, policy)), '2026-02-23T14:00:00.000Z'],
  [
    'a mail that arrived a week ago: held',
    (policy) =>
      ['2026-02-23T13:59:59.999Z', '2026-02-23T14:00:00.000Z', '2026-02-23T14:00:00.001Z'].map((arrived) =>
        whyTooOld({ arrivedAt: date(arrived), dated: null }, MONDAY, policy),
      ),
    ['the mail arrived more than 7 days ago', null, null],
  ],
  [
    'a mail that is dated a week ago: held',
    (policy) =>
      ['2026-02-23T13:59:59.999Z', '2026-02-23T14:00:00.000Z', '2026-02-23T14:00:00.001Z'].map((dated) =>
        whyTooOld({ arrivedAt: MONDAY, dated }, MONDAY, policy),
      ),
    ['the mail is dated more than 7 days ago', null, null],
  ],
  ['replies of a ticket', (policy) => [3, 4, 5].map((had) => ticketHasAll(had, policy)), [false, true, true]],
  ['replies of a domain', (policy) => [59, 60, 61].map((had) => domainHasAll(had, policy)), [false, true, true]],
  [
    'mails of a mailbox in an hour',
    (policy) => [39, 40, 41].map((left) => nextLeaves(left, 0, policy)),
    [null, '2026-03-02T14:00:01.000Z', '2026-03-02T14:00:02.000Z'],
  ],
  [
    'mails of all mailboxes in an hour',
    (policy) => [29, 30, 31].map((left) => nextLeaves(left, 30, policy)),
    [null, '2026-03-02T14:00:01.000Z', '2026-03-02T14:00:02.000Z'],
  ],
  [
    'an hour without room',
    (policy) =>
      [
        { mailbox: 39, all: 59 },
        { mailbox: 40, all: 59 },
        { mailbox: 39, all: 60 },
      ].map((seen) => isHourFull(seen, policy)),
    [false, true, true],
  ],
  [
    'sixty, sixty-one and sixty-two replies at once',
    (policy) => [60, 61, 62].map((intended) => whyStorm(intended, policy)),
    [null, 'more than 60 replies in 10 minutes', 'more than 60 replies in 10 minutes'],
  ],
  ['since when they make a storm', (policy) => iso(stormSince(MONDAY, policy)), '2026-03-02T13:50:00.000Z'],
  [
    'an answer to a reply of 179, 180 and 181 days ago',
    (policy) => ['2025-09-04', '2025-09-03', '2025-09-02'].map((day) => referenceOf(`${day}T23:00:00Z`, policy)),
    ['valid', 'valid', 'expired'],
  ],
  ['mails of a recipient', (policy) => [19, 20, 21].map((had) => recipientHasAll(had, policy)), [false, true, true]],
  [
    'a reply that nobody accepts is held',
    (policy) =>
      ['2026-03-04T13:59:59.999Z', '2026-03-04T14:00:00.000Z', '2026-03-04T14:00:00.001Z'].map((now) =>
        isGivenUp(MONDAY, date(now), policy),
      ),
    [false, false, true],
  ],
  [
    'it is tried again after the 1st, 2nd, 3rd, 8th, 9th and 10th time',
    (policy) => [1, 2, 3, 8, 9, 10].map((attempts) => triedAgainAt(attempts, policy)),
    [
      '2026-03-02T14:00:05.000Z',
      '2026-03-02T14:00:10.000Z',
      '2026-03-02T14:00:20.000Z',
      '2026-03-02T14:10:40.000Z',
      '2026-03-02T14:15:00.000Z',
      '2026-03-02T14:15:00.000Z',
    ],
  ],
  [
    'what is not among the sent mail after 150 seconds is sent again',
    (policy) => [149_999, 150_000, 150_001].map((age) => afterLooking('not-sent', age, policy)),
    ['sending', 'sending', 'intended'],
  ],
  [
    'what cannot be found out in 15 minutes is held',
    (policy) => [899_999, 900_000, 900_001].map((age) => afterLooking('unknown', age, policy)),
    ['sending', 'sending', 'held'],
  ],
  ['a receipt in the right mailbox, in the wrong one', receiptsFor, [null, null]],
  [
    'languages that need reply texts',
    languagesMissed,
    'ar de en es fr id it ja ko nl pl pt ru sv th tr vi zh'.split(' '),
  ],
  [
    'a mail in German, in Czech',
    (policy) => ['de', 'cs'].map((language) => answeredIn(language, policy)),
    ['de', 'en'],
  ],
  [
    'bytes of mails that go, when it ended before',
    (policy) => iso(originalsUntil(MONDAY, policy)),
    '2024-03-02T14:00:00.000Z',
  ],
  ['texts that go', (policy) => iso(textsUntil(MONDAY, policy)), null],
];
