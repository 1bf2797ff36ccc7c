/** The verdict on every way a mail server can fail: `unknown` exactly when it may have the message. */
import { expect, it } from 'vitest';
import { createSmtpSender } from '../../src/adapters/sender-smtp.ts';
import type { Verdict } from '../../src/errors.ts';
import type { OutgoingMail } from '../../src/ports.ts';
import { type Fault, startSmtpSink } from '../support/smtp-sink.ts';

const mail: OutgoingMail = {
  messageId: '<pi.1001.aaaa@vendor.example>',
  from: '"Support" <support@vendor.example>',
  to: 'agent@sender.example',
  subject: 'Re: help',
  text: 'text',
  html: '<p>text</p>',
  inReplyTo: null,
  references: [],
  headers: {},
};

/** nodemailer tries again by itself where an idle connection is closed and nothing was said yet: that is all right. */
const sent = 'sent';
const cases: [fault: Fault, onNewConnection: Verdict, onUsedConnection: Verdict | typeof sent, accepted: number][] = [
  ['refuse', 'temporary', sent, 0],
  ['greet-421', 'temporary', sent, 0],
  ['greet-554', 'temporary', sent, 0],
  ['rcpt-4xx', 'temporary', 'temporary', 0],
  ['rcpt-5xx', 'permanent', 'permanent', 0],
  ['data-4xx', 'temporary', 'temporary', 0],
  ['data-5xx', 'permanent', 'permanent', 0],
  ['data-unusual', 'temporary', 'temporary', 0],
  ['drop-before-data', 'temporary', 'temporary', 0],
  ['accept-and-drop', 'unknown', 'unknown', 1],
];

it.each(cases)('%s is %s on a new connection, %s on a used one', async (fault, onNew, onUsed, accepted) => {
  for (const [used, verdict] of [
    [false, onNew],
    [true, onUsed],
  ] as const) {
    await using sink = await startSmtpSink();
    const sender = createSmtpSender({ url: new URL(sink.url), login: null, find: async () => 'unknown' });
    try {
      if (used) await sender.send(mail);
      const before = sink.messages.length;
      await sink.fail(fault, 1);
      const outcome = await sender.send(mail).then(
        () => sent,
        (error: { verdict: Verdict }) => error.verdict,
      );
      expect(outcome).toBe(verdict);
      expect(sink.messages.length - before).toBe(verdict === sent ? 1 : accepted);
      await sink.fail(null);
      expect(await sender.send(mail)).toMatch(/^250/);
    } finally {
      await sender.close();
    }
  }
});

it('a wrong password is to be mended and tried again', async () => {
  await using sink = await startSmtpSink({ login: { user: 'ana', pass: 'right' } });
  const sender = createSmtpSender({ url: new URL(sink.url), login: 'wrong', find: async () => 'unknown' });
  await expect(sender.send(mail)).rejects.toMatchObject({ verdict: 'temporary', code: 'auth' });
  await expect(sender.check()).rejects.toMatchObject({ verdict: 'temporary', code: 'auth' });
  await sender.close();
  expect(sink.messages).toEqual([]);
});
