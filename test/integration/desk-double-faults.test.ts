/** The Desk double's faults and webhooks. */
import { createServer } from 'node:http';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { callDesk, idOf, keyedTicket, openDesk, ticketBody } from '../support/desk/client.ts';
import { everyFifth, FAULT_KINDS, type FaultKind } from '../support/desk/faults.ts';
import type { DeskDouble } from '../support/desk/server.ts';
import { until } from '../support/wait.ts';

describe('faults', () => {
  const once = (double: DeskDouble, kind: FaultKind) => {
    let left = 1;
    double.faults.plan(() => (left-- > 0 ? kind : null));
  };
  /** What the client sees (status, or null when cut off) and how many tickets there are once all is quiet. */
  const seen: Record<FaultKind, readonly [number | null, number]> = {
    'drop-before': [null, 0],
    'answer-dropped': [null, 1],
    late: [200, 1],
    'done-late': [null, 1],
    '500-before': [500, 0],
    '500-after': [500, 1],
    '429-concurrency': [429, 0],
    '429-threshold': [429, 0],
    '401': [401, 0],
    garbage: [200, 1],
    hang: [null, 0],
  };

  it.each(FAULT_KINDS)('%s', async (kind) => {
    const { double, token } = await openDesk({ lateMs: 60 });
    once(double, kind);
    const started = performance.now();
    // A client waits for ever or, for the one kind that needs it, gives up.
    const change = kind === 'hang' ? { signal: AbortSignal.timeout(50) } : {};
    const asked = callDesk(double, token, ['POST', '/tickets'], keyedTicket('k'), change);
    const answer = await asked.catch(() => null);
    if (kind === 'done-late') expect(double.tickets()).toHaveLength(0);
    if (kind === 'late') expect(performance.now() - started).toBeGreaterThan(55);
    if (kind === 'garbage') expect(answer?.body).toBe('{"id":"1892000');
    expect(answer?.headers.get('Retry-After') ?? null).toBe(kind === '429-threshold' ? '1' : null);
    await double.settled();
    expect([answer?.status ?? null, double.tickets().length]).toEqual(seen[kind]);
    expect(double.calls.at(-1)).toMatchObject({
      method: 'POST',
      path: '/api/v1/tickets',
      fault: kind,
      status: answer?.status ?? 0,
    });
    expect(await callDesk(double, token, ['POST', '/tickets'], keyedTicket('k'))).toMatchObject({ status: 200 });
  });

  it('every fifth call fails in the same way each time, tokens apart', () => {
    const run = (seed: number) => {
      const plan = everyFifth(FAULT_KINDS, seed);
      return Array.from({ length: 550 }, (_, n) => plan({ method: 'POST', path: '/api/v1/tickets', n: n + 1 }));
    };
    const faults = run(7).filter((kind) => kind !== null);
    expect(faults).toHaveLength(110);
    for (const kind of FAULT_KINDS) expect(faults.filter((one) => one === kind)).toHaveLength(10);
    expect(run(7)).toEqual(run(7));
    expect(run(8)).not.toEqual(run(7));
    expect(everyFifth(['hang'])({ method: 'POST', path: '/oauth/v2/token', n: 1 })).toBeNull();
  });

  it('a reset forgets late work too', async () => {
    const { double, token } = await openDesk({ lateMs: 60_000 });
    once(double, 'done-late');
    await callDesk(double, token, ['POST', '/tickets'], keyedTicket('k')).catch(() => null);
    double.reset();
    await double.settled();
    expect([double.tickets(), double.calls, double.creditsUsed]).toEqual([[], [], 0]);
  });
});

describe('webhooks', () => {
  type Heard = { readonly method: string; readonly jwt: string | undefined; readonly body: string };

  async function listener(statusOf: (heard: Heard) => number = () => 200) {
    const heard: Heard[] = [];
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      const one = { method: request.method ?? '', jwt: request.headers['x-zdesk-jwt']?.toString(), body };
      heard.push(one);
      response.writeHead(statusOf(one)).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
    return { heard, url, [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) };
  }
  const jwksOf = async (double: DeskDouble) =>
    createLocalJWKSet((await (await fetch(`${double.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet);

  it("tell of associates' changes, signed; a forged one does not pass", async () => {
    const { double, call } = await openDesk();
    await using hook = await listener();
    const id = idOf(await call('POST', '/tickets', ticketBody()));
    await double.subscribe(hook.url, { fields: ['cf_severity'], ignoreApi: true });
    expect(hook.heard.splice(0).map(({ method }) => method)).toEqual(['GET', 'POST']);

    await call('PATCH', `/tickets/${id}`, { cf: { cf_severity: 'S2' } });
    double.byHand.patch(id, { priority: 'High' });
    double.byHand.patch(id, { cf: { cf_severity: 'S1' } });
    double.byHand.comment(id, 'I looked into it.');
    double.byHand.reply(id, 'Please try again.');
    await double.settled();
    const events = hook.heard.map(({ body }) => JSON.parse(body));
    expect(events).toMatchObject([
      [
        {
          eventType: 'Ticket_Update',
          payload: { id, cf: { cf_severity: 'S1' } },
          prevState: { cf: { cf_severity: 'S2' } },
        },
      ],
      [{ eventType: 'Ticket_Comment_Add', payload: { ticketId: id } }],
      [{ eventType: 'Ticket_Thread_Add', payload: { ticketId: id, direction: 'out' } }],
    ]);
    const keys = await jwksOf(double);
    const jwt = () => hook.heard.at(-1)?.jwt ?? '';
    expect((await jwtVerify(jwt(), keys, { algorithms: ['RS256'] })).payload.orgId).toBe(double.portals[0]?.orgId);
    await double.webhook({ forged: true });
    await expect(jwtVerify(jwt(), keys)).rejects.toThrow('signature verification failed');
    await double.webhook({ expired: true });
    await expect(jwtVerify(jwt(), keys)).rejects.toThrow('"exp"');
    await double.webhook({ unsigned: true });
    expect(jwt()).toBe('');
  });

  it('are refused at creation unless both checks get 200, and are never tried twice', async () => {
    const { double } = await openDesk();
    await using moved = await listener(({ method }) => (method === 'GET' ? 200 : 202));
    await expect(double.subscribe(moved.url)).rejects.toThrow('answered POST with 202');
    let status = 200;
    await using failing = await listener(() => status);
    await double.subscribe(failing.url);
    status = 500;
    double.byHand.create(double.portals[0]?.orgId ?? '', ticketBody());
    await until(() => double.deliveries.length === 1);
    await double.settled();
    expect(double.deliveries).toMatchObject([{ status: 500, events: [{ eventType: 'Ticket_Add' }] }]);
    expect(failing.heard).toHaveLength(3);
  });
});
