/** Broken and overfull mails: what is there is read, or it is said that it was not. */
import { describe, expect, it } from 'vitest';
import { parseMail } from '../../src/pipeline/mail/parse.ts';
import { bytesOf, FROM, parse, part, policy } from '../support/raw-mails.ts';

describe('nothing is lost without a word', () => {
  const japanese = '顧客メールアドレス: bob@client.example\n説明: ログインできません';

  it('one broken byte in UTF-8 costs one letter', async () => {
    const body = Buffer.concat([Buffer.from(japanese), Buffer.of(0xa0)]);
    const mail = await parse(...FROM, 'Content-Type: text/plain; charset=utf-8', '', body);
    expect(mail.text).toContain('説明: ログインできません');
  });

  it('UTF-8 cut in the middle of a letter, as our own limits cut it', async () => {
    for (const cut of [0, 1, 2]) {
      const bytes = Buffer.from(japanese.repeat(10));
      const mail = await parse(...FROM, '', bytes.subarray(0, bytes.length - cut));
      expect(mail.text).toContain('ログイン');
    }
  });

  it('a broken multipart beside a note', async () => {
    const mail = await parse(
      ...FROM,
      'Content-Type: multipart/mixed; boundary=A',
      '',
      '--A',
      '',
      'CAUTION: external mail.',
      '--A',
      'Content-Type: multipart/alternative; boundary="WRONG"',
      '',
      '--B',
      'Content-Type: text/plain',
      '',
      'ZOID: 76006415',
      '--B--',
      '--A--',
    );
    expect(mail).toMatchObject({ degraded: true, text: expect.stringContaining('ZOID: 76006415') });
  });

  const base64 = (text: string) => Buffer.from(text).toString('base64');
  it.each([
    ['a footer with a padding of its own', base64('ZOID: 76006415\r\n'), base64('Scanned.')],
    ['a plain footer', base64('ZOID: 76006415\r\n'), '--\r\nThis message was scanned, all fine and good'],
  ])('base64 with %s', async (_, body, footer) => {
    const mail = await parse(...FROM, 'Content-Transfer-Encoding: base64', '', body, footer);
    expect(mail.text + mail.quoted).toContain('ZOID: 76006415');
    expect(mail.text + mail.quoted).toMatch(/scanned/i);
  });

  it('a soft line break with blanks behind it', async () => {
    const mail = await parse(...FROM, 'Content-Transfer-Encoding: quoted-printable', '', 'ZOID: 7600=  ', '6415');
    expect(mail.text).toBe('ZOID: 76006415');
  });

  it('text above the first part, where no part shows any', async () => {
    const pdf = part('Content-Type: application/pdf; name=a.pdf', 'x');
    const type = 'Content-Type: multipart/mixed; boundary=b';
    expect((await parse(...FROM, type, '', 'ZOID: 76006415', ...pdf, '--b--')).text).toBe('ZOID: 76006415');
    expect((await parse(...FROM, type, '', 'This is a multi-part message in MIME format.', ...pdf, '--b--')).text).toBe(
      '',
    );
  });

  it('a text that calls itself an attachment and is all there is', async () => {
    const mail = await parse(...FROM, 'Content-Type: text/html', 'Content-Disposition: attachment', '', '<p>Hello</p>');
    expect(mail.text).toBe('Hello');
  });

  it('two pages where there should be one', async () => {
    const mail = await parse(
      ...FROM,
      'Content-Type: multipart/alternative; boundary=b',
      '',
      ...part('Content-Type: text/html', '<p>One</p>'),
      ...part('Content-Type: text/html', '<p>Two</p>'),
      '--b--',
    );
    expect(mail.text).toMatch(/One\s+Two/);
  });

  it('a text longer than is read says so', async () => {
    const mail = await parse(...FROM, '', 'a line of a log\r\n'.repeat(30_000), 'ZOID: 76006415');
    expect(mail.degradedBecause).toMatch(/only the first \d+ characters/);
  });

  it('a letter that is the subject of the report is not mended', async () => {
    const said = 'The customer sees Ã© instead of accents';
    expect((await parse(...FROM, 'Content-Type: text/plain; charset=utf-8', '', said)).text).toBe(said);
    expect((await parse(...FROM, '', 'GrÃ¶ÃŸe und mehr')).text).toBe('Größe und mehr');
  });
});

describe('past a limit', () => {
  const addresses = Array.from({ length: 600 }, (_, index) => `a${index}@b.example`).join(', ');
  it.each<[string, string[]]>([
    ['parts', ['Content-Type: multipart/mixed; boundary=b', '', ...Array(1_500).fill('--b\r\n\r\nHello')]],
    ['header', [`X-A: ${'x'.repeat(900_000)}`, '', 'Hello']],
    ['addresses', [`To: ${addresses}`, '', 'Hello']],
    [
      'depth',
      [
        ...Array.from({ length: 60 }, (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}`),
        '',
        'Hello',
      ],
    ],
  ])('of %s: it is read as far as it goes, and says which', async (_, rest) => {
    const { mail, pastLimit } = await parseMail(bytesOf(['From: sam@partner.example', ...rest]), policy);
    expect(mail.from.address).toBe('sam@partner.example');
    expect(pastLimit).not.toBeNull();
  });
});
