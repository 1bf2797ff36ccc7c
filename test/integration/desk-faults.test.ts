/** What the Desk adapter makes of a network and a server that fail, and of the portal's limits. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { IntakeError } from '../../src/errors.ts';
import type { FaultKind } from '../support/desk/faults.ts';
import { DEFAULT_SCOPES } from '../support/desk/oauth.ts';
import { type DeskDouble, type DeskOptions, startDeskDouble } from '../support/desk/server.ts';
import { failureOf, IMPATIENT, openDeskPortal, portalMemory, ticketContent } from '../support/desk-portal.ts';
import { selfSigned } from '../support/licence-service.ts';
import { until } from '../support/wait.ts';

const LONG_AGO = new Date('2020-01-01T00:00:00Z');
const MINUTE = 60_000;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
async function start(options: DeskOptions = {}): Promise<DeskDouble> {
  const double = await startDeskDouble({ lateMs: 50, ...options });
  closing.push(() => double.stop());
  return double;
}

const FILE = { filename: 'a.txt', contentType: 'text/plain', content: Buffer.from('a') };
const OPERATIONS = {
  create: 'POST /tickets',
  note: 'POST /tickets/ID/comments',
  attach: 'POST /tickets/ID/attachments',
  update: 'PATCH /tickets/ID',
  find: 'GET /tickets/search',
  read: 'GET /tickets/ID',
} as const;
type Operation = keyof typeof OPERATIONS;
const MAKES = ['create', 'note', 'attach'];

/** What each fault is to a call that makes something, and to one that may be repeated; null: it succeeds. */
const VERDICTS: readonly (readonly [FaultKind, string | null, string | null])[] = [
  ['drop-before', 'unknown desk-broken', 'temporary desk-broken'],
  ['answer-dropped', 'unknown desk-broken', 'temporary desk-broken'],
  ['late', null, null],
  ['done-late', 'unknown desk-broken', 'temporary desk-broken'],
  ['500-before', 'unknown desk-server-error', 'temporary desk-server-error'],
  ['500-after', 'unknown desk-server-error', 'temporary desk-server-error'],
  ['429-concurrency', 'temporary desk-busy', 'temporary desk-busy'],
  ['429-threshold', 'temporary desk-stopped', 'temporary desk-stopped'],
  ['401', null, null],
  ['garbage', 'unknown desk-odd-answer', 'temporary desk-odd-answer'],
  ['hang', 'unknown desk-broken', 'temporary desk-broken'],
];

