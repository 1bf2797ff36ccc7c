/** Desk's access tokens: few, shared by all processes, and no hammering when they are refused. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { DESK_LIMITS } from '../../src/adapters/desk/limits.ts';
import { namesOf } from '../../src/adapters/desk/names.ts';
import { createTokens } from '../../src/adapters/desk/oauth.ts';
import { DEFAULT_SCOPES } from '../support/desk/oauth.ts';
import { type DeskDouble, type DeskOptions, startDeskDouble } from '../support/desk/server.ts';
import { failureOf, openDeskPortal, portalMemory, portalOf, ticketContent } from '../support/desk-portal.ts';

const MINUTE = 60_000;
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

const open: Pick<DeskDouble, 'stop'>[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

/** A server that answers everything with this. @returns its address */
async function jsonServer(answer: object): Promise<string> {
  const server = createServer((_request, response) => response.end(JSON.stringify(answer))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    server.close();
  };
  open.push({ stop });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A double and adapters that share a clock, which stands still unless told. */
async function world(options: DeskOptions = {}) {
  let time = Date.parse('2026-11-22T10:00:00Z');
  const now = () => new Date(time);
  const double = await startDeskDouble({ ...options, clock: now });
  open.push(double);
  const memory = portalMemory();
  return {
    double,
    memory,
    adapter: (more: Parameters<typeof openDeskPortal>[1] = {}) =>
      openDeskPortal(double, { memory, now, ...more }).system,
    pass: (ms: number) => {
      time += ms;
    },
    asked: () => double.calls.filter(({ path }) => path === '/oauth/v2/token').length,
    find: (system: ReturnType<typeof openDeskPortal>['system']) => system.find('key', LONG_AGO),
  };
}
const many = <T>(count: number, call: () => Promise<T>) => Promise.all(Array.from({ length: count }, call));

describe('tokens', () => {
  it('are asked for once by twenty calls, and once by two processes', async () => {
    const { adapter, asked, find } = await world();
    const [one, two] = [adapter(), adapter()];
    await Promise.all([many(20, () => find(one)), many(20, () => find(two))]);
    expect(asked()).toBe(1);
  });

  it('are waited for in one place: twenty calls take no twenty turns at the memory', async () => {
    const { adapter, memory, find } = await world();
    const { change } = memory;
    let changes = 0;
    memory.change = (work) => {
      changes += 1;
      return change(work);
    };
    const system = adapter({ limits: { remainingEveryMs: Number.POSITIVE_INFINITY } });
    await many(20, () => find(system));
    // The token, and what is left of the credits.
    expect(changes).toBe(2);
  });

  it('outlive the process, and are replaced a little before their end', async () => {
    const { adapter, asked, find, pass, memory } = await world();
    await find(adapter());
    expect(memory.state.token?.expiresAt).toEqual(new Date('2026-11-22T11:00:00Z'));
    pass(56 * MINUTE);
    await find(adapter());
    expect(asked()).toBe(1);
    pass(2 * MINUTE);
    const last = adapter();
    await many(20, () => find(last));
    expect(asked()).toBe(2);
  });

  it('last an hour when Zoho does not say how long', async () => {
    const { adapter, find, memory } = await world({ oauth: { omitExpiresIn: true } });
    await find(adapter());
    expect(memory.state.token?.expiresAt).toEqual(new Date('2026-11-22T11:00:00Z'));
  });

  it('that are refused are replaced once for all calls, and the call is made after all', async () => {
    const { adapter, asked, find, double } = await world();
    const system = adapter();
    await find(system);
    double.expireTokens();
    await many(20, () => find(system));
    expect(asked()).toBe(2);
    double.expireTokens();
    await system.create('key', ticketContent());
    expect(double.tickets()).toHaveLength(1);
  });

  it('are asked for eight times in ten minutes and no more, for all processes', async () => {
    const { adapter, asked, find, double, pass } = await world();
    for (let n = 0; n < 8; n++) {
      await find(adapter());
      double.expireTokens();
    }
    const error = await failureOf(find(adapter()));
    expect(error).toMatchObject({ verdict: 'temporary', code: 'desk-tokens-spent', fields: { retryInMs: MINUTE } });
    await many(5, () => failureOf(find(adapter())));
    expect(asked()).toBe(8);
    pass(10 * MINUTE);
    await find(adapter());
    expect(asked()).toBe(9);
  });

  it('are refused twice: not ours to mend by asking again', async () => {
    const { adapter, asked, double } = await world();
    double.faults.plan(({ path }) => (path.startsWith('/api/') ? '401' : null));
    const error = await failureOf(adapter().create('key', ticketContent()));
    expect(error).toMatchObject({
      verdict: 'temporary',
      code: 'desk-configuration',
      fields: { retryInMs: 5 * MINUTE },
    });
    expect(error.message).toMatch(/DESK_COM_DATA_CENTRE/);
    expect(asked()).toBe(2);
  });
});

describe('credentials', () => {
  it.each([
    [{ clientId: 'x' }, 'client', 'invalid_client', 'DESK_EU_CLIENT_ID'],
    [{ clientSecret: 'x' }, 'client', 'invalid_client_secret', 'DESK_EU_CLIENT_SECRET'],
    [{ refreshToken: 'x' }, 'refresh token', 'invalid_code', 'DESK_EU_REFRESH_TOKEN'],
  ])('%j are refused: said in plain words, asked once, nothing lost', async (wrong, what, code, variable) => {
    const { adapter, asked, find, memory, pass } = await world();
    const system = adapter({ portal: { name: 'eu', ...wrong } });
    const error = await failureOf(find(system));
    expect(error).toMatchObject({
      verdict: 'temporary',
      code: 'desk-configuration',
      fields: { retryInMs: 15 * MINUTE },
    });
    expect(error.message).toMatch(`Zoho refuses the ${what} of Desk portal eu (${code})`);
    expect(error.message).toMatch(variable);
    expect(error.message).toMatch('DESK_EU_DATA_CENTRE');
    pass(MINUTE);
    // Another process with the same ones, or this one again.
    for (const again of [system, adapter({ portal: { name: 'eu', ...wrong } })]) {
      const stopped = await failureOf(find(again));
      expect(stopped).toMatchObject({ verdict: 'temporary', code: 'desk-stopped', fields: { retryInMs: 14 * MINUTE } });
      expect(stopped.message).toMatch(`(${code})`);
    }
    expect(asked()).toBe(1);
    expect(memory.state.refreshedAt).toHaveLength(1);
    // Mended, and started anew: it does not wait.
    await find(adapter());
    expect(asked()).toBe(2);
    pass(15 * MINUTE);
    expect(await failureOf(find(system))).toMatchObject({ code: 'desk-configuration' });
  });

  it('that are others have a token of their own', async () => {
    const of = (clientId: string, orgId: string) => ({
      clientId,
      clientSecret: 'secret',
      refreshToken: 'refresh',
      orgIds: [orgId],
      scopes: DEFAULT_SCOPES,
    });
    const clients = [of('of last year', '1'), of('of this year', '2')];
    const { adapter, asked, find } = await world({ portals: [{ orgId: '1' }, { orgId: '2' }], clients });
    await find(adapter());
    // With the token that is kept this would be another organisation's.
    await find(adapter({ portal: { orgId: '2', clientId: 'of this year' } }));
    expect(asked()).toBe(2);
  });

  it('that doctor is tried with and that are refused stop nobody else', async () => {
    const { adapter, asked, find, memory } = await world({ oauth: { tokensPerTenMinutes: 2 } });
    const daemon = adapter();
    await find(daemon);
    const tried = [
      adapter({ portal: { clientSecret: 'x' } }),
      adapter({ portal: { refreshToken: 'x' } }),
      adapter({ portal: { orgId: '4711' } }),
    ];
    for (const system of tried) await system.check().catch(() => undefined);
    expect(memory.state.stopped).toBeNull();
    await find(daemon);
    // Of the daemon's own: Zoho gives no more, but the token is good for a while.
    const { token } = memory.state;
    expect(await failureOf(daemon.check())).toMatchObject({ code: 'desk-tokens-spent' });
    expect(memory.state).toMatchObject({ token, stopped: null });
    await find(daemon);
    expect(asked()).toBe(5);
  });

  it('that are refused make no longer stop shorter', async () => {
    const { adapter, find, double, memory } = await world({ retryAfterSeconds: 20 * 3_600 });
    double.faults.plan(({ path }) => (path.startsWith('/api/') ? '429-threshold' : null));
    await failureOf(find(adapter()));
    const { stopped } = memory.state;
    expect(stopped).toMatchObject({ until: new Date('2026-11-23T06:00:00Z'), credentials: null });
    const wrong = createTokens({
      credentials: { ...portalOf(double), refreshToken: 'x' },
      memory,
      names: namesOf({ name: 'com', orgId: '1' }),
      limits: DESK_LIMITS,
      now: () => new Date('2026-11-22T10:00:00Z'),
    });
    expect(await failureOf(wrong.get(memory.state))).toMatchObject({ code: 'desk-configuration' });
    expect(memory.state.stopped).toEqual(stopped);
    // Whoever has which credentials: the day is used up.
    expect(await failureOf(find(adapter({ portal: { refreshToken: 'x' } })))).toMatchObject({ code: 'desk-stopped' });
  });

  it.each([
    [{ expires_in: '1800' }, '2026-11-22T10:30:00Z'],
    [{ expires_in: 1800, scope: null, error: null }, '2026-11-22T10:30:00Z'],
    [{ expires_in: 'soon' }, '2026-11-22T11:00:00Z'],
    [{ expires_in: null }, '2026-11-22T11:00:00Z'],
    [{ expires_in: 0 }, '2026-11-22T11:00:00Z'],
  ])('are answered oddly (%j): a token is a token', async (odd, end) => {
    const { adapter, double, memory, find } = await world();
    const accounts = await jsonServer({ access_token: 'odd', ...odd });
    await find(adapter({ portal: { accounts } })).catch(() => undefined);
    expect(memory.state.token).toMatchObject({ value: 'odd', expiresAt: new Date(end) });
    expect(double.calls.length).toBeGreaterThan(0);
  });

  it('Zoho gives no more: nobody asks again for ten minutes', async () => {
    const { adapter, asked, find, pass } = await world({ oauth: { tokensPerTenMinutes: 0 } });
    const system = adapter();
    expect(await failureOf(find(system))).toMatchObject({ verdict: 'temporary', code: 'desk-tokens-spent' });
    pass(9 * MINUTE);
    expect(await failureOf(find(system))).toMatchObject({ code: 'desk-stopped' });
    expect(asked()).toBe(1);
  });

  it.each(['500-before', 'garbage', 'drop-before', 'hang'] as const)(
    'the accounts server fails (%s): a ticket waits, and is surely not made',
    async (fault) => {
      const { adapter, double, memory } = await world();
      double.faults.plan(() => fault);
      const system = adapter();
      expect(await failureOf(system.create('key', ticketContent()))).toMatchObject({ verdict: 'temporary' });
      expect(memory.state).toMatchObject({ token: null, stopped: null });
      double.faults.plan(null);
      await system.create('key', ticketContent());
    },
  );
});
