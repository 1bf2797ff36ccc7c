/** What is attached and holds text: mails, calendars, winmail.dat, uuencode. */
import { describe, expect, it } from 'vitest';
import { FROM, mime, parse, part } from '../support/raw-mails.ts';
import { writeWinmail } from '../support/tnef-writer.ts';

describe('mails in mails', () => {
  const customer = [
    'From: Jane <jane@client.example>',
    'Subject: =?utf-8?Q?Caf=C3=A9?=',
    'Date: Mon, 3 Mar 2025 09:00:00 +0000',
    'Content-Type: text/plain',
    '',
    'ZOID: 76006415',
  ];
  const wrapped = (...above: string[]) => [
    ...FROM,
    'Content-Type: multipart/mixed; boundary=b',
    '',
    ...part('Content-Type: text/plain', ...above),
    ...part('Content-Type: message/rfc822', ...customer),
    '--b--',
  ];

  it('attached below a note: the customer is read', async () => {
    const mail = await parse(...wrapped('Please see below.'));
    expect(mail.text).toBe('Please see below.\n\n\nZOID: 76006415');
    expect(mail.quoted).toContain('From: Jane <jane@client.example>');
    expect(mail.quoted).toContain('Subject: Café');
    expect(mail.attachments).toMatchObject([{ contentType: 'message/rfc822' }]);
  });

  it('attached below a request: it is history', async () => {
    const mail = await parse(...wrapped('Customer email: a@client.example', 'Product: Zoho Desk'));
    expect(mail.text).toBe('Customer email: a@client.example\nProduct: Zoho Desk');
    expect(mail.quoted).toContain('ZOID');
  });

  it('alone, and in base64', async () => {
    const inner = Buffer.from(customer.join('\r\n')).toString('base64');
    const plain = await parse(...FROM, 'Content-Type: message/rfc822', '', ...customer);
    const encoded = await parse(
      ...FROM,
      'Content-Type: message/rfc822',
      'Content-Transfer-Encoding: base64',
      '',
      inner,
    );
    expect([plain.text, encoded.text]).toEqual(['ZOID: 76006415', 'ZOID: 76006415']);
  });

  it('with HTML only', async () => {
    const mail = await parse(
      ...FROM,
      'Content-Type: message/rfc822',
      '',
      'From: Jane <j@client.example>',
      'Content-Type: text/html',
      '',
      '<p>ZOID: 76006415</p>',
    );
    expect(mail.text).toBe('ZOID: 76006415');
  });

  it('without end', async () => {
    const mail = await parse(`${FROM.join('\r\n')}\r\nContent-Type: message/rfc822\r\n\r\n`.repeat(1_000), 'x');
    expect(mail.degraded).toBe(true);
    expect(mail.degradedBecause).toMatch(/more than 20 mails/);
  });
});

describe('calendars', () => {
  const event = [
    'BEGIN:VCALENDAR',
    'METHOD:REQUEST',
    'BEGIN:VEVENT',
    'ORGANIZER;CN="Lee, Sam":mailto:sam@partner.example',
    'SUMMARY:Zoho CRM: import fails',
    'DESCRIPTION:Super admin: owner@client.example\\nIt fails\\, ',
    ' always.',
    'DTSTART:20250303T100000Z',
    'END:VEVENT',
    'END:VCALENDAR',
  ];

  it('that are the whole mail are read', async () => {
    const mail = await parse(...FROM, 'Content-Type: text/calendar; method=REQUEST', '', ...event);
    expect(mail.text).toContain('Summary: Zoho CRM: import fails');
    expect(mail.text).toContain('Organizer: Lee, Sam <sam@partner.example>');
    expect(mail.text).toContain('Super admin: owner@client.example\nIt fails, always.');
    expect(mail).toMatchObject({ kind: 'request', degraded: false });
  });

  it('beside text are files', async () => {
    const mail = await parse(
      ...FROM,
      'Content-Type: multipart/alternative; boundary=b',
      '',
      ...part('Content-Type: text/plain', 'Please join.'),
      ...part('Content-Type: text/calendar', ...event),
      '--b--',
    );
    expect(mail.text).toBe('Please join.');
    expect(mail.attachments).toMatchObject([{ contentType: 'text/calendar' }]);
  });

  it('that answer an invitation are automatic', async () => {
    const reply = event.map((line) => line.replace('REQUEST', 'REPLY'));
    expect((await parse(...FROM, 'Content-Type: text/calendar', '', ...reply)).kind).toBe('auto-reply');
  });
});

describe('winmail.dat', () => {
  const envelope = (bytes: Buffer, ...above: string[]) => [
    ...FROM,
    'Content-Type: multipart/mixed; boundary=b',
    '',
    ...(above.length > 0 ? part('Content-Type: text/plain', ...above) : []),
    ...part(
      'Content-Type: application/ms-tnef; name="winmail.dat"\r\nContent-Transfer-Encoding: base64',
      bytes.toString('base64'),
    ),
    '--b--',
  ];
  const files = [{ name: 'captura.png', data: Buffer.alloc(1_000) }];

  it('holds the attachments, whose names and sizes are listed', async () => {
    const mail = await parse(...envelope(writeWinmail({ body: 'In the envelope', files }), 'Beside it'));
    expect(mail.text).toBe('Beside it');
    expect(mail.attachments).toMatchObject([
      { filename: 'captura.png', contentType: 'application/octet-stream', size: 1_000, inline: false },
    ]);
  });

  it.each([
    ['text', { body: 'ZOID: 76006415' }],
    ['HTML', { html: '<p>ZOID: 76006415</p>' }],
    ['RTF', { rtf: '{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}\\pard ZOID: 76006415\\par }' }],
    [
      'HTML in RTF',
      {
        rtf: '{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 ZOID: 76006415{\\*\\htmltag72 </p>}}',
      },
    ],
  ])('holds the body, as %s', async (_, content) => {
    expect((await parse(...envelope(writeWinmail(content)))).text).toBe('ZOID: 76006415');
  });

  it('RTF in any alphabet', async () => {
    const rtf = "{\\rtf1\\ansi\\ansicpg1251\\uc1 \\'ea\\'eb\\par \\u1082?\\u1083?}";
    expect((await parse(...envelope(writeWinmail({ rtf })))).text).toBe('кл\nкл');
  });

  it('damaged, is listed or read as far as it goes', async () => {
    const whole = writeWinmail({ body: 'Hello', html: '<p>Hello</p>', files });
    for (let length = 0; length < whole.length; length += 7) {
      const mail = await parse(...envelope(whole.subarray(0, length), 'Beside it'));
      expect(mail.text).toBe('Beside it');
    }
  });
});

describe('uuencode', () => {
  const block = ['begin 644 shot.png', '#0V%T', '`', 'end'];

  it('in text is taken out and listed', async () => {
    const mail = await parse(...FROM, '', 'Above', ...block, 'Below');
    expect(mail.text).toBe('Above\nBelow');
    expect(mail.attachments).toMatchObject([{ filename: 'shot.png', size: 3 }]);
  });

  it('is told from prose', async () => {
    const prose = ['begin 644 words', 'that go on in lower case', 'end'];
    expect((await parse(...FROM, '', ...prose)).text).toBe(prose.join('\n'));
  });

  it('as a transfer encoding', async () => {
    expect((await mime(...FROM, 'Content-Transfer-Encoding: x-uuencode', '', ...block)).text).toBe('Cat');
  });
});
