/** When an access token is asked for, and when not: a real token server, a clock of our own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filePassword } from '../../src/adapters/login.ts';
import { createOAuthTokens } from '../../src/adapters/oauth-tokens.ts';
import type { Credentials } from '../../src/ports.ts';
import { type OAuthServer, startOAuthServer } from '../support/oauth-server.ts';

const MINUTE_MS = 60_000;
let server: OAuthServer;
let time = 0;
let folder: string;
beforeEach(async () => {
  server = await startOAuthServer('support@vendor.example');
  folder = await mkdtemp(join(tmpdir(), 'oauth-'));
  time = Date.UTC(2026, 2, 2);
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const tokens = (file: string | null = null, scope: string | null = null): Credentials =>
  createOAuthTokens({
    client: {
      name: 'MAILBOX_COM',
      tokenUrl: server.tokenUrl,
      clientId: 'id',
      clientSecret: { value: 'client secret', file: null },
      refreshToken: { value: 'refresh', file },
      scope,
    },
    now: () => new Date(time),
    random: () => 1,
  });

describe('an access token', () => {
  it('is asked for once, however many want it, and kept until shortly before its end', async () => {
    const { current } = tokens(null, 'mail');
    expect(await Promise.all([current(), current(), current()])).toEqual(['token-1', 'token-1', 'token-1']);
    expect(server.asked[0]?.get('scope')).toBe('mail');
    time += 59 * MINUTE_MS - 1;
    expect(await current()).toBe('token-1');
    time += 1;
    expect(await current()).toBe('token-2');
  });

  it.each([
    ['an hour when nothing is said of its life', null, 59 * MINUTE_MS],
    ['half of a life that is very short', 90, 45_000],
  ])('is kept for %s', async (_what, lifetime, kept) => {
    server.lifetime = lifetime;
    const { current } = tokens();
    await current();
    time += kept - 1;
    expect(await current()).toBe('token-1');
    time += 1;
    expect(await current()).toBe('token-2');
  });

  it('that is refused is renewed once for all who have it, but not when it was just made', async () => {
    const { current, renewed } = tokens();
    const first = await current();
    expect(await renewed(first)).toBeNull();
    time += MINUTE_MS;
    expect(await Promise.all([renewed(first), renewed(first), current()])).toEqual(['token-2', 'token-2', 'token-2']);
    expect(await renewed(first)).toBe('token-2');
    expect(server.asked).toHaveLength(2);
  });

  it('that is refused is kept while there is no other: who else has it may be let in', async () => {
    const { current, renewed } = tokens();
    const first = await current();
    time += MINUTE_MS;
    server.answer({ status: 503, body: '' });
    await expect(renewed(first)).rejects.toMatchObject({ verdict: 'temporary', code: 'oauth' });
    expect(await current()).toBe(first);
    time += MINUTE_MS;
    server.answer(null);
    expect(await renewed(first)).toBe('token-3');
    // As many as we allow ourselves: refused again, it is all there is.
    time += MINUTE_MS;
    expect(await renewed('token-3')).toBeNull();
    expect(await current()).toBe('token-3');
    expect(server.asked).toHaveLength(3);
  });

  it('that could not be asked for counts as none: there is one when the server is back', async () => {
    const { current } = tokens();
    const { port } = new URL(server.tokenUrl);
    await server.stop();
    for (let turn = 0; turn < 5; turn++) {
      await expect(current()).rejects.toMatchObject({
        code: 'network',
        message: expect.stringMatching(/ECONNREFUSED/),
      });
      time += 20_000;
    }
    server = await startOAuthServer('support@vendor.example', Number(port));
    expect(await current()).toBe('token-1');
  });

  it('is not asked for more often than Zoho gives one to all of our processes', async () => {
    server.lifetime = 20;
    const { current } = tokens();
    const gotten: string[] = [];
    const told = new Set<string>();
    for (const end = time + 10 * MINUTE_MS; time < end; time += 10_000)
      await current().then(
        (token) => gotten.push(token),
        (error) => told.add(error.message.replace(/in \d+ s/, 'in … s')),
      );
    expect(server.asked).toHaveLength(3);
    expect([...told]).toEqual([
      '3 access tokens of MAILBOX_COM were asked for within 10 minutes, the next one in … s: Zoho gives ten',
    ]);
    expect(await current()).toBe('token-4');
  });
});

describe('a token server that refuses', () => {
  const fails = (credentials: Credentials) => credentials.current().then(String, (error) => error);

  it.each([
    [400, '{"error":"invalid_grant"}', 'the refresh token of MAILBOX_COM is not accepted any more: make a new one'],
    [200, '{"error":"invalid_code"}', 'the refresh token of MAILBOX_COM is not accepted any more: make a new one'],
    [
      200,
      '{"error":"invalid_client"}',
      'does not know the OAuth client of MAILBOX_COM: check MAILBOX_COM_OAUTH_CLIENT_ID',
    ],
    [400, '{"error":"invalid_scope"}', 'refuses the scope of MAILBOX_COM: check MAILBOX_COM_OAUTH_SCOPE'],
  ])('for good: %i %s', async (status, body, words) => {
    server.answer({ status, body });
    const credentials = tokens();
    const error = await fails(credentials);
    expect(error).toMatchObject({ verdict: 'permanent', code: 'oauth', message: expect.stringContaining(words) });
    // The same words again for a quarter of an hour, and nobody is asked.
    time += 15 * MINUTE_MS - 1;
    expect(await fails(credentials)).toBe(error);
    expect(server.asked).toHaveLength(1);
    time += 1;
    server.answer(null);
    expect(await credentials.current()).toBe('token-2');
  });

  it.each([
    [200, '{}', '(200)'],
    [200, '{"access_token":""}', '(200)'],
    [200, 'null', '(200)'],
    [200, '<html>', '(200)'],
    [200, '{"error":"access_denied"}', '(200, access_denied)'],
    [500, '{"access_token":"x"}', '(500)'],
    [429, '{"error":"slow down\\r\\nand inject"}', '(429)'],
    [503, 'x'.repeat(100_000), 'the answer is far too long'],
  ])('for now: %i %.40s', async (status, body, words) => {
    server.answer({ status, body });
    const credentials = tokens();
    const error = await fails(credentials);
    expect(error).toMatchObject({ verdict: 'temporary', message: expect.stringContaining(words) });
    expect(error.message).not.toMatch(/[\r\n]/);
    server.answer(null);
    time += 999;
    expect(await fails(credentials)).toBe(error);
    time += 1;
    expect(await credentials.current()).toBe('token-2');
  });

  it('tells no secret, and follows no redirection', async () => {
    server.answer({ status: 307, body: '' });
    const error = await fails(tokens());
    expect(error).toMatchObject({ verdict: 'temporary' });
    server.answer('dead');
    const dead = await fails(tokens());
    expect(`${JSON.stringify(error)} ${error.message} ${dead.message}`).not.toMatch(/refresh|client secret/);
  });

  it('waits longer each time', async () => {
    server.answer('dead');
    const credentials = tokens();
    const asked: number[] = [];
    for (const start = time; time - start < 8_000; time += 500) {
      await fails(credentials);
      asked.push(server.asked.length);
    }
    // At 0, 1 and 3 seconds; the fourth is kept back by the limit.
    expect(asked).toEqual([1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]);
    // Why there is none, and not only that there are to be no more.
    expect((await fails(credentials)).message).toMatch(
      /^3 access tokens of MAILBOX_COM were asked for within 10 minutes, the next one in \d+ s: the last time: .*gives no access token/,
    );
  });

  it('is asked again at once when the file holds another refresh token', async () => {
    const file = join(folder, 'refresh-token');
    await writeFile(file, 'of last year\n');
    const credentials = tokens(file);
    expect(await fails(credentials)).toMatchObject({ verdict: 'permanent' });
    await writeFile(file, 'refresh\n');
    expect(await credentials.current()).toBe('token-2');
  });
});

it('a password file is read again when its password is refused', async () => {
  const file = join(folder, 'password');
  await writeFile(file, 'old\n');
  const { current, renewed } = filePassword('old', file);
  expect(await renewed('old')).toBeNull();
  await writeFile(file, '');
  expect(await renewed('old')).toBeNull();
  await writeFile(file, 'new\n');
  expect(await current()).toBe('old');
  expect(await Promise.all([renewed('old'), renewed('old')])).toEqual(['new', 'new']);
  expect(await current()).toBe('new');
  await rm(file);
  expect(await renewed('new')).toBeNull();
});
