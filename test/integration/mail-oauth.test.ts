/** OAuth2 for a mailbox and for sending: a real Dovecot, an SMTP server with XOAUTH2 and a token server, all on this machine. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { filePassword } from '../../src/adapters/login.ts';
import { createImapMailbox } from '../../src/adapters/mailbox-imap.ts';
import { createOAuthTokens } from '../../src/adapters/oauth-tokens.ts';
import { createSmtpSender } from '../../src/adapters/sender-smtp.ts';
import { createSentFolder } from '../../src/adapters/sent-folder-imap.ts';
import type { Credentials, Mailbox, MailSender, OutgoingMail } from '../../src/ports.ts';
import { run } from '../support/daemon.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';
import { createTestMemory, drainInto, subjectsOf, testMail } from '../support/mailbox-memory.ts';
import { type OAuthServer, startOAuthServer } from '../support/oauth-server.ts';
import { type SmtpSink, startSmtpSink } from '../support/smtp-sink.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const user = { name: 'support@vendor.example', password: 'secret of the test' };
const HOUR_MS = 3_600_000;
const mail: OutgoingMail = {
  messageId: '<pi.1001.aaaa@vendor.example>',
  from: 'support@vendor.example',
  to: 'agent@sender.example',
  subject: 'Re: help',
  text: 'text',
  html: '<p>text</p>',
  inReplyTo: null,
  references: [],
  headers: {},
};

let oauth: OAuthServer;
let dovecot: Dovecot;
let proxy: TcpProxy;
let time = 0;
const closing: { close(): Promise<void> }[] = [];
const closed = <T extends { close(): Promise<void> }>(one: T): T => {
  closing.push(one);
  return one;
};

beforeAll(async () => {
  oauth = await startOAuthServer(user.name);
  dovecot = await startDovecot({
    users: [user],
    tokens: { introspectionUrl: oauth.introspectionUrl, mechanisms: 'xoauth2 oauthbearer' },
  });
});
afterAll(async () => {
  await dovecot?.stop();
  await oauth?.stop();
});
beforeEach(async () => {
  proxy = await startTcpProxy(dovecot.port);
  time = Date.now();
});
afterEach(async () => {
  oauth.answer(null);
  await Promise.all(closing.splice(0).map((one) => one.close()));
  await proxy.stop();
});

const now = (): Date => new Date(time);
const tokens = (refreshToken = oauth.refreshToken): Credentials =>
  createOAuthTokens({
    client: {
      name: 'MAILBOX_COM',
      tokenUrl: oauth.tokenUrl,
      clientId: 'client',
      clientSecret: { value: 'secret', file: null },
      refreshToken: { value: refreshToken, file: null },
      scope: null,
    },
    now,
    random: () => 0.5,
  });
const address = (port = proxy.port): string => `imap://${encodeURIComponent(user.name)}@127.0.0.1:${port}/INBOX`;
const mailboxWith = (login: Credentials, url = address()): Mailbox =>
  closed(createImapMailbox({ name: 'com', url, login, now, random: () => 0.5 }));

describe('a mailbox', () => {
  it('is read with an access token, also by a session that outlives it', async () => {
    const before = oauth.asked.length;
    const [mailbox, memory] = [mailboxWith(tokens()), createTestMemory()];
    await dovecot.append(user.name, testMail('one'));
    await drainInto(mailbox, memory);
    // The session is open: its token may end, the next connection has a new one.
    time += HOUR_MS;
    oauth.revoke();
    await dovecot.append(user.name, testMail('two'));
    await drainInto(mailbox, memory);
    expect(oauth.asked.length - before).toBe(1);
    proxy.cut();
    await dovecot.append(user.name, testMail('three'));
    await drainInto(mailbox, memory).catch(() => drainInto(mailbox, memory));
    expect(subjectsOf(memory.stored.values())).toEqual(['one', 'two', 'three']);
    expect(oauth.asked.length - before).toBe(2);
    expect(Object.fromEntries(oauth.asked.at(-1) ?? [])).toEqual({
      grant_type: 'refresh_token',
      client_id: 'client',
      client_secret: 'secret',
      refresh_token: 'refresh',
    });
  });

  it('gets a new token for one that is refused before its time, once', async () => {
    const mailbox = mailboxWith(tokens());
    await mailbox.check();
    const before = oauth.asked.length;
    oauth.revoke();
    time += 2 * 60_000;
    await expect(mailbox.check()).resolves.toContain('answers');
    expect(oauth.asked.length - before).toBe(1);
    // Nothing it gives is worth anything: the second refusal is the answer.
    time += 2 * 60_000;
    oauth.revoke();
    oauth.answer({ status: 200, body: '{"access_token":"worthless","expires_in":3600}' });
    const refused = {
      verdict: 'permanent',
      code: 'auth',
      message: `127.0.0.1:${proxy.port} refuses the access token of ${user.name}: check the scope and whose consent it is`,
    };
    await expect(mailbox.check()).rejects.toMatchObject(refused);
    await expect(mailbox.check()).rejects.toMatchObject(refused);
    expect(oauth.asked.length - before).toBe(2);
  });

  it('says when the refresh token is not accepted any more, and asks no more for a while', async () => {
    const before = oauth.asked.length;
    const mailbox = mailboxWith(tokens('of last year'));
    for (let turn = 0; turn < 3; turn++)
      await expect(mailbox.check()).rejects.toMatchObject({
        verdict: 'permanent',
        code: 'oauth',
        message:
          'the refresh token of MAILBOX_COM is not accepted any more: make a new one and set MAILBOX_COM_OAUTH_REFRESH_TOKEN',
      });
    expect(oauth.asked.length - before).toBe(1);
    expect(proxy.accepted).toBe(0);
  });

  it('waits for a token server that is down', async () => {
    oauth.answer('dead');
    const mailbox = mailboxWith(tokens());
    await expect(mailbox.check()).rejects.toMatchObject({ verdict: 'temporary', code: 'network' });
    oauth.answer(null);
    // Not asked again at once, though it would answer.
    await expect(mailbox.check()).rejects.toMatchObject({ verdict: 'temporary' });
    time += 1_000;
    await expect(mailbox.check()).resolves.toContain('answers');
  });

  it('is read where XOAUTH2 is all there is', async () => {
    const other = await startDovecot({
      users: [user],
      tokens: { introspectionUrl: oauth.introspectionUrl, mechanisms: 'xoauth2' },
    });
    try {
      const mailbox = mailboxWith(tokens(), address(other.port));
      await mailbox.check();
      oauth.revoke();
      time += 2 * 60_000;
      await expect(mailbox.check()).resolves.toContain('answers');
    } finally {
      await other.stop();
    }
  });

  it('on a server without OAuth says to use an app password', async () => {
    const plain = await startDovecot({ users: [user] });
    try {
      await expect(mailboxWith(tokens(), address(plain.port)).check()).rejects.toMatchObject({
        verdict: 'permanent',
        code: 'config',
        message: `127.0.0.1:${plain.port} offers no OAuth login (neither XOAUTH2 nor OAUTHBEARER): use an app password instead`,
      });
    } finally {
      await plain.stop();
    }
  });

  it('shares one token with its Sent folder and its sender', async () => {
    const before = oauth.asked.length;
    const login = tokens();
    const folder = closed(createSentFolder({ url: address(), login }));
    await using sink = await startSmtpSink({ tokens: { user: user.name, ownerOf: oauth.ownerOf } });
    const sender = closed(createSmtpSender({ url: new URL(sink.url), login, find: folder.find }));
    await dovecot.append(user.name, 'Message-ID: <pi.1.a@vendor.example>\r\nX-Partner-Intake: 1\r\n\r\nx', {
      folder: 'Sent',
    });
    const [found, ...rest] = await Promise.all([
      sender.find('<pi.1.a@vendor.example>'),
      sender.check(),
      mailboxWith(login).check(),
    ]);
    expect(found).toBe('sent');
    expect(rest).toEqual([expect.stringContaining('accepts the login'), expect.stringContaining('answers')]);
    expect(oauth.asked.length - before).toBe(1);
  });
});

describe('sending', () => {
  let sink: SmtpSink;
  let sender: MailSender;
  const open = (url = sink.url, login = tokens()): MailSender =>
    closed(createSmtpSender({ url: new URL(url), login, find: async () => 'unknown' }));
  beforeEach(async () => {
    sink = await startSmtpSink({ tokens: { user: user.name, ownerOf: oauth.ownerOf } });
    sender = open();
  });
  afterEach(() => sink.stop());

  it('works with an access token, and with a new one where it is refused', async () => {
    const before = oauth.asked.length;
    expect(await sender.send(mail)).toMatch(/^250/);
    oauth.revoke();
    time += 2 * 60_000;
    // The connection of before is logged in; new ones are not let in with the old token.
    await Promise.all([sender.send(mail), sender.send(mail), sender.check()]);
    expect(sink.messages).toHaveLength(3);
    expect(oauth.asked.length - before).toBe(2);
  });

  it('a token that is refused twice is told, and the mail waits', async () => {
    oauth.answer({ status: 200, body: '{"access_token":"worthless"}' });
    await expect(sender.send(mail)).rejects.toMatchObject({
      verdict: 'temporary',
      code: 'auth',
      message: expect.stringContaining(
        `127.0.0.1:${sink.port} refuses the access token of ${user.name}: check the scope and whose consent it is`,
      ),
    });
    expect(sink.messages).toEqual([]);
  });

  it('a refresh token that is not accepted any more is told before anything is said to the mail server', async () => {
    const attempt = open(sink.url, tokens('of last year')).send(mail);
    await expect(attempt).rejects.toMatchObject({
      verdict: 'temporary',
      code: 'auth',
      message: expect.stringContaining('the refresh token of MAILBOX_COM is not accepted any more'),
    });
  });

  it.each([
    ['LOGIN and PLAIN only', { login: { user: user.name, pass: 'app password' } }],
    ['no login at all', {}],
  ])('a server that offers %s is told apart', async (_what, options) => {
    await using other = await startSmtpSink(options);
    const url = `smtp://${encodeURIComponent(user.name)}@127.0.0.1:${other.port}`;
    const words = `127.0.0.1:${other.port} offers no OAuth login (XOAUTH2): use an app password for sending instead`;
    await expect(open(url).check()).rejects.toThrow(words);
    await expect(open(url).send(mail)).rejects.toMatchObject({ verdict: 'temporary', code: 'auth' });
    expect(other.messages).toEqual([]);
  });
});

it('a password file that was changed is read again when its password is refused: for the mailbox and for sending', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'password-'));
  const file = join(folder, 'password');
  await writeFile(file, 'of last year');
  const [inbox, out] = [filePassword('of last year', file), filePassword('of last year', file)];
  await using sink = await startSmtpSink({ login: { user: user.name, pass: user.password } });
  const mailbox = closed(createImapMailbox({ name: 'com', url: address(), login: inbox, now, random: () => 0.5 }));
  const sender = closed(createSmtpSender({ url: new URL(sink.url), login: out, find: async () => 'unknown' }));
  await expect(mailbox.check()).rejects.toMatchObject({ code: 'auth' });
  await expect(sender.send(mail)).rejects.toMatchObject({ code: 'auth' });
  await writeFile(file, `${user.password}\n`);
  await expect(mailbox.check()).resolves.toContain('answers');
  await Promise.all([sender.send(mail), sender.send(mail), sender.check()]);
  expect(sink.messages).toHaveLength(2);
  await rm(folder, { recursive: true });
});

it('doctor says it in plain words, and what runs out', async () => {
  await using sink = await startSmtpSink({ tokens: { user: user.name, ownerOf: oauth.ownerOf } });
  const soon = new Date(Date.now() + 3 * 24 * HOUR_MS).toISOString().slice(0, 10);
  const env = {
    MAILBOX_COM: address(),
    SMTP_COM: sink.url,
    MAILBOX_COM_OAUTH_CLIENT_ID: 'client',
    MAILBOX_COM_OAUTH_CLIENT_SECRET: 'secret',
    MAILBOX_COM_OAUTH_REFRESH_TOKEN: oauth.refreshToken,
    MAILBOX_COM_OAUTH_TOKEN_URL: oauth.tokenUrl,
    MAILBOX_COM_OAUTH_EXPIRES: soon,
    MAILBOX_EU: address(),
    MAILBOX_EU_OAUTH_CLIENT_ID: 'client',
    MAILBOX_EU_OAUTH_CLIENT_SECRET: 'secret',
    MAILBOX_EU_OAUTH_REFRESH_TOKEN: 'of last year',
    MAILBOX_EU_OAUTH_TOKEN_URL: oauth.tokenUrl,
    SMTP_EU: sink.url,
    // Nothing else is looked at here.
    DATABASE_URL: 'postgres://127.0.0.1:1/intake',
    REDIS_URL: 'redis://127.0.0.1:1',
  };
  const before = oauth.asked.length;
  const lines = (await run(['doctor'], env)).stdout.split('\n');
  const refused =
    'the refresh token of MAILBOX_EU is not accepted any more: make a new one and set MAILBOX_EU_OAUTH_REFRESH_TOKEN';
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^ok {5}mailbox com: 127\.0\.0\.1:\d+ answers, INBOX holds/),
      `WRONG  mailbox eu: ${refused}`,
      `WRONG  smtp eu: ${refused}`,
      `ok     smtp com: 127.0.0.1:${sink.port} answers and accepts the login`,
      expect.stringMatching(
        `^note   the refresh token of MAILBOX_COM runs out on ${soon}, in [23] days \\(MAILBOX_COM_OAUTH_EXPIRES\\): make a new one before$`,
      ),
    ]),
  );
  // Once for each account: its mailbox and its sender share the token, or the refusal.
  expect(oauth.asked.length - before).toBe(2);
});