describe('a call that fails', () => {
  it.each(Object.keys(OPERATIONS) as Operation[])(
    '%s: every fault has its verdict, and nothing is tried twice',
    async (operation) => {
      const double = await start({ oauth: { tokensPerTenMinutes: 100 } });
      for (const [fault, makes, repeats] of VERDICTS) {
        const { system } = openDeskPortal(double, fault === 'hang' ? { limits: IMPATIENT } : {});
        const { id } = await system.create('key-0', ticketContent());
        let struck = 0;
        double.faults.plan(({ method, path }) => {
          if (`${method} ${path.replace('/api/v1', '').replace(id, 'ID')}` !== OPERATIONS[operation]) return null;
          struck += 1;
          return struck === 1 ? fault : null;
        });
        const calls = {
          create: () => system.create('key-1', ticketContent()),
          note: () => system.note(id, 'marker', 'text'),
          attach: () => system.attach(id, FILE),
          update: () => system.update(id, { severity: 'S2' }),
          find: () => system.find('key-1', LONG_AGO),
          read: () => system.read(id),
        };
        const said = await calls[operation]().then(
          () => null,
          (error: unknown) => (error instanceof IntakeError ? `${error.verdict} ${error.code}` : String(error)),
        );
        expect([fault, said]).toEqual([fault, MAKES.includes(operation) ? makes : repeats]);
        // 401 says that nothing was done, and is the one that is tried with another token.
        expect([fault, struck]).toEqual([fault, fault === '401' ? 2 : 1]);
        await double.settled();
        double.reset();
      }
    },
  );

  it('was surely not made when nobody listens, or the search for its contact fails', async () => {
    const double = await start();
    const gone = await startDeskDouble();
    await gone.stop();
    const { system } = openDeskPortal(double, { portal: { desk: gone.url } });
    expect(await failureOf(system.note('1', 'm', 'text'))).toMatchObject({ verdict: 'temporary', code: 'desk-broken' });
    double.faults.plan(({ path }) => (path.endsWith('/contacts/search') ? 'answer-dropped' : null));
    expect(await failureOf(openDeskPortal(double).system.create('k', ticketContent()))).toMatchObject({
      verdict: 'temporary',
    });
    const nameless = ticketContent({ sender: { address: 'jäne@partner.example', name: 'Jäne' } });
    double.faults.plan(({ path }) => (path.endsWith('/contacts') ? 'answer-dropped' : null));
    expect(await failureOf(openDeskPortal(double).system.create('k', nameless))).toMatchObject({
      verdict: 'temporary',
    });
    expect(double.tickets()).toEqual([]);
  });

  it.each(['Desk.search.READ', 'Desk.tickets.READ'])(
    'of looking needs two scopes, and names both (%s)',
    async (missing) => {
      const scopes = DEFAULT_SCOPES.filter((scope) => scope !== missing);
      const { system } = openDeskPortal(await start({ scopes }));
      for (const look of [() => system.find('key', LONG_AGO), () => system.changedSince(LONG_AGO)])
        expect((await failureOf(look())).message).toMatch(
          /lacks the scope Desk\.search\.READ and Desk\.tickets\.READ: /,
        );
    },
  );

  it('waits, and is not failed, when its department is gone', async () => {
    const { system } = openDeskPortal(await start(), { portal: { departmentId: '4712' } });
    const error = await failureOf(system.create('key', ticketContent()));
    expect(error).toMatchObject({ verdict: 'temporary', code: 'desk-configuration' });
    expect(error.message).toMatch(/\/departmentId is invalid: 422 INVALID_DATA: check DESK_COM_DEPARTMENT_ID/);
  });

  it('was surely not made when the certificate is not trusted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'desk-tls-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const heard: string[] = [];
    const stranger = createTlsServer(selfSigned(folder), (request) => heard.push(request.url ?? '')).listen(
      0,
      '127.0.0.1',
    );
    await once(stranger, 'listening');
    closing.push(async () => stranger.close());
    const desk = `https://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const { system } = openDeskPortal(await start(), { portal: { desk }, limits: IMPATIENT });
    expect(await failureOf(system.note('1', 'm', 'text'))).toMatchObject({ verdict: 'temporary', code: 'desk-broken' });
    expect(heard).toEqual([]);
  });

  it.each<[string, RegExp, RequestListener]>([
    ['redirects', /answers 302/, (_request, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    [
      'never ends',
      /longer than 100000/,
      (_request, response) => void response.writeHead(200).write('['.repeat(200_000)),
    ],
    ['drips', /no answer within 0\.5 s/, (_request, response) => void response.writeHead(200).write('{"data":')],
    ['has numbers for ids', /answers 200/, (_request, response) => response.end('{"id":1892,"ticketNumber":"1"}')],
    ['says nothing', /answers 204/, (_request, response) => response.writeHead(204).end()],
  ])('a server that %s leaves it unknown, in time', async (_what, said, answer) => {
    const double = await start();
    const heard: string[] = [];
    const odd = createServer((request, response) => {
      heard.push(`${request.method} ${request.url?.split('?')[0]}`);
      if (request.method === 'GET') return response.writeHead(204).end();
      return answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(odd, 'listening');
    closing.push(async () => {
      odd.closeAllConnections();
      odd.close();
    });
    const desk = `http://127.0.0.1:${(odd.address() as AddressInfo).port}`;
    const { system } = openDeskPortal(double, { portal: { desk }, limits: { ...IMPATIENT, answerBytes: 100_000 } });
    const error = await failureOf(system.create('key', ticketContent()));
    expect(error).toMatchObject({ verdict: 'unknown', message: expect.stringMatching(said) });
    expect(heard).toEqual(['GET /api/v1/contacts/search', 'POST /api/v1/tickets']);
  });
});

