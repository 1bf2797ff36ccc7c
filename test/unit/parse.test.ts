import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ParsedMail } from '../../src/model.ts';
import { parseAddresses } from '../../src/pipeline/mail/address-header.ts';
import { MAX_PART_LENGTH, parseMail } from '../../src/pipeline/mail/parse.ts';
import { readMail } from '../../src/pipeline/mail/read.ts';
import { readHeaders } from '../../src/pipeline/mime/headers.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);

async function parse(...lines: string[]): Promise<ParsedMail> {
  return (await parseMail(Buffer.from(lines.join('\r\n')), policy)).mail;
}

describe('headers', () => {
  it('are read from the raw mail: ids, dates, names, encoded subjects', async () => {
    const mail = await parse(
      'Message-ID: <one@partner.example>',
      'In-Reply-To: <zero@partner.example>',
      'References: <a@x.example>',
      ' <b@x.example>',
      'From: =?iso-8859-1?Q?Andr=E9?= <Andre@Partner.EXAMPLE>',
      'Reply-To: desk@partner.example',
      'To: undisclosed: a@x.example, "B, C" <b@x.example>;',
      'Cc: c@x.example (Carla)',
      'Subject: =?utf-8?B?w4k=?= =?utf-8?B?dMOp?= 2025',
      'Date: Mon, 3 Mar 2025 10:00:00 +0100 (CET)',
      '',
      'Hello',
    );
    expect(mail).toMatchObject({
      messageId: '<one@partner.example>',
      inReplyTo: '<zero@partner.example>',
      references: ['<a@x.example>', '<b@x.example>'],
      from: { address: 'Andre@partner.example', name: 'André' },
      replyTo: 'desk@partner.example',
      to: ['a@x.example', 'b@x.example'],
      cc: ['c@x.example'],
      subject: 'Été 2025',
      date: '2025-03-03T09:00:00.000Z',
      text: 'Hello',
      degraded: false,
    });
  });

  it('may be missing or senseless', async () => {
    const mail = await parse('Date: yesterday', 'no header at all', '', 'Hello');
    expect(mail).toMatchObject({
      messageId: null,
      date: null,
      from: { address: '', name: '' },
      subject: '',
      text: 'Hello',
    });
  });

  it('twice: the first From counts', async () => {
    const mail = await parse('From: a@partner.example', 'From: b@zohocorp.com', '', 'x');
    expect(mail.from.address).toBe('a@partner.example');
  });

  it.each([
    ['=?utf-8?Q?boss=40partner.example?= <real@other.example>', 'real@other.example', 'boss@partner.example'],
    ['=?utf-8?B?PGJvc3NAcGFydG5lci5leGFtcGxlPg==?=', '', '<boss@partner.example>'],
    ['=?utf-8?Q?boss=40partner.example?=', '', 'boss@partner.example'],
    ['"boss@partner.example" <real@other.example>', 'real@other.example', 'boss@partner.example'],
    ['"a" <=?utf-8?Q?boss?=@partner.example>', '', 'a'],
    ['Pete(A \\) chap) <pete(his account)@other.example(host)>', 'pete@other.example', 'Pete'],
    ['tim@a.example concierge@b.example', 'tim@a.example', ''],
    ['real@other.example\u0000\u202e', 'real@other.example', ''],
  ])('From: %s', (raw, address, name) => {
    expect(parseAddresses(raw)[0]).toEqual({ address, name });
  });

  it('hold no control characters', async () => {
    const mail = await parse(
      'Subject: =?utf-8?Q?a=0D=0ABcc:_x=00=1B[31m?=',
      'From: =?utf-8?Q?a=0Ab?= <a@b.example>',
      '',
      'x\u001b[2J',
    );
    expect(mail.subject).toBe('a Bcc: x[31m');
    expect(mail.from.name).toBe('a b');
    expect(mail.text).toBe('x[2J');
  });
});

