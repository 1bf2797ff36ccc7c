import { describe, expect, it } from 'vitest';
import { normaliseLineEndings, readHeaders } from '../../src/pipeline/headers.ts';
import { readMime } from '../../src/pipeline/mime.ts';
import { parseMail } from '../../src/pipeline/parse.ts';
import { loadPolicy } from '../../src/policy.ts';
import { writeWinmail } from '../support/tnef-writer.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);
const FROM = ['From: sam@partner.example', 'Subject: Request', 'MIME-Version: 1.0'];

async function parse(...lines: (string | Buffer)[]) {
  return (await parseMail(bytesOf(lines), policy)).mail;
}
function mime(...lines: (string | Buffer)[]) {
  const bytes = normaliseLineEndings(bytesOf(lines));
  const { headers, bodyStart } = readHeaders(bytes);
  return readMime(headers, bytes.subarray(bodyStart));
}
function bytesOf(lines: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\r\n')]));
}
const part = (headers: string, ...body: string[]) => ['--b', headers, '', ...body];

describe('boundaries', () => {
  const typed = (boundary: string) => [...FROM, `Content-Type: multipart/mixed; boundary=${boundary}`, ''];

  it.each([
    ['spaces behind it', ['--b  ', '', 'Hello', '--b-- ']],
    ['no end', ['--b', '', 'Hello']],
    ['a preamble and an epilogue', ['This is MIME', '--b', '', 'Hello', '--b--', 'bye']],
    ['no header above the first blank line', ['--b', '', 'Hello', '--b--']],
  ])('with %s', async (_, body) => {
    expect(await parse(...typed('b'), ...body)).toMatchObject({ text: 'Hello', degraded: false });
  });

  it('with no blank line between header and body: the lines are there, and it says so', async () => {
    const mail = await parse(...typed('b'), '--b', 'Content-Type: text/plain', 'Hello', '', '--b--');
    expect(mail).toMatchObject({ text: 'Hello', degraded: true });
  });

  it('with an end that runs into the epilogue: all of it is text', async () => {
    expect((await parse(...typed('b'), '--b', '', 'Hello', '--b--> bye')).text).toContain('Hello');
  });

  it.each([
    ['quoted, with a semicolon in it', '"b;1"', '--b;1'],
    ['that begins another', 'b', '--b'],
  ])('%s', async (_, announced, used) => {
    const mail = await parse(...typed(announced), used, '', 'Hello', `${used}2`, 'still', `${used}--`);
    expect(mail.text).toBe(`Hello\n${used}2\nstill`);
  });

  it.each([
    ['wrong', 'multipart/mixed; boundary="announced"'],
    ['missing', 'multipart/mixed'],
    ['empty', 'multipart/alternative; boundary=""'],
  ])('%s: the parts are found all the same, and it says so', async (_, type) => {
    const mail = await parse(
      ...FROM,
      `Content-Type: ${type}`,
      '',
      '--used',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Gr=C3=B6=C3=9Fe',
      '--used',
      'Content-Type: image/png; name=shot.png',
      'Content-Transfer-Encoding: base64',
      '',
      'AAEC',
      '--used--',
    );
    expect(mail).toMatchObject({ text: 'Größe', degraded: true });
    expect(mail.attachments).toEqual([{ filename: 'shot.png', contentType: 'image/png', size: 3, inline: false }]);
  });

  it('announced and never used: the body is the text', async () => {
    const mail = await parse(...FROM, 'Content-Type: multipart/mixed; boundary=b', '', 'Product: CRM');
    expect(mail).toMatchObject({ degraded: true, text: 'Product: CRM' });
  });

  it('the same in a part and in the whole', async () => {
    const mail = await parse(
      ...typed('b'),
      ...part('Content-Type: multipart/alternative; boundary=b'),
      ...part('Content-Type: text/plain', 'Hello'),
      '--b--',
      ...part('Content-Type: image/gif\r\nContent-Disposition: attachment; filename=x.gif', 'GIF'),
      '--b--',
    );
    expect(mail.text).toBe('Hello');
    expect(mail.attachments).toHaveLength(1);
  });

  it('lone CRs everywhere', async () => {
    const raw = 'From: a@b.example\rContent-Type: multipart/mixed; boundary=b\r\r--b\r\rHello\r--b--\r';
    expect((await parseMail(Buffer.from(raw), policy)).mail).toMatchObject({ text: 'Hello', degraded: false });
  });
});

