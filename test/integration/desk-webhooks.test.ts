/** Webhooks of Desk at a real deliver role: hints that are signed are followed at once, everything else has no effect. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClockEntry } from '../../src/pipeline/clock/clock-words.ts';
import { changesPass } from '../../workers/deliver.ts';
import { type Daemon, run, startDaemon } from '../support/daemon.ts';
import { type DeskWorld, openDeskWorld } from '../support/desk-world.ts';
import { ticketOf } from '../support/json-shapes.ts';
import { LARGE } from '../support/letters.ts';
import { until } from '../support/wait.ts';

/** A person would call it at once; the next poll is an hour away. */
const SOON = { timeout: 10_000, every: 50 };

let world: DeskWorld;
let daemon: Daemon;
let url: string;

beforeAll(async () => {
  world = await openDeskWorld({}, { pollSeconds: '3600' });
  daemon = startDaemon({ ...world.env, DESK_WEBHOOK_PORT: '0', LOG_LEVEL: 'info' }, ['deliver']);
  await daemon.says(/webhooks of Desk/);
  url = `${/"url":"(http:[^"]*)","msg":"webhooks of Desk"/.exec(daemon.output())?.[1]}desk/com`;
  await bringAll();
});
afterAll(async () => {
  await daemon?.kill9();
  await world?.close();
});

const row = async (number: string) =>
  await world.ctx.db
    .selectFrom('ticket')
    .selectAll()
    .where('id', '=', Number(number.slice('P-'.length)))
    .executeTakeFirstOrThrow();

type Brought = { readonly number: string; readonly id: string };
const NAMES = ['no-keys', 'at-once', 'closed', 'forged', 'signed', 'garbage'] as const;
const tickets = new Map<string, Brought>();
const brought = (name: (typeof NAMES)[number]): Brought => tickets.get(name) as Brought;

/** The tickets of this file, as the daemon brought them there. */
async function bringAll(): Promise<void> {
  for (const name of NAMES) {
    const number = await world.ticketed({ id: `${name}@hooks.example`, from: 'agent@reseller.example' });
    tickets.set(name, { number, id: '' });
  }
  const waits = { ...SOON, timeout: 30_000, what: 'all tickets to be in Desk' };
  await until(async () => {
    const untold = await world.ctx.db.selectFrom('ticket').select('id').where('untold', '=', true).execute();
    return untold.length === 0 && (await world.open()).length === 0;
  }, waits);
  for (const [name, { number }] of tickets) tickets.set(name, { number, id: world.there(number)[0]?.id ?? '' });
}

const rated = (severity: string) => ({ cf: { cf_severity: severity } });
const isRated = (number: string, severity: string) =>
  until(async () => (await row(number)).decision.severity === severity, {
    ...SOON,
    what: `${number} to be ${severity}`,
  });
/** The reads of a ticket since the call with this number. */
const reads = (id: string, since: number) =>
  world.double.calls.slice(since).filter(({ method, path }) => method === 'GET' && path.endsWith(id)).length;