describe('the limits of the portal', () => {
  it('calls at once are no more than our share', async () => {
    // Half of the fifteen of the professional edition.
    const double = await start({ portals: [{ edition: 'PROFESSIONAL', limits: { concurrency: 7 } }], latencyMs: 5 });
    const { system } = openDeskPortal(double);
    await Promise.all(Array.from({ length: 60 }, (_, n) => system.find(`key-${n}`, LONG_AGO)));
    expect(double.calls.filter(({ status }) => status === 429)).toEqual([]);
    expect(system.health()).toMatchObject({ reachable: true, stopped: null, calls: 60, credits: 180 });
  });

  it('too many at once: a short wait, by chance, and no effect', async () => {
    const double = await start();
    const { system } = openDeskPortal(double);
    double.faults.plan(({ path }) => (path.endsWith('/tickets') ? '429-concurrency' : null));
    expect((await failureOf(system.create('k', ticketContent()))).fields.retryInMs).toBe(2_000);
    expect(double.tickets()).toEqual([]);
  });

  it("the day's credits are gone: no process calls before Desk says so", async () => {
    let time = Date.parse('2026-11-22T10:00:00Z');
    const now = () => new Date(time);
    const double = await start({ clock: now, portals: [{ limits: { creditsPerDay: 10 } }] });
    const memory = portalMemory();
    const [one, two] = [openDeskPortal(double, { memory, now }).system, openDeskPortal(double, { memory, now }).system];
    for (let n = 0; n < 3; n++) await one.find('key', LONG_AGO);
    const error = await failureOf(one.find('key', LONG_AGO));
    expect(error).toMatchObject({
      verdict: 'temporary',
      code: 'desk-stopped',
      fields: { retryInMs: 24 * 60 * MINUTE },
    });
    expect(memory.state.stopped?.until).toEqual(new Date('2026-11-23T10:00:00Z'));
    const calls = double.calls.length;
    time += 60 * MINUTE;
    for (const system of [one, two]) {
      const stopped = await failureOf(system.create('key', ticketContent()));
      expect(stopped).toMatchObject({
        verdict: 'temporary',
        code: 'desk-stopped',
        fields: { retryInMs: 23 * 60 * MINUTE },
      });
      expect(system.health().stopped?.until).toEqual(new Date('2026-11-23T10:00:00Z'));
    }
    expect(double.calls).toHaveLength(calls);
    time += 23 * 60 * MINUTE;
    await two.create('key', ticketContent());
    expect(two.health().stopped).toBeNull();
  });

  it('what is left is told to all, and when it is little', async () => {
    let time = Date.parse('2026-11-22T10:00:00Z');
    const now = () => new Date(time);
    // A tenth of 80,000 is for priority customers.
    const double = await start({ clock: now, portals: [{ limits: { creditsPerDay: 8_003 } }] });
    const memory = portalMemory();
    const { system } = openDeskPortal(double, { memory, now });
    expect(system.isShort?.()).toBe(false);
    await system.find('key', LONG_AGO);
    expect(system.isShort?.()).toBe(false);
    expect(system.health().remaining?.credits).toBe(8_000);
    await until(() => memory.state.remaining?.credits === 8_000);
    // Written down every few seconds only.
    await system.find('key', LONG_AGO);
    expect(system.health().remaining?.credits).toBe(7_997);
    expect(system.isShort?.()).toBe(true);
    await system.close();
    expect(memory.state.remaining?.credits).toBe(8_000);
    time += 6_000;
    await system.find('key', LONG_AGO);
    await system.close();
    expect(memory.state.remaining?.credits).toBe(7_994);
    const other = openDeskPortal(double, { memory, now }).system;
    await other.find('key', LONG_AGO);
    expect(other.isShort?.()).toBe(true);
    // Long ago: the day may be over.
    time += 61 * MINUTE;
    expect(system.isShort?.()).toBe(false);
  });
});

describe('Desk is down', () => {
  it('is left alone after some failures in a row, tried by one call, and used again', async () => {
    const double = await start();
    const { system } = openDeskPortal(double, { limits: { ...IMPATIENT, failuresToOpen: 3, openMs: 400 } });
    await system.find('key', LONG_AGO);
    double.faults.plan(() => '500-before');
    for (let n = 0; n < 3; n++)
      expect(await failureOf(system.find('key', LONG_AGO))).toMatchObject({ code: 'desk-server-error' });
    expect(system.health().reachable).toBe(false);
    let calls = double.calls.length;
    const error = await failureOf(system.create('key', ticketContent()));
    expect(error).toMatchObject({ verdict: 'temporary', code: 'desk-unreachable' });
    expect(error.fields.retryInMs).toBeGreaterThan(0);
    expect(error.fields.retryInMs).toBeLessThanOrEqual(400);
    expect(double.calls).toHaveLength(calls);
    // Half-open: of many calls at once a single one is made, it fails, and the others do not wait for it.
    double.faults.plan(() => 'hang');
    await until(async () => {
      const ended: string[] = [];
      const find = async () => ended.push((await failureOf(system.find('key', LONG_AGO))).code);
      await Promise.all(Array.from({ length: 5 }, find));
      if (!ended.includes('desk-broken')) return false;
      expect(ended).toEqual([...Array(4).fill('desk-unreachable'), 'desk-broken']);
      return true;
    });
    expect(double.calls).toHaveLength(calls + 1);
    double.faults.plan(null);
    calls = double.calls.length;
    await until(() => system.find('key', LONG_AGO));
    expect(system.health().reachable).toBe(true);
    expect(double.calls).toHaveLength(calls + 1);
  });

  it('refusals are no outage', async () => {
    const double = await start();
    const { system } = openDeskPortal(double, { limits: { failuresToOpen: 2 } });
    for (let n = 0; n < 6; n++)
      expect(await failureOf(system.update('189200000000999999', { severity: 'S1' }))).toMatchObject({
        code: 'desk-not-found',
      });
  });
});
