/** What the environment may say, and the exact line for each thing that is wrong with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseImapUrl } from '../../src/adapters/imap-account.ts';
import { PROJECT_ROOT, pathOf, readConfig } from '../../src/config.ts';

type Env = Record<string, string>;

const WHOLE: Env = {
  MAILBOX_COM: 'imaps://support%40vendor.example@imap.vendor.example:993/INBOX',
  MAILBOX_COM_PASSWORD: 'com password',
  MAILBOX_EU: 'maildir:mail/eu',
  SMTP_COM: 'smtps://support%40vendor.example@smtp.vendor.example:465',
  SMTP_EU: 'maildir:mail/out',
  LICENCES: 'csv:data/licences.csv',
  PARTNERS: 'csv:/data/partners.csv',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** All lines that are said about an environment. */
function problems(env: Env): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ name: 'UserError' });
    return (error as Error).message.split('\n');
  }
}

const IMAP_HINT = 'write it as imaps://user@host:993/INBOX or maildir:PATH';
const SMTP_HINT = 'write it as smtps://user@host:465 or maildir:PATH';
const LICENCES_HINT =
  'write it as csv:PATH or https://host/path, or both with a comma between them, in the order in which to ask';
const UNUSABLE = 'is not an address that can be used here';
const OURS = 'the mailboxes are MAILBOX_COM, MAILBOX_EU, SMTP_COM and SMTP_EU';

