/** Tickets in Desk that meet odd orders, refusals, rules of Desk, late looks, bins and erasures. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deskDrop } from '../../src/commands/desk.ts';
import { auditLedger } from '../../src/ledger/audit.ts';
import { dueLooks } from '../../src/ledger/desk-tickets.ts';
import { retention } from '../../src/ledger/index.ts';
import { lookAtTicket } from '../../src/stages/desk/look-at-ticket.ts';
import { planDesk } from '../../src/stages/desk/plan.ts';
import { erasePerson } from '../../src/stages/erase-person.ts';
import { markTicket } from '../../src/stages/mark-ticket.ts';
import { run } from '../support/daemon.ts';
import { CUSTOM_FIELDS } from '../support/desk/fields.ts';
import { type DeskWorld, openDeskWorld } from '../support/desk-world.ts';
import { png } from '../support/files.ts';
import { said } from '../support/in-process.ts';
import { ticketOf } from '../support/json-shapes.ts';
import { LARGE } from '../support/letters.ts';
import { withFiles } from '../support/mails-with-files.ts';
import { until } from '../support/wait.ts';

const DAY_MS = 86_400_000;
const FROM = 'Agent <agent@reseller.example>';
/** Of the portal: a test takes one away. */
const severities = ['S1', 'S2', 'S3'];
const FIELDS = CUSTOM_FIELDS.map((field) =>
  field.apiName === 'cf_severity' ? { ...field, allowedValues: severities } : field,
);

let world: DeskWorld;
beforeAll(async () => {
  world = await openDeskWorld({ portals: [{ fields: FIELDS }] });
});
afterAll(() => world?.close());

const idOf = (number: string): number => Number(number.slice('P-'.length));
const there = (number: string) => {
  const [one] = world.there(number);
  if (!one) throw new Error(`${number} is not there`);
  return one;
};
const asked = (name: string, from = FROM) => world.ticketed({ id: `${name}@edge.example`, from });
const byHand = (number: string, cf: object) => world.double.byHand.patch(there(number).id, { cf });
const set = async (...args: string[]) => expect((await run(['set', ...args], world.env)).code).toBe(0);
const history = async (number: string, like: string) =>
  (
    await sql<{ what: string; because: string }>`
      select what, because from event where ticket_id = ${idOf(number)} and what like ${like} order by id`.execute(
      world.ctx.db,
    )
  ).rows;
const decisions = async (number: string) =>
  (await sql`select from decision where ticket_id = ${idOf(number)}`.execute(world.ctx.db)).rows.length;
const problems = async () => (await auditLedger(world.ctx.db)).problems;
/** Passes until what is left of a ticket failed. */
const failed = (number: string) =>
  until(
    async () => {
      await world.pass();
      const mine = (await world.open()).filter((call) => call.startsWith(`${number} `));
      return mine.length > 0 && mine.every((call) => / failed /.test(call));
    },
    { what: `what is left of ${number} to fail` },
  );

it('each file once, whichever mail is decided first; of two with one name, the later gets another', async () => {
  const { db } = world.ctx;
  const number = await asked('files');
  const answer = async (name: string, n: number) => {
    const id = `${name}@edge.example`;
    const headers = ['References: <files@edge.example>'];
    const raw = withFiles(
      { id, from: FROM, headers, subject: 'Re: Request files@edge.example', lines: [`See ${name}.`] },
      [
        { name: `${name}.png`, type: 'image/png', bytes: png(640 + n, 480) },
        { name: 'twin.bin', type: 'application/octet-stream', bytes: Buffer.alloc(900, n) },
      ],
    );
    expect(await world.arrive(id, raw)).toEqual({ state: 'appended', number });
  };
  await answer('second', 1);
  // As if it lay in quarantine until the third was planned.
  const second = sql`id = (select max(mail_id) from attachment where filename = 'second.png')`;
  await sql`update mail set ticket_id = null, state = 'quarantined', because = 'x' where ${second}`.execute(db);
  await answer('third', 2);
  await planDesk(world.ctx);
  await sql`update mail set ticket_id = ${idOf(number)}, state = 'appended' where ${second}`.execute(db);
  await sql`update ticket set untold = true where id = ${idOf(number)}`.execute(db);
  await world.delivered();
  const names = there(number).attachments.map(({ name }) => name);
  expect(names).toEqual(['third.png', 'twin.bin', 'second.png', expect.stringMatching(/^[0-9a-f]{12}-twin\.bin$/)]);
});

it('a field that was refused is still a person’s: what they set is taken over, and not written over', async () => {
  severities.shift();
  const number = await world.ticketed({ id: 'refused@edge.example', says: 'nothing' });
  await failed(number);
  byHand(number, { cf_severity: 'S3' });
  await world.changesTaken();
  expect(await ticketOf(world.env, number)).toMatchObject({ severity: 'S3' });
  severities.unshift('S1');
  await set(number, 'zuid', '123456');
  await said(() => deskDrop(number, {}), world.env);
  await world.delivered();
  expect(there(number).cf.cf_severity).toBe('S3');
});

it('closed there counts from when it was closed, not from when we looked', async () => {
  const number = await asked('closed');
  await world.delivered();
  world.double.byHand.patch(there(number).id, { status: 'Closed' });
  const { now } = world.ctx;
  Object.defineProperty(world.ctx, 'now', { value: () => new Date(now().getTime() + 5 * DAY_MS) });
  try {
    await world.changesTaken();
  } finally {
    Object.defineProperty(world.ctx, 'now', { value: now });
  }
  const { rows } = await sql<{ met_at: Date }>`
    select distinct met_at from deadline where ticket_id = ${idOf(number)} and met_at is not null`.execute(
    world.ctx.db,
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.met_at.getTime()).toBeLessThan(Date.now() + DAY_MS);
});

