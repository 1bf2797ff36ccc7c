/** What the figures of replies, receipts and retention do, at their boundary. The times and numbers expected are written out here. */
import { join } from 'node:path';
import { MAILBOX_NAMES } from '../../src/model.ts';
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
import { answersTo } from '../../src/stages/plan-reply.ts';
import { receiptDue } from '../../src/stages/receipt.ts';
import { retryAt } from '../../src/stages/retry.ts';
import { loadTemplates, readTemplates } from '../../src/templates.ts';
import { type Behaviour, date, iso, MONDAY } from './behaviour.ts';

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
  const sign = { messageId: replyMessageId(KEY, 1001, '0123456789abcdef', 'vendor.example', date(day)) };
  const keys = new Map(keysNamed([sign]).map((id) => [id, KEY]));
  return readToken(sign, keys, { now: MONDAY, days: outbound.answerDays })?.state;
}

const triedAgainAt = (attempts: number, policy: Policy): string =>
  retryAt(attempts, { policy, random: () => 0, now: () => MONDAY }).next.toISOString();

export const REPLY_BEHAVIOURS: readonly Behaviour[] = [
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