describe('one wrong variable is one line', () => {
  it.each<[name: string, value: string, line: string]>([
    ['MAILBOX_COM', 'imap.vendor.example', `MAILBOX_COM: ${UNUSABLE}: ${IMAP_HINT}`],
    [
      'ESCALATION_DESK',
      'the desk',
      'ESCALATION_DESK: "the desk" is not a mail address: write it as desk@vendor.example',
    ],
    ['MAILBOX_COM', 'pop3://ana@vendor.example', `MAILBOX_COM: ${UNUSABLE}: ${IMAP_HINT}`],
    ['MAILBOX_COM', 'https://vendor.example', `MAILBOX_COM: ${UNUSABLE}: ${IMAP_HINT}`],
    ['MAILBOX_COM', 'imaps://ana@/INBOX', `MAILBOX_COM: ${UNUSABLE}: ${IMAP_HINT}`],
    ['MAILBOX_EU', 'maildir:', `MAILBOX_EU: ${UNUSABLE}: ${IMAP_HINT}`],
    [
      'MAILBOX_COM',
      'imaps://vendor.example/INBOX',
      'MAILBOX_COM: names no user: write imaps://user@host:993/INBOX or maildir:PATH, with @ in the user as %40',
    ],
    [
      'MAILBOX_COM_PASSWORD',
      '',
      'MAILBOX_COM_PASSWORD: is not set: set it, or MAILBOX_COM_PASSWORD_FILE to a file that holds it',
    ],
    ['MAILBOX_COM_SINCE', 'yesterday', 'MAILBOX_COM_SINCE: "yesterday" is not a date: write it as 2026-01-31'],
    ['MAILBOX_COM_SINCE', '31.01.2026', 'MAILBOX_COM_SINCE: "31.01.2026" is not a date: write it as 2026-01-31'],
    ['MAILBOX_COM_SINCE', '2026-02-31', 'MAILBOX_COM_SINCE: "2026-02-31" is not a date: write it as 2026-01-31'],
    ['MAILBOX_EU_SINCE', '2026-13-01', 'MAILBOX_EU_SINCE: "2026-13-01" is not a date: write it as 2026-01-31'],
    ['SMTP_COM', 'smtp.vendor.example:465', `SMTP_COM: ${UNUSABLE}: ${SMTP_HINT}`],
    ['SMTP_EU', 'imaps://ana@vendor.example', `SMTP_EU: ${UNUSABLE}: ${SMTP_HINT}`],
    [
      'SMTP_EU',
      'smtps://ana@vendor.example',
      'SMTP_EU_PASSWORD: is not set: set it, or SMTP_EU_PASSWORD_FILE to a file that holds it',
    ],
    [
      'DATABASE_URL',
      'mysql://host/database',
      `DATABASE_URL: ${UNUSABLE}: write it as postgres://user:password@host:5432/database`,
    ],
    ['REDIS_URL', 'localhost:6379', `REDIS_URL: ${UNUSABLE}: write it as redis://host:6379`],
    ['LICENCES', 'data/licences.csv', `LICENCES: ${UNUSABLE}: ${LICENCES_HINT}`],
    ['LICENCES', 'csv:', `LICENCES: ${UNUSABLE}: ${LICENCES_HINT}`],
    ['PARTNERS', 'https://vendor.example', `PARTNERS: ${UNUSABLE}: write it as csv:PATH`],
    ['TICKETS', 'desk:x', 'TICKETS: desk:x is not supported: leave it unset, or set it to ledger: or desk:'],
    ['CONSOLE_PORT', '65536', 'CONSOLE_PORT: "65536" is not a port: write a number from 0 to 65535 (0: any free one)'],
    ['CONSOLE_PORT', '-1', 'CONSOLE_PORT: "-1" is not a port: write a number from 0 to 65535 (0: any free one)'],
    ['CONSOLE_PORT', 'http', 'CONSOLE_PORT: "http" is not a port: write a number from 0 to 65535 (0: any free one)'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL: "loud" is not a level: write one of debug, info, warn, error, silent'],
    ['MAILBOX_CON', 'x', `MAILBOX_CON: is not a variable of partner-intake: ${OURS}`],
    ['SMTP_COM_PASSWROD', 'x', `SMTP_COM_PASSWROD: is not a variable of partner-intake: ${OURS}`],
    ['MAILBOX_COM_OLDEST', 'x', `MAILBOX_COM_OLDEST: is not a variable of partner-intake: ${OURS}`],
  ])('%s=%s', (name, value, line) => {
    expect(problems({ ...WHOLE, [name]: value })).toEqual([line]);
  });

  it('a secret file that cannot be read is said once, though both directions use it', () => {
    const path = join(folder, 'absent');
    const { MAILBOX_COM_PASSWORD: _, ...env } = WHOLE;
    expect(problems({ ...env, MAILBOX_COM_PASSWORD_FILE: path })).toEqual([
      `MAILBOX_COM_PASSWORD_FILE: cannot be read: ENOENT: no such file or directory, open '${path}'`,
    ]);
  });

  it('all that is wrong is said at once', () => {
    expect(
      problems({ ...WHOLE, MAILBOX_COM: 'x', MAILBOX_COM_SINCE: 'x', SMTP_EU: 'x', LOG_LEVEL: 'x' }).map(
        (line) => line.split(':', 1)[0],
      ),
    ).toEqual(['MAILBOX_COM_SINCE', 'MAILBOX_COM', 'SMTP_EU', 'LOG_LEVEL']);
  });

  it('never repeats a password', () => {
    const lines = problems({
      MAILBOX_COM: 'imapz://ana:hunter2@vendor.example',
      DATABASE_URL: 'postgrez://ana:hunter2@vendor.example',
      SMTP_COM: 'smtq://ana:hunter2@vendor.example',
    });
    expect(lines).toHaveLength(3);
    expect(lines.join()).not.toContain('hunter2');
  });
});

describe('secrets', () => {
  const { MAILBOX_COM_PASSWORD: _, ...bare } = WHOLE;

  it.each([
    ['with a newline at its end', 'from file\n'],
    ['written on Windows', 'from file\r\n'],
    ['without', 'from file'],
  ])('come from a file %s', (_name, content) => {
    const config = readConfig({ ...bare, MAILBOX_COM_PASSWORD_FILE: file('password', content) });
    expect(config.mailboxes.com?.password).toBe('from file');
    expect(config.smtp.com?.password).toBe('from file');
  });

  it('a file weighs more than the variable, as a container sets both', () => {
    const config = readConfig({ ...WHOLE, MAILBOX_COM_PASSWORD_FILE: file('password', 'from file') });
    expect(config.mailboxes.com?.password).toBe('from file');
  });

  it('an empty file holds no password', () => {
    expect(problems({ ...bare, MAILBOX_COM_PASSWORD_FILE: file('password', '\n') })).toEqual([
      'MAILBOX_COM_PASSWORD: is not set: set it, or MAILBOX_COM_PASSWORD_FILE to a file that holds it',
    ]);
  });

  it('DATABASE_URL and REDIS_URL may lie in files too', () => {
    const config = readConfig({
      DATABASE_URL_FILE: file('database', 'postgres://ana:secret@db.vendor.example/intake\n'),
      REDIS_URL_FILE: file('redis', 'redis://:secret@queue.vendor.example:6379\n'),
    });
    expect(config).toMatchObject({
      databaseUrl: 'postgres://ana:secret@db.vendor.example/intake',
      redisUrl: 'redis://:secret@queue.vendor.example:6379',
    });
  });

  it('the way out has the password of its mailbox, unless it has its own', () => {
    expect(readConfig(WHOLE).smtp.com?.password).toBe('com password');
    expect(readConfig({ ...WHOLE, SMTP_COM_PASSWORD: 'smtp password' }).smtp.com?.password).toBe('smtp password');
  });

  it('a password in an address is taken out of it, and is that of the address', () => {
    const config = readConfig({
      ...WHOLE,
      MAILBOX_EU: 'imaps://eu:p%40ss@imap.vendor.example/INBOX',
      SMTP_COM: 'smtps://com:100%25@smtp.vendor.example',
    });
    expect(config.mailboxes.eu).toMatchObject({ password: 'p@ss' });
    expect(config.mailboxes.eu?.url.href).toBe('imaps://eu@imap.vendor.example/INBOX');
    expect(config.smtp.com).toMatchObject({ password: '100%' });
    expect(config.smtp.com?.url.href).toBe('smtps://com@smtp.vendor.example');
  });
});

describe('what is unset or empty', () => {
  const defaults = {
    mailboxes: {},
    smtp: {},
    databaseUrl: null,
    redisUrl: null,
    licences: null,
    partners: null,
    escalationDesk: null,
    expiries: [],
    desk: null,
    policyDir: join(PROJECT_ROOT, 'policy'),
    templatesDir: join(PROJECT_ROOT, 'templates'),
    varDir: join(PROJECT_ROOT, 'var'),
    consoleHost: '127.0.0.1',
    consolePort: 8025,
    consolePortSet: false,
    logLevel: 'info',
  };

  it('nothing set', () => expect(readConfig({})).toEqual(defaults));

  it('an empty value is as good as none: a line of .env left unfilled', () => {
    const names = [
      ...['MAILBOX_COM', 'MAILBOX_COM_PASSWORD', 'MAILBOX_COM_PASSWORD_FILE', 'MAILBOX_COM_SINCE', 'SMTP_COM'],
      ...['SMTP_COM_PASSWORD', 'DATABASE_URL', 'DATABASE_URL_FILE', 'REDIS_URL', 'LICENCES', 'PARTNERS', 'TICKETS'],
      ...['POLICY_DIR', 'VAR_DIR', 'CONSOLE_PORT', 'CONSOLE_HOST', 'LOG_LEVEL', 'MAILBOX_EU_OAUTH_CLIENT_ID'],
      'ESCALATION_DESK',
    ];
    expect(readConfig(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(defaults);
  });
});

describe('what is set', () => {
  it('ports, folders, dates and levels', () => {
    const config = readConfig({
      ...WHOLE,
      MAILBOX_COM_SINCE: '2026-01-31',
      MAILBOX_EU_SINCE: '2026-01-31T12:00:00+01:00',
      VAR_DIR: 'elsewhere',
      POLICY_DIR: '/etc/intake/policy',
      CONSOLE_PORT: '0',
      CONSOLE_HOST: '0.0.0.0',
      LOG_LEVEL: 'silent',
      TICKETS: 'ledger:',
    });
    expect(config).toMatchObject({
      varDir: resolve('elsewhere'),
      policyDir: '/etc/intake/policy',
      consolePort: 0,
      consolePortSet: true,
      consoleHost: '0.0.0.0',
      logLevel: 'silent',
    });
    expect(config.mailboxes.com?.since).toEqual(new Date('2026-01-31T00:00:00Z'));
    expect(config.mailboxes.eu?.since).toEqual(new Date('2026-01-31T11:00:00Z'));
  });

  it.each([
    ['csv:data/licences.csv', resolve('data/licences.csv')],
    ['csv:/data/with space.csv', '/data/with space.csv'],
    ['csv:/data/with%20space.csv', '/data/with space.csv'],
    ['csv:/data/100%.csv', '/data/100%.csv'],
    ['csv:/data/what?#1.csv', '/data/what?#1.csv'],
  ])('the path in %s', (value, path) => {
    expect(readConfig({ LICENCES: value }).licences).toEqual([{ kind: 'csv', path }]);
    expect(pathOf(readConfig({ PARTNERS: value }).partners as URL)).toBe(path);
  });

  it.each([
    ['imap://ana@imap.vendor.example/INBOX', 'starttls'],
    ['imap://ana@192.168.0.7/INBOX', 'starttls'],
    ['imap://ana@127.0.0.1:1143/INBOX', 'plain'],
    ['imap://ana@localhost/INBOX', 'plain'],
    ['imap://ana@[::1]/INBOX', 'plain'],
    ['imaps://ana@127.0.0.1/INBOX', 'tls'],
  ])('%s is spoken to by %s: no password crosses a network in plain text', (value, security) => {
    const mailbox = readConfig({ MAILBOX_COM: value, MAILBOX_COM_PASSWORD: 'p' }).mailboxes.com;
    expect(parseImapUrl(mailbox?.url.href ?? '', mailbox?.password ?? '').security).toBe(security);
  });
});