it('a rule of Desk that writes addresses in capitals moves nothing here, and is not written over', async () => {
  const number = await world.ticketed({ id: 'capitals@edge.example', says: 'nothing' });
  await world.delivered();
  const [before, calls] = [await decisions(number), world.double.calls.length];
  byHand(number, { cf_customer_primary_email_address: LARGE.toUpperCase() });
  await world.changesTaken();
  await world.delivered();
  expect(await decisions(number)).toBe(before);
  expect(world.double.calls.slice(calls).filter(({ method }) => method === 'PATCH')).toEqual([]);
  expect(await history(number, 'changed in Desk')).toEqual([]);
});

it('a look that comes late takes no change of ours for a person’s', async () => {
  const { db } = world.ctx;
  const number = await asked('late');
  await world.delivered();
  await sql`update desk_ticket set look_at = now() - interval '1 minute' where ticket_id = ${idOf(number)}`.execute(db);
  const [one] = await dueLooks(db, { portals: ['com'], short: [], now: new Date(), limit: 100 });
  if (!one) throw new Error('nothing is to be looked at');
  await set(number, 'severity', 'S1');
  await sql`update desk_ticket set look_at = null`.execute(db);
  await world.delivered();
  await set(number, 'severity', 'S3');
  // And one during which our call arrives.
  const system = world.ctx.desk.com;
  if (!system) throw new Error('there is no portal');
  const slow = {
    ...system,
    read: async (id: string) => {
      const found = await system.read(id);
      await world.delivered();
      return found;
    },
  };
  await lookAtTicket(world.ctx, one);
  await lookAtTicket({ ...world.ctx, desk: { com: slow }, db, now: world.ctx.now, policy: world.ctx.policy }, one);
  expect(await history(number, 'changed in Desk')).toEqual([]);
  expect(await ticketOf(world.env, number)).toMatchObject({
    severity: 'S3',
    decision: { override: { by: 'an associate' } },
  });
});

it('a ticket that was thrown away there ends what was to be done, with a line; audit has nothing to say', async () => {
  const number = await asked('gone');
  await world.delivered();
  world.double.byHand.trash(there(number).id);
  await set(number, 'severity', 'S3');
  await world.delivered();
  expect(await history(number, 'gone%')).toEqual([{ what: 'gone from Desk', because: 'it is not in Desk any more' }]);
  expect(await problems()).toEqual([]);
});

it('what failed can be given up, with the reason in the history; of a ticket that is not there, all of it', async () => {
  const { double } = world;
  const number = await asked('dropped');
  await planDesk(world.ctx);
  await sql`update desk_call set state = 'failed' where ticket_id = ${idOf(number)} and kind = 'create'`.execute(
    world.ctx.db,
  );
  expect(await said(() => deskDrop(number, { because: 'made by hand' }), world.env)).toBe('2 given up.\n');
  expect(await said(() => deskDrop(number, {}), world.env)).toMatch(/^error: nothing failed of P-/);
  expect(await history(number, 'given up%')).toMatchObject([
    { because: expect.stringMatching(/create.*: made by hand$/) },
  ]);
  await set(number, 'severity', 'S3');
  const before = double.tickets().length;
  await world.delivered();
  expect(double.tickets()).toHaveLength(before);
  expect(await problems()).toEqual([]);
});

it('an erasure waits for what is on its way to Desk, and names the tickets there, also those of others', async () => {
  const { ctx, double } = world;
  const jane = 'jane@person.example';
  const erase = () =>
    erasePerson(ctx.db, {
      address: jane,
      because: 'asked',
      by: 'me',
      now: ctx.now(),
      dryRun: false,
      deskSince: ctx.deskSince,
    });
  const mine = await asked('jane', `Jane Person <${jane}>`);
  const other = await world.ticketed({
    id: 'other@edge.example',
    from: FROM,
    lines: [`Super admin email: ${jane}`, 'It is slow.'],
  });
  const tickets = [mine, other];
  for (const number of tickets) await markTicket(ctx, { ticketId: idOf(number), mark: 'resolved', at: ctx.now() });
  await sql`update reply set state = 'sent'`.execute(ctx.db);
  await expect(erase(), 'not planned').rejects.toThrow(
    new RegExp(`${mine} is not brought to Desk.*${other} is not brought`),
  );
  await planDesk(ctx);
  double.faults.plan(({ method, path }) => (method === 'POST' && path.endsWith('/tickets') ? 'answer-dropped' : null));
  await world.pass();
  double.faults.plan(null);
  await expect(erase(), 'made, and nobody knows').rejects.toThrow(new RegExp(`${mine} is not brought to Desk`));
  const later = new Date(Date.now() + DAY_MS);
  const drop = () => ctx.db.transaction().execute((tx) => retention.dropTicketTexts(tx, later, later, 100));
  const kept = async () =>
    (await sql`select from ticket where id = ${idOf(mine)} and texts_dropped_at is null`.execute(ctx.db)).rows.length;
  await drop();
  expect(await kept(), 'retention waits').toBe(1);
  await world.delivered();
  expect((await erase()).inDesk).toEqual(tickets.map((number) => `#${there(number).ticketNumber} (com)`));
  expect((await drop()) > 0 || (await kept()) === 0).toBe(true);
});
