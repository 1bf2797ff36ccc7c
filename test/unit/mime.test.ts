import { describe, expect, it } from 'vitest';
import { parseMail } from '../../src/pipeline/mail/parse.ts';
import { BOUNDED_MS } from '../support/bounded.ts';
import { FROM, mime, parse, part, policy } from '../support/raw-mails.ts';

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
    expect(mail.attachments).toMatchObject([
      { filename: 'shot.png', contentType: 'image/png', size: 3, inline: false },
    ]);
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
    expect(performance.now() - start).toBeLessThan(BOUNDED_MS);
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