describe('a webhook', () => {
  it('whose keys cannot be fetched is lost, and the poll finds what it told', async () => {
    const { number, id } = brought('no-keys');
    world.double.faults.plan(({ path }) => (path === '/.well-known/jwks.json' ? '500-before' : null));
    // Its GET and POST are answered with 200 all the same.
    await world.double.subscribe(url);
    world.double.byHand.patch(id, rated('S3'));
    await world.double.settled();
    expect(world.double.deliveries.map(({ status }) => status)).toContain(200);
    await daemon.says(/a delivery of Desk was not taken/);
    expect((await row(number)).decision.severity).toBe('S2');
    world.double.faults.plan(null);
    await changesPass(world.ctx);
    await isRated(number, 'S3');
  });

  it('tells a change by hand within a second or two, without a poll', async () => {
    const { number, id } = brought('at-once');
    const before = world.double.calls.length;
    world.double.byHand.patch(id, { cf: { cf_customer_primary_email_address: LARGE } });
    await isRated(number, 'S1');
    await until(() => world.there(number)[0]?.cf.cf_severity === 'S1', SOON);
    const asked = world.double.calls.slice(before).map(({ path }) => path);
    expect(asked.filter((path) => /search|tickets$/.test(path))).toEqual([]);
  });

  it('tells an answer and a closed ticket', async () => {
    const { number, id } = brought('closed');
    world.double.byHand.reply(id, 'We look into it.');
    const met = async (): Promise<ClockEntry | undefined> => {
      const { clock } = (await ticketOf(world.env, number)) as unknown as { clock: ClockEntry[] };
      return clock.find(({ what, state }) => what === 'firstResponse' && state === 'met');
    };
    await until(met, { ...SOON, every: 500 });
    world.double.byHand.patch(id, { status: 'Closed' });
    await until(async () => (await row(number)).status === 'resolved', SOON);
  });

  it('that is forged, expired or unsigned has no effect; nobody at Desk is asked', async () => {
    const [forged, signed] = [brought('forged'), brought('signed')];
    await world.double.settled();
    const before = await quiet(forged.id);
    for (const oddity of [{ forged: true }, { expired: true }, { unsigned: true }])
      expect(await world.double.webhook({ ...oddity, ticketId: forged.id })).toEqual([200]);
    expect(await world.double.webhook({ ticketId: signed.id })).toEqual([200]);
    await until(() => reads(signed.id, before) > 0, SOON);
    expect(reads(forged.id, before)).toBe(0);
  });
});

/** Waits until nothing is to be looked at. @returns how many calls there were until then */
async function quiet(id: string): Promise<number> {
  await until(
    async () => {
      const waiting = await world.ctx.db
        .selectFrom('desk_ticket')
        .select('ticket_id')
        .where('look_at', 'is not', null)
        .execute();
      return waiting.length === 0;
    },
    { ...SOON, what: `no look to be due, of ${id} neither` },
  );
  return world.double.calls.length;
}

describe('a signed delivery', () => {
  it('with anything in it has no effect but a look at tickets that are ours', async () => {
    const { id } = brought('garbage');
    const token = await signedToken();
    const headers = { 'X-ZDesk-JWT': token, 'content-type': 'application/json' };
    const post = async (body: string): Promise<number> => (await fetch(url, { method: 'POST', headers, body })).status;
    const event = (payload: object) => ({ eventType: 'Ticket_Update', payload });
    const before = await quiet(id);
    const bodies = [
      'no JSON',
      '{}',
      '[null]',
      '[{"eventType":"Ticket_Update"}]',
      JSON.stringify([event({ id: 4711 })]),
      JSON.stringify([event({ id: '189200000009999999' }), event({ ticketId: "1' or true" }), event({})]),
      JSON.stringify(Array.from({ length: 1_001 }, () => event({ id }))),
    ];
    for (const body of bodies) expect(await post(body), body.slice(0, 60)).toBe(200);
    expect(await post('x'.repeat(6 * 1024 * 1024))).toBe(413);
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(6 * 1024 * 1024) })).status).toBe(413);
    expect((await fetch(`${url}x`, { method: 'POST', headers, body: '[]' })).status).toBe(404);
    // The last one is good: the role is well, and looks at this ticket once.
    expect(await post(JSON.stringify([event({ id }), event({ id })]))).toBe(200);
    await until(() => reads(id, before) > 0, SOON);
    await quiet(id);
    expect(world.double.calls.slice(before).map(({ path }) => path)).toEqual([`/api/v1/tickets/${id}`]);
  });
});

it('a port that is taken ends the start with a line that says so', async () => {
  const env = { ...world.env, DESK_WEBHOOK_PORT: String(world.double.port) };
  const { code, stderr } = await run(['start', 'deliver'], env);
  expect(code).toBe(1);
  expect(stderr).toMatch(/DESK_WEBHOOK_PORT: port \d+ cannot be used \(.*\): choose another, or 0 for any free one\n$/);
});

/** A token as Desk sends it, taken from a delivery to somebody else: it signs no body. */
async function signedToken(): Promise<string> {
  let token = '';
  const server = createServer((request, response) => {
    token = String(request.headers['x-zdesk-jwt'] ?? token);
    request.resume().on('end', () => response.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await world.double.subscribe(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await new Promise((resolve) => server.close(resolve));
  return token;
}