describe('what is shown', () => {
  const mixed = (...parts: string[][]) =>
    mime(...FROM, 'Content-Type: multipart/mixed; boundary=b', '', ...parts.flat(), '--b--');

  it('alternatives are one body, whichever comes first', async () => {
    for (const order of [
      ['plain', 'html'],
      ['html', 'plain'],
    ]) {
      const parts = order.flatMap((kind) => part(`Content-Type: text/${kind}`, kind === 'html' ? '<p>Hi</p>' : 'Hi'));
      const found = await mime(...FROM, 'Content-Type: multipart/alternative; boundary=b', '', ...parts, '--b--');
      expect(found).toMatchObject({ text: 'Hi', html: '<p>Hi</p>' });
    }
  });

  it('text above and below a picture is one text', async () => {
    const found = await mixed(
      part('Content-Type: text/plain', 'One'),
      part('Content-Type: image/png\r\nContent-Disposition: inline; filename=a.png', 'x'),
      part('Content-Type: text/plain', 'Two'),
    );
    expect(found.text).toBe('One\nTwo');
    expect(found.attachments).toHaveLength(1);
  });

  it('text and HTML side by side: the HTML holds both', async () => {
    const found = await mixed(
      part('Content-Type: text/plain', 'One <1>'),
      part('Content-Type: text/html', '<p>Two</p>'),
    );
    expect(found).toMatchObject({ text: '', html: '<pre>One &lt;1></pre>\n<p>Two</p>' });
  });

  it('an empty HTML part beside text is nothing', async () => {
    const found = await mixed(
      part('Content-Type: text/plain', 'One'),
      part('Content-Type: text/html', '<html><body><br></body></html>'),
    );
    expect(found).toMatchObject({ text: 'One', html: '' });
  });

  it('named text is a file', async () => {
    const found = await mixed(
      part('Content-Type: text/plain', 'One'),
      part('Content-Type: text/plain; name=log.txt\r\nContent-Disposition: inline; filename=log.txt', 'log'),
      part('Content-Type: text/html\r\nContent-Disposition: attachment', '<p>x</p>'),
    );
    expect(found.text).toBe('One');
    expect(found.attachments.map((one) => one.filename)).toEqual(['log.txt', '']);
  });

  it.each([
    ["filename*=UTF-8''captura%20de%20pantalla.png", 'captura de pantalla.png'],
    ["filename*0*=utf-8''cap; filename*1*=t%C3%A9; filename*2=.png", 'capté.png'],
    ['filename="=?utf-8?Q?capt=C3=A9.png?="', 'capté.png'],
    ['filename="C:\\\\Users\\\\sam\\\\shot.png"', 'shot.png'],
    ['filename="../../etc/passwd"', 'passwd'],
    ['filename=shot one.png', 'shot one.png'],
  ])('names of files: %s', async (parameter, name) => {
    const found = await mixed(part(`Content-Type: image/png\r\nContent-Disposition: attachment; ${parameter}`, 'x'));
    expect(found.attachments[0]?.filename).toBe(name);
  });

  it('a type that is none is text', async () => {
    for (const type of ['text', 'plain', '', 'text/plain>', '; charset=utf-8']) {
      expect((await parse(...FROM, `Content-Type: ${type}`, '', 'Hello')).text, type).toBe('Hello');
    }
  });

  it('text that is labelled base64 and is not stays text', async () => {
    const mail = await parse(...FROM, 'Content-Transfer-Encoding: base64', '', 'Hello, the product is Zoho CRM.');
    expect(mail.text).toBe('Hello, the product is Zoho CRM.');
  });

  it('HTML that names its charset itself', async () => {
    const html = Buffer.concat([Buffer.from('<meta charset="windows-1251"><p>'), Buffer.from('eaebe8e5edf2', 'hex')]);
    expect((await parse(...FROM, 'Content-Type: text/html', '', html)).text).toBe('клиент');
  });

  it('an empty body is empty, and nothing is wrong with it', async () => {
    expect(await parse(...FROM, '')).toMatchObject({ text: '', degraded: false });
    expect(await parse(...FROM, '', '', '')).toMatchObject({ text: '', degraded: false });
  });
});

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
    expect(mail.degradedBecause).toMatch(/attached/);
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
    expect(mail.attachments).toEqual([
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

describe('limits', () => {
  const lines = (count: number, line: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => line(index)).join('\r\n');

  it.each<[string, string[]]>([
    [
      '20,000 parts',
      ['Content-Type: multipart/mixed; boundary=b', '', lines(20_000, () => '--b\r\n\r\nHello'), '--b--'],
    ],
    [
      '500 levels',
      [
        'Content-Type: multipart/mixed; boundary=b0',
        '',
        lines(500, (index) => `--b${index}\r\nContent-Type: multipart/mixed; boundary=b${index + 1}\r\n`),
        'Hello',
      ],
    ],
    ['100,000 header fields', [lines(100_000, (index) => `X-${index}: x`), '', 'Hello']],
    ['a field of two megabytes', [`X-A: ${'x'.repeat(2_000_000)}`, 'Cc: c@x.example', '', 'Hello']],
    ['100,000 addresses', [`To: ${'a@b.example, '.repeat(100_000)}`, '', 'Hello']],
  ])('%s: what is there is read, and it says what is not', async (_, rest) => {
    const start = performance.now();
    const mail = await parse('From: sam@partner.example', ...rest);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(mail).toMatchObject({ degraded: true, from: { address: 'sam@partner.example' } });
    expect(mail.text).toContain('Hello');
    expect(mail.to.length).toBeLessThanOrEqual(500);
  });

  it('header fields that matter are kept behind a hundred thousand that do not', async () => {
    const mail = await parse(
      lines(100_000, (index) => `X-${index}: x`),
      ...FROM,
      '',
      'Hello',
    );
    expect(mail).toMatchObject({ from: { address: 'sam@partner.example' }, subject: 'Request', text: 'Hello' });
  });
});
