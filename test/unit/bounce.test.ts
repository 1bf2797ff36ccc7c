import { describe, expect, it } from 'vitest';
import { parseMail } from '../../src/pipeline/mail/parse.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);
const parse = async (...lines: string[]) => (await parseMail(Buffer.from(lines.join('\r\n')), policy)).mail;

const original = ['Message-ID: <pi.1042@zohocorp.example>', 'Subject: Re: Request', 'To: sam@partner.example'];

describe('a delivery report (RFC 3464)', () => {
  const report = (type: string, ...status: string[]) => [
    'From: Mail Delivery System <MAILER-DAEMON@mx.example>',
    'Subject: Undelivered Mail Returned to Sender',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'This is the mail system at host mx.example.',
    '',
    '<other@else.example>: is not whom it is about',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    ...status,
    '',
    '--b',
    `Content-Type: ${type}`,
    '',
    ...original,
    '',
    'The mail itself.',
    '--b--',
  ];
  const failed = [
    'Final-Recipient: rfc822; Sam@Partner.example',
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 <sam@partner.example>: user',
    ' unknown',
  ];
  const expected = {
    recipient: 'sam@partner.example',
    status: '5.1.1',
    diagnostic: '550 5.1.1 <sam@partner.example>: user unknown',
    originalMessageId: '<pi.1042@zohocorp.example>',
    action: 'failed',
  };

  it.each(['message/rfc822', 'text/rfc822-headers'])('with %s', async (type) => {
    const mail = await parse(...report(type, ...failed));
    expect(mail).toMatchObject({ kind: 'bounce', bounce: expected });
    expect(mail.kindBecause).toContain('sam@partner.example, status 5.1.1');
    expect(mail.text).not.toContain('The mail itself.');
    expect(mail.quoted.includes('The mail itself.')).toBe(type === 'message/rfc822');
  });

  it('names the recipient that failed, not the one that was reached', async () => {
    const relayed = ['Final-Recipient: rfc822; ok@partner.example', 'Action: relayed', 'Status: 2.0.0', ''];
    expect((await parse(...report('message/rfc822', ...relayed, ...failed))).bounce).toEqual(expected);
  });

  it.each(['delayed', 'relayed'])('says that the mail was %s', async (action) => {
    const lines = ['Final-Recipient: rfc822; sam@partner.example', `Action: ${action} (so far)`, 'Status: 4.4.7'];
    expect((await parse(...report('message/rfc822', ...lines))).bounce).toMatchObject({ action, status: '4.4.7' });
  });

  it('whose status is missing still names the recipient', async () => {
    const mail = await parse(...report('message/rfc822', 'Original-Recipient: rfc822;sam@partner.example'));
    expect(mail.bounce).toMatchObject({ recipient: 'sam@partner.example', status: null });
    expect(mail.bounce).not.toHaveProperty('action');
  });
});

describe('a bounce in words', () => {
  const bounce = (from: string, subject: string, ...body: string[]) => [
    `From: ${from}`,
    `Subject: ${subject}`,
    '',
    ...body,
  ];
  it.each<[string, string[], string, string | null]>([
    [
      'qmail',
      bounce(
        'sysadmin@mx.example',
        'failure notice',
        'Hi. This is the qmail-send program at mx.example.',
        "I'm afraid I wasn't able to deliver your message to the following addresses.",
        '',
        '<sam@partner.example>:',
        '192.0.2.1 does not like recipient.',
        'Remote host said: 550 5.1.1 no such user',
        '',
        '--- Below this line is a copy of the message.',
        '',
        ...original,
      ),
      '5.1.1',
      '<pi.1042@zohocorp.example>',
    ],
    [
      'Exim',
      [
        'From: Mail Delivery System <Mailer-Daemon@mx.example>',
        'Subject: Mail delivery failed: returning message to sender',
        'X-Failed-Recipients: sam@partner.example',
        'Auto-Submitted: auto-replied',
        '',
        'This message was created automatically by mail delivery software.',
        '',
        '  sam@partner.example',
        '    host mx.partner.example [192.0.2.1]',
        '    SMTP error from remote mail server after RCPT TO:<sam@partner.example>:',
        '    550 User unknown',
      ],
      '5.0.0',
      null,
    ],
    [
      'Postfix, without a report',
      bounce(
        'Mail Delivery System <bounces@mx.example>',
        'Undelivered Mail Returned to Sender',
        'This is the mail system at host mx.example.',
        '',
        "I'm sorry to have to inform you that your message could not be delivered.",
        '',
        '<sam@partner.example>: host mx.partner.example said: 552 5.2.2 Mailbox full',
      ),
      '5.2.2',
      null,
    ],
    [
      'Exchange',
      [
        'From: MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@partner.example',
        'Subject: Undeliverable: Re: Request',
        '',
        'Delivery has failed to these recipients or groups:',
        '',
        'Sam (sam@partner.example)',
        "The email address you entered couldn't be found.",
        '',
        'Remote Server returned "550 5.1.10 RESOLVER.ADR.RecipientNotFound"',
      ],
      '5.1.10',
      null,
    ],
    [
      'Gmail',
      [
        'From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>',
        'Subject: Delivery Status Notification (Failure)',
        'X-Failed-Recipients: sam@partner.example',
        'In-Reply-To: <pi.1042@zohocorp.example>',
        '',
        '** Address not found **',
        '',
        "Your message wasn't delivered to sam@partner.example because the address couldn't be found.",
        '',
        'The response was: 550 5.1.1 The email account that you tried to reach does not exist.',
      ],
      '5.1.1',
      '<pi.1042@zohocorp.example>',
    ],
    [
      'sendmail, not yet',
      bounce(
        'postmaster@mx.example',
        'Warning: could not send message for past 4 hours',
        '** THIS IS A WARNING MESSAGE ONLY **',
        '----- The following addresses had transient errors -----',
        '<sam@partner.example>',
        '451 4.4.1 reply: read error',
      ),
      '4.4.1',
      null,
    ],
  ])('%s', async (_, lines, status, originalMessageId) => {
    const mail = await parse(...lines);
    expect(mail).toMatchObject({
      kind: 'bounce',
      bounce: { recipient: 'sam@partner.example', status, originalMessageId },
    });
  });

  it('that a person reports is a request', async () => {
    const mail = await parse(
      'From: sam@partner.example',
      'Subject: Mail delivery failed for our customer',
      '',
      'Hello, our customer gets this from Zoho Mail:',
      'This is the mail system at host mx.example.',
      '<x@y.example>: 550 5.1.1 unknown',
    );
    expect(mail).toMatchObject({ kind: 'request', bounce: null });
  });
});
