/** OAuth variables of a mail account: what is read, and the exact line for each thing that is wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { expiryMetrics } from '../../src/console/expiry-metrics.ts';
import { expiryWarnings } from '../../src/login-expiry.ts';
import { warnOfExpiry } from '../../workers/expiry.ts';

type Env = Record<string, string>;

const OAUTH: Env = {
  MAILBOX_COM_OAUTH_CLIENT_ID: 'id',
  MAILBOX_COM_OAUTH_CLIENT_SECRET: 'client secret',
  MAILBOX_COM_OAUTH_REFRESH_TOKEN: 'refresh token',
  MAILBOX_COM_OAUTH_DATA_CENTRE: 'eu',
};
const WHOLE: Env = {
  ...OAUTH,
  MAILBOX_COM: 'imaps://support%40vendor.example@imap.vendor.example/INBOX',
  SMTP_COM: 'smtps://support%40vendor.example@smtp.vendor.example:465',
};

function problems(env: Env): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ name: 'UserError' });
    return (error as Error).message.split('\n');
  }
}

describe('OAuth instead of a password', () => {
  it('is the way in for both directions, as one and the same', () => {
    const { mailboxes, smtp } = readConfig(WHOLE);
    expect(mailboxes.com).toMatchObject({
      password: null,
      oauth: {
        name: 'MAILBOX_COM',
        tokenUrl: 'https://accounts.zoho.eu/oauth/v2/token',
        clientId: 'id',
        clientSecret: { value: 'client secret', file: null },
        refreshToken: { value: 'refresh token', file: null },
        scope: null,
      },
    });
    expect(smtp.com?.oauth).toBe(mailboxes.com?.oauth);
  });

  it('sending may have a password, or an account, of its own', () => {
    const withPassword = readConfig({ ...WHOLE, SMTP_COM_PASSWORD: 'app password' });
    expect(withPassword.smtp.com).toMatchObject({ password: 'app password', oauth: null });
    const own = Object.fromEntries(
      Object.entries(OAUTH).map(([name, value]) => [name.replace('MAILBOX', 'SMTP'), value]),
    );
    const { mailboxes, smtp } = readConfig({ ...WHOLE, ...own, SMTP_COM_OAUTH_SCOPE: 'mail.send' });
    expect(smtp.com?.oauth).toMatchObject({ name: 'SMTP_COM', scope: 'mail.send' });
    expect(mailboxes.com?.oauth).toMatchObject({ name: 'MAILBOX_COM', scope: null });
  });

  it('secrets come from files too, whose names are kept: they are read again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'oauth-'));
    const file = join(folder, 'refresh-token');
    writeFileSync(file, 'from file\n');
    const { MAILBOX_COM_OAUTH_REFRESH_TOKEN: _, ...rest } = WHOLE;
    const config = readConfig({ ...rest, MAILBOX_COM_OAUTH_REFRESH_TOKEN_FILE: file });
    expect(config.mailboxes.com?.oauth?.refreshToken).toEqual({ value: 'from file', file });
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['https://login.vendor.example/token', 'https://login.vendor.example/token'],
    ['http://127.0.0.1:8080/token', 'http://127.0.0.1:8080/token'],
    ['http://[::1]/token', 'http://[::1]/token'],
  ])('the token URL %s outweighs the data centre', (given, tokenUrl) => {
    const config = readConfig({ ...WHOLE, MAILBOX_COM_OAUTH_TOKEN_URL: given });
    expect(config.mailboxes.com?.oauth?.tokenUrl).toBe(tokenUrl);
  });

  it.each([
    ['ca', 'https://accounts.zohocloud.ca/oauth/v2/token'],
    ['AU', 'https://accounts.zoho.com.au/oauth/v2/token'],
    ['cn', 'https://accounts.zoho.com.cn/oauth/v2/token'],
  ])('data centre %s', (centre, tokenUrl) => {
    const config = readConfig({ ...WHOLE, MAILBOX_COM_OAUTH_DATA_CENTRE: centre });
    expect(config.mailboxes.com?.oauth?.tokenUrl).toBe(tokenUrl);
  });

  const NEEDS =
    'OAuth needs MAILBOX_COM_OAUTH_CLIENT_ID, MAILBOX_COM_OAUTH_CLIENT_SECRET, MAILBOX_COM_OAUTH_REFRESH_TOKEN';
  const UNSAFE =
    'is not an address that secrets may be sent to: write it as https://accounts.vendor.example/oauth/v2/token';
  const CENTRES = 'write one of us, eu, in, au, jp, ca, sa, cn, sg, ae';
  it.each<[name: string, value: string, line: string]>([
    ['CLIENT_ID', '', `CLIENT_ID: is not set: ${NEEDS}`],
    ['CLIENT_SECRET', '', `CLIENT_SECRET: is not set: ${NEEDS}`],
    ['REFRESH_TOKEN', '', `REFRESH_TOKEN: is not set: ${NEEDS}`],
    ['DATA_CENTRE', '', `DATA_CENTRE: is not set: ${CENTRES}, or set MAILBOX_COM_OAUTH_TOKEN_URL`],
    ['DATA_CENTRE', 'uk', `DATA_CENTRE: "uk" is no data centre of Zoho: ${CENTRES}`],
    ['DATA_CENTRE', 'constructor', `DATA_CENTRE: "constructor" is no data centre of Zoho: ${CENTRES}`],
    ['TOKEN_URL', 'http://accounts.vendor.example/token', `TOKEN_URL: ${UNSAFE}`],
    ['TOKEN_URL', 'http://127.0.0.1.vendor.example/token', `TOKEN_URL: ${UNSAFE}`],
    ['TOKEN_URL', 'https://ana:secret@vendor.example/token', `TOKEN_URL: ${UNSAFE}`],
    ['TOKEN_URL', 'accounts.zoho.eu', `TOKEN_URL: ${UNSAFE}`],
    ['EXPIRES', 'soon', 'EXPIRES: "soon" is not a date: write it as 2026-01-31'],
  ])('%s=%s is one line', (name, value, line) => {
    expect(problems({ ...WHOLE, [`MAILBOX_COM_OAUTH_${name}`]: value })).toEqual([`MAILBOX_COM_OAUTH_${line}`]);
  });

  it('a password beside it, or a variable that is none', () => {
    expect(problems({ ...WHOLE, MAILBOX_COM_PASSWORD: 'x' })).toContain(
      'MAILBOX_COM_PASSWORD: is set, and MAILBOX_COM_OAUTH_CLIENT_ID too: leave out one of them',
    );
    expect(problems({ ...WHOLE, MAILBOX_COM_OAUTH_REFRESH: 'x' })).toEqual([
      'MAILBOX_COM_OAUTH_REFRESH: is not a variable of partner-intake: the mailboxes are MAILBOX_COM, MAILBOX_EU, SMTP_COM and SMTP_EU',
    ]);
  });
});

describe('what runs out', () => {
  const { expiries } = readConfig({
    MAILBOX_COM_OAUTH_EXPIRES: '2026-03-15',
    MAILBOX_EU_PASSWORD_EXPIRES: '2026-03-01',
    SMTP_EU_PASSWORD_EXPIRES: '2027-01-01',
  });
  const linesOn = (day: string): string[] => expiryWarnings(expiries, new Date(day)).map(({ line }) => line);

  it.each<[day: string, lines: string[]]>([
    ['2026-02-14T23:59:00Z', []],
    [
      '2026-02-15T00:00:00Z',
      [
        'the password of MAILBOX_EU runs out on 2026-03-01, in 14 days (MAILBOX_EU_PASSWORD_EXPIRES): make a new one before',
      ],
    ],
    [
      '2026-02-28T12:00:00Z',
      [
        'the password of MAILBOX_EU runs out on 2026-03-01, in 1 day (MAILBOX_EU_PASSWORD_EXPIRES): make a new one before',
      ],
    ],
    [
      '2026-03-05T00:00:00Z',
      [
        'the password of MAILBOX_EU ran out on 2026-03-01 (MAILBOX_EU_PASSWORD_EXPIRES): make a new one',
        'the refresh token of MAILBOX_COM runs out on 2026-03-15, in 10 days (MAILBOX_COM_OAUTH_EXPIRES): make a new one before',
      ],
    ],
  ])('%s', (day, lines) => expect(linesOn(day)).toEqual(lines));

  it('is a metric', () => {
    expect(expiryMetrics([], new Date())).toBe('');
    expect(expiryMetrics(expiries, new Date('2026-03-01T00:01:00Z')).split('\n').slice(2, -1)).toEqual([
      'partner_intake_login_expires_seconds{variable="MAILBOX_COM_OAUTH_EXPIRES"} 1209540',
      'partner_intake_login_expires_seconds{variable="MAILBOX_EU_PASSWORD_EXPIRES"} -60',
      'partner_intake_login_expires_seconds{variable="SMTP_EU_PASSWORD_EXPIRES"} 26438340',
    ]);
  });

  it('is an error in the log when it is over', () => {
    const logged: string[] = [];
    const log = { warn: () => logged.push('warn'), error: () => logged.push('error') };
    expect(warnOfExpiry(expiries, new Date('2026-03-05'), log as never)).toBe(2);
    expect(logged).toEqual(['error', 'warn']);
  });
});
