/** `inspect`: what the daemon would make of a mail, with no side effect. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { complaint } from '../support/complaint.ts';
import { type Environment, run } from '../support/daemon.ts';
import { DECISION_KEYS, ENQUIRY_KEYS, keysOf } from '../support/json-shapes.ts';
import { LARGE, letter } from '../support/letters.ts';
import { LICENCES, PARTNERS } from '../support/population.ts';
import { startSmtpSink } from '../support/smtp-sink.ts';

const PROGRAM = resolve(import.meta.dirname, '../../bin/partner-intake');
const MAIL_KEYS = [
  ...['attachments', 'date', 'degraded', 'from', 'kind', 'messageId', 'quoted', 'subject', 'text', 'to'],
];

let folder: string;
let env: Environment;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inspect-'));
  await writeFile(join(folder, 'licences.csv'), LICENCES);
  await writeFile(join(folder, 'partners.csv'), PARTNERS);
  env = { LICENCES: `csv:${join(folder, 'licences.csv')}`, PARTNERS: `csv:${join(folder, 'partners.csv')}` };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function eml(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, `${name}.eml`);
  await writeFile(path, content);
  return path;
}

const withAttachment = letter({
  id: 'whole@mail.example',
  from: '"Smith, Agent" <agent@reseller.example>',
  to: 'Partner Support <partner-support@eu.zohocorp.com>',
  date: new Date('2026-03-02T09:00:00Z'),
  headers: ['X-Nothing: special'],
})
  .replace('Content-Type: text/plain; charset=utf-8', 'Content-Type: multipart/mixed; boundary=b')
  .replace('\r\n\r\nDear team', '\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nDear team')
  .replace('Customer email address: someone@nowhere.example', 'Customer email address: user@large.example')
  .concat('--b\r\nContent-Type: text/csv; name=list.csv\r\n', 'Content-Disposition: attachment; filename=list.csv\r\n')
  .concat('\r\na,b\r\n--b--\r\n');

it('--json is one object a file, with exactly the keys that others script against', async () => {
  const file = await eml('whole', withAttachment);
  const outcome = await run(['inspect', '--json', file], env);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  const shown = JSON.parse(outcome.stdout);
  expect(Object.keys(shown)).toEqual(['file', 'mail', 'enquiry', 'decision']);
  expect(keysOf(shown.mail)).toEqual(MAIL_KEYS);
  expect(shown).toMatchObject({
    file,
    mail: {
      messageId: '<whole@mail.example>',
      from: { address: 'agent@reseller.example', name: 'Smith, Agent' },
      to: ['partner-support@eu.zohocorp.com'],
      subject: 'Request whole@mail.example',
      date: '2026-03-02T09:00:00.000Z',
      kind: 'request',
      degraded: false,
      attachments: [{ filename: 'list.csv', contentType: 'text/csv', size: 3, inline: false }],
    },
  });
  expect(keysOf(shown.mail.from)).toEqual(['address', 'name']);
  expect(keysOf(shown.mail.attachments[0])).toEqual([
    'contentType',
    'filename',
    'inline',
    'role',
    'sha256',
    'size',
    'sniffed',
  ]);

  expect(keysOf(shown.enquiry)).toEqual(ENQUIRY_KEYS);
  expect(shown.enquiry).toMatchObject({ language: 'en', template: true });
  const { customerEmail } = shown.enquiry.fields;
  expect(keysOf(customerEmail)).toEqual(['confidence', 'source', 'value']);
  expect(keysOf(customerEmail.source)).toEqual(['end', 'label', 'language', 'part', 'start']);
  expect(customerEmail).toMatchObject({ value: 'user@large.example', source: { part: 'text', language: 'en' } });

  expect(keysOf(shown.decision)).toEqual(DECISION_KEYS);
  expect(shown.decision).toMatchObject({
    severity: 'S1',
    priorityCustomer: true,
    provisional: false,
    requestNature: 'incident',
    slaApplies: true,
    account: { superadminEmail: LARGE, licences: 120, service: 'Zoho CRM', region: 'india', matchedBy: 'domain' },
    region: 'india',
    regionFrom: 'customer',
    threshold: 100,
    mailbox: { used: 'eu', expected: 'com' },
    partner: { name: 'Reseller', tier: 'premium', verified: true },
    missing: ['superadminEmail'],
    reply: 'missing-superadmin-note',
    tags: ['wrong-mailbox'],
    policy: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect(keysOf(shown.decision.account)).toEqual(['licences', 'matchedBy', 'region', 'service', 'superadminEmail']);
  expect(shown.decision.reasons).toContainEqual({ rule: 'regions.india.licences', because: '120 >= 100' });
  expect(keysOf(shown.decision.deadlines)).toEqual(['determination', 'firstResponse', 'resolution']);
  for (const due of Object.values<object>(shown.decision.deadlines))
    expect(keysOf(due)).toEqual(['commitment', 'target']);
});

it('many files come in the order given, read from a pipe that is closed early without a complaint', async () => {
  const large = 'x'.repeat(20_000);
  const files = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      // The first ones take longest to read.
      eml(`many${n}`, letter({ id: `many${n}@mail.example`, lines: Array(24 - 2 * n).fill(large) })),
    ),
  );
  const outcome = await run(['inspect', '--json', ...files], env);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  const lines = outcome.stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).file)).toEqual(files);

  const child = spawn(PROGRAM, ['inspect', '--json', ...files], { env: { ...process.env, ...env } });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += String(chunk);
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  await once(child, 'close');
  expect(complaints).toBe('');
});

it('text names the mail, what was understood, the decision and its reasons', async () => {
  const file = await eml('text', letter({ id: 'text@mail.example', says: 'nothing', subject: 'Bell \u0007 and all' }));
  const outcome = await run(['inspect', file], env);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  expect(outcome.stdout.split('\n', 1)).toEqual([file]);
  expect(outcome.stdout).toContain('request: Bell');
  expect(outcome.stdout).toMatch(/^ {4}superadminEmail: owner@large\.example {2}\(/m);
  expect(outcome.stdout).toContain('severity S1, priority customer, incident, region india, reply none');
  expect(outcome.stdout).toContain('regions.india.licences: 120 >= 100');
  expect(outcome.stdout).not.toContain('\u0007');
});

it('- is standard input, among files too', async () => {
  const file = await eml('beside', letter({ id: 'beside@mail.example' }));
  const outcome = await run(['inspect', '--json', '-', file], env, { input: letter({ id: 'stdin@mail.example' }) });
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  const shown = outcome.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(shown.map((one) => [one.file, one.mail.messageId])).toEqual([
    ['-', '<stdin@mail.example>'],
    [file, '<beside@mail.example>'],
  ]);
});

it('a file that is not there is said once, and the others are read', async () => {
  const file = await eml('there', letter({ id: 'there@mail.example' }));
  const absent = join(folder, 'absent.eml');
  const outcome = await run(['inspect', '--json', absent, file], env);
  expect(outcome.code).toBe(1);
  expect(complaint(outcome)).toBe(`${absent}: ENOENT: no such file or directory, open '${absent}'`);
  expect(JSON.parse(outcome.stdout)).toMatchObject({ file, mail: { messageId: '<there@mail.example>' } });
});

it('what is no mail at all is shown as far as it goes', async () => {
  const files = await Promise.all([
    eml('empty', ''),
    eml('noise', Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 167) % 256))),
  ]);
  const outcome = await run(['inspect', '--json', ...files], env);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  expect(outcome.stdout.trimEnd().split('\n')).toHaveLength(2);
});

it('touches nothing: no store, no mailbox, no way out, no file', async () => {
  await using sink = await startSmtpSink();
  const varDir = join(folder, 'var');
  const maildir = join(folder, 'maildir');
  for (const part of ['new', 'cur', 'tmp']) await mkdir(join(maildir, part), { recursive: true });
  await writeFile(join(maildir, 'new', '1.test'), letter({ id: 'waiting@mail.example' }));
  const mail = letter({ id: 'asks@mail.example', says: 'ask' });
  const file = await eml('asks', mail);
  const outcome = await run(['inspect', '--json', file], {
    ...env,
    MAILBOX_COM: `maildir:${maildir}`,
    SMTP_COM: sink.url,
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere',
    REDIS_URL: 'redis://127.0.0.1:1',
    VAR_DIR: varDir,
  });
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(outcome.stdout).decision.reply).toBe('missing-superadmin-ask');
  expect(sink.messages).toEqual([]);
  await expect(readdir(varDir)).rejects.toThrow('ENOENT');
  expect(await readdir(maildir, { recursive: true })).toEqual(expect.arrayContaining([join('new', '1.test')]));
  expect(await readFile(file, 'utf8')).toBe(mail);
});