describe('bodies', () => {
  it.each([
    ['iso-2022-jp', Buffer.from('1b2442245e24331b2842', 'hex'), 'まこ'],
    ['gb2312', Buffer.from('c4e3bac3', 'hex'), '你好'],
    ['windows-1256', Buffer.from('e3d1cdc8c7', 'hex'), 'مرحبا'],
    ['iso-8859-1', Buffer.from('e9', 'hex'), 'é'],
  ])('in %s', async (charset, bytes, expected) => {
    const raw = Buffer.concat([
      Buffer.from(`From: a@b.example\nContent-Type: text/plain; charset=${charset}\n\n`),
      bytes,
    ]);
    expect((await parseMail(raw, policy)).mail.text).toBe(expected);
  });

  it('without a charset: UTF-8 when it is, else Windows-1252', async () => {
    const head = Buffer.from('From: a@b.example\n\n');
    const read = async (bytes: Buffer) => (await parseMail(Buffer.concat([head, bytes]), policy)).mail.text;
    expect(await read(Buffer.from('Descrição'))).toBe('Descrição');
    expect(await read(Buffer.from('Descrição', 'latin1'))).toBe('Descrição');
  });

  it('with lone CRs as line ends', async () => {
    const mail = (await parseMail(Buffer.from('From: a@b.example\rSubject: x\r\rOne\rTwo\r'), policy)).mail;
    expect(mail).toMatchObject({ subject: 'x', text: 'One\nTwo' });
  });

  it('with format=flowed: the answer below a quoted line stays an answer', async () => {
    const mail = await parse(
      'From: a@b.example',
      'Content-Type: text/plain; charset=utf-8; format="flowed"',
      '',
      'On 04/02/2012 06:26 PM, Zoho <z@b.example> wrote:',
      '> Which address? ',
      'owner@client.example',
    );
    expect(mail.text).toBe('owner@client.example');
  });

  it('lists attachments, with clean names', async () => {
    const mail = await parse(
      'From: a@b.example',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'Hello',
      '--b',
      'Content-Type: image/png; name="../../etc/shot.png"',
      'Content-Transfer-Encoding: base64',
      'Content-Disposition: attachment; filename="../../etc/shot.png"',
      '',
      'AAECAw==',
      '--b',
      'Content-Type: image/gif',
      'Content-ID: <logo>',
      '',
      'GIF',
      '--b--',
    );
    expect(mail.attachments).toMatchObject([
      { filename: 'shot.png', contentType: 'image/png', size: 4, inline: false },
      { filename: '', contentType: 'image/gif', size: 3, inline: true },
    ]);
    expect(mail.text).toBe('Hello');
  });

  it('cut at a limit', async () => {
    const mail = await parse('From: a@b.example', '', 'x'.repeat(2 * MAX_PART_LENGTH));
    expect(mail.parts.text).toHaveLength(MAX_PART_LENGTH);
  });
});

describe('what no parser accepts is read by hand and says so', () => {
  it('a boundary that is not the one announced', async () => {
    const mail = await parse(
      'From: a@b.example',
      'Content-Type: multipart/mixed; boundary="announced"',
      '',
      '--used',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from('Über alles: ZOID').toString('base64'),
      '--used--',
    );
    expect(mail).toMatchObject({ degraded: true, text: 'Über alles: ZOID' });
    expect(mail.degradedBecause).toMatch(/not the one that was used/);
  });

  it('20,000 parts', async () => {
    const part = '--b\r\nContent-Type: text/plain\r\n\r\nPart\r\n';
    const mail = await parse(
      'From: a@b.example',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      `${part.repeat(20_000)}--b--`,
    );
    expect(mail.degraded).toBe(true);
    expect(mail.degradedBecause).toMatch(/child nodes exceeded/);
    expect(mail.text).toContain('Part');
    expect(mail.from.address).toBe('a@b.example');
  });

  it('nothing visible at all', async () => {
    const mail = await parse('From: a@b.example', 'Content-Type: text/html', '', '<html><body></body></html>');
    expect(mail).toMatchObject({ degraded: true, text: '<html><body></body></html>' });
  });
});

const corpora = join(import.meta.dirname, '../../../shared/corpora');
describe.runIf(existsSync(corpora))('messy mail of other projects', () => {
  const files = existsSync(corpora)
    ? readdirSync(corpora, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    : [];

  /** Their parts have headers and nothing else. */
  const EMPTY_PARTS = ['msg_08.txt', 'msg_09.txt', 'msg_12.txt', 'msg_12a.txt', 'msg_24.txt'];

  it('is read without an error, and no body is lost', async () => {
    for (const file of files) {
      const raw = readFileSync(join(file.parentPath, file.name));
      const { mail } = await readMail(raw, policy);
      expect(ParsedMail.safeParse(mail).success, file.name).toBe(true);
      const hasBody = raw.subarray(readHeaders(raw).bodyStart).some((byte) => byte > 0x20);
      const read = mail.text + mail.quoted + mail.attachments.map((attachment) => attachment.contentType).join('');
      expect(!hasBody || read !== '' || EMPTY_PARTS.includes(file.name), file.name).toBe(true);
    }
    expect(files.length).toBeGreaterThan(200);
  }, 60_000);

  it('answers are told from their history', async () => {
    const folder = join(corpora, 'talon/standard_replies');
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.eml'))) {
      const expected = join(folder, name.replace('.eml', '_reply_text'));
      const answer = existsSync(expected) ? readFileSync(expected, 'utf8').trim() : 'Hello';
      const { mail } = await readMail(readFileSync(join(folder, name)), policy);
      // Our text leaves "Sent from my …" out too.
      expect(answer, name).toContain(mail.text.trim());
      expect(mail.text, name).toMatch(/Hello|great/i);
    }
  });
});
