/** A ledger and a mail server on which the guards of the way out are tried. Call it once at the top of a test file. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createSmtpSender } from '../../src/adapters/sender-smtp.ts';
import { notices, replies } from '../../src/ledger/index.ts';
import { type Instance, openInstance } from '../../src/ledger/leases.ts';
import type { Policy } from '../../src/policy.ts';
import type { MailSender } from '../../src/ports.ts';
import { type Context, mailboxesOf } from '../../src/stages/context.ts';
import { sendReply } from '../../src/stages/send-reply.ts';
import { clockWorld, MONDAY } from './clock-world.ts';
import { said } from './in-process.ts';
import { type SmtpSink, startSmtpSink } from './smtp-sink.ts';

export type Figures = Partial<Policy['outbound']>;
type Row = { id: number; state: string; because: string | null; recipient: string; waiting: boolean; due: Date | null };

export const DESK = 'desk@vendor.example';
/** So many minutes after Monday 14:00. */
export const later = (minutes: number): string => new Date(Date.parse(MONDAY) + minutes * 60_000).toISOString();

export function guardedWorld() {
  const w = clockWorld();
  let sink: SmtpSink;
  let sender: MailSender;
  let instance: Instance;

  beforeAll(async () => {
    sink = await startSmtpSink();
    sender = createSmtpSender({ url: new URL(sink.url), login: null, find: async () => 'unknown' });
    instance = await openInstance(w.url);
  });
  afterAll(async () => {
    await instance?.close();
    await sender?.close();
    await sink?.stop();
  });
  let before = 0;
  beforeEach(() => {
    before = sink.messages.length;
  });

  const under = (figures: Figures, time = MONDAY): Context => ({
    ...w.at(time),
    policy: {
      ...w.ctx.policy,
      outbound: { ...w.ctx.policy.outbound, ...figures },
      identification: { ...w.ctx.policy.identification, genericDomains: ['webmail.example'] },
    },
    senders: { com: sender, eu: sender },
    escalationDesk: DESK,
  });
  const ask = (name: string, from: string, figures: Figures, time = MONDAY) =>
    w.arrive({ id: `${name}@mail.example`, from, says: 'ask' }, time, under(figures, time));
  const askAll = (addresses: readonly string[], figures: Figures, time = MONDAY) =>
    Promise.all(
      addresses.map((from, index) => ask(`${Date.parse(time)}-${index}-${from.split('@')[0]}`, from, figures, time)),
    );
  const rows = (where = 'true') =>
    w.query<Row>(
      `select id, state, because, recipient, waiting, next_attempt_at as due from reply where ${where} order by id`,
    );
  const count = async (state: string) => (await rows(`state = '${state}'`)).length;
  const sentTo = (): string[] => sink.messages.slice(before).flatMap(({ envelope }) => envelope.to);
  const env = () => ({ DATABASE_URL: w.url, LOG_LEVEL: 'silent' });

  const saidHere = (command: () => Promise<void>): Promise<string> => said(command, env());

  /** What several reply workers do at once with all that is due. */
  async function send(figures: Figures, time = MONDAY): Promise<void> {
    const ctx = under(figures, time);
    const due = await replies.unfinishedReplies(
      ctx.db,
      new Date(Date.now() + 60_000),
      ctx.now(),
      1_000,
      mailboxesOf(ctx.senders),
    );
    // Whoever has to connect first comes late, and meets nobody.
    await Promise.all(Array.from({ length: 5 }, () => sql`select pg_sleep(0.05)`.execute(ctx.db)));
    await Promise.all([...due, ...due].map((id) => sendReply(ctx, id, instance.id)));
  }

  const breach = (recipient: string) =>
    notices.note(w.ctx.db, {
      ...{ key: `breach ${recipient}`, kind: 'breach', level: 'account-manager', region: 'india', mailbox: 'com' },
      ...{ ticketId: null, recipient, because: 'first response missed', now: new Date(MONDAY) },
    } as notices.NewNotice);

  const sendOne = (id: number, figures: Figures) => sendReply(under(figures), id, instance.id);
  return { w, under, ask, askAll, rows, count, sentTo, env, said: saidHere, send, sendOne, breach };
}

/** A report of a mail system that this mail of ours did not arrive. */
export const report = (
  id: string,
  of: { recipient: string; status: string; messageId: string; action?: string },
): string =>
  [
    'Return-Path: <>',
    'From: Mail Delivery System <mailer-daemon@mx.example>',
    'To: partner-support@zohocorp.com',
    'Subject: Undelivered Mail Returned to Sender',
    `Message-ID: <${id}>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b\r\nContent-Type: text/plain\r\n\r\nYour mail did not arrive.',
    '--b\r\nContent-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    `Final-Recipient: rfc822; ${of.recipient}`,
    `Action: ${of.action ?? (of.status.startsWith('4') ? 'delayed' : 'failed')}`,
    `Status: ${of.status}`,
    'Diagnostic-Code: smtp; 550 no such user',
    '',
    `--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: ${of.messageId}`,
    '',
    '--b--',
  ].join('\r\n');
