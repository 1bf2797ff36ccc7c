/** Whatever may name somebody whose data are to be erased: answers, quotes, automatic replies, reports of the mail server, notices. */
import { expect } from 'vitest';
import { replyIn } from './ledger-view.ts';
import { letter } from './letters.ts';
import { JANE, type MailsWithFiles } from './mails-with-files.ts';
import { until } from './wait.ts';

export const AWAY = letter({
  id: 'away@mail.example',
  from: `Jane Doe <${JANE}>`,
  headers: ['Auto-Submitted: auto-replied'],
});

/** A report that a letter of ours did not reach Jane. */
const bounceOf = (messageId: string): string =>
  [
    'From: MAILER-DAEMON@mx.example',
    'To: partner-support@zohocorp.com',
    'Subject: Undelivered mail',
    'Message-ID: <bounce@mail.example>',
    'Return-Path: <>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    `Your message to ${JANE} could not be delivered.`,
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    `Final-Recipient: rfc822; ${JANE}`,
    'Action: failed',
    'Status: 5.1.1',
    `Diagnostic-Code: smtp; 550 no such user <${JANE}>`,
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${messageId}`,
    `To: ${JANE}`,
    '--b--',
    '',
  ].join('\r\n');

/** What the clock writes when people inside are told of a ticket. */
export const NOTICE = (ticket: number): string => `
  with mailed as (
    insert into reply (kind, mailbox, recipient, partner_key, message_id, message, state, created_at)
    values ('notice', 'com', 'lead@inside.example', '', '<notice@zohocorp.example>', jsonb_build_object('to', 'lead@inside.example',
      'subject', 'Breach', 'text', 'P-${ticket} Jane Doe: totals, from ${JANE}', 'html', '<b>Jane Doe</b>'), 'sent', now()) returning id),
  noted as (
    insert into notice (key, kind, level, region, mailbox, ticket_id, because, addressed, created_at)
    values ('breach ${JANE}', 'breach', 'lead', 'india', 'com', ${ticket}, 'Jane Doe waits', true, now()) returning id)
  insert into notice_recipient (notice_id, recipient, reply_id)
  select noted.id, 'lead@inside.example', mailed.id from noted, mailed`;

/** Delivers them all, after Jane's own mail; the notice is left to the test. */
export async function writeAboutJane({ world, jane, deliver }: MailsWithFiles): Promise<void> {
  const [reply] = await world.query<{ message_id: string }>(
    `select message_id from reply where ticket_id = ${jane.id}`,
  );
  const answer = letter({
    ...{ id: 'answer@mail.example', from: 'Colleague <colleague@sender.example>', subject: 'Re: Jane Doe: totals' },
    headers: [`In-Reply-To: ${reply?.message_id}`, `References: <jane@mail.example> ${reply?.message_id}`],
    lines: [
      `We ask Jane Doe, it is nobody@unknown.example.`,
      '',
      `On Monday Jane Doe <${JANE}> wrote:`,
      '> The report shows wrong results',
    ],
  });
  expect(await deliver('answer@mail.example', answer)).toMatchObject({ state: 'appended', ticket_id: jane.id });
  await deliver('away@mail.example', AWAY);
  const lines = [
    'Zoho product name: Zoho CRM',
    'Super admin email: nobody@unknown.example',
    `Please copy <mailto:Jane.Doe@Sender.EXAMPLE> and not mary${JANE}.`,
  ];
  await deliver(
    'mentions@mail.example',
    letter({ id: 'mentions@mail.example', from: 'Bob <bob@other.example>', lines }),
  );
  await deliver('bounce@mail.example', bounceOf(reply?.message_id ?? ''));
  await replyIn(world, 'jane@mail.example', ['sent']);
  await until(
    async () => (await world.query("select from reply where state in ('intended', 'sending')")).length === 0,
    { timeout: 30_000, every: 50 },
  );
}
