/** What holds up one call holds up no other, and ends: deadlocks, lost claims, answers that never come, too much of one ticket. */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { auditLedger } from '../../src/ledger/audit.ts';
import { lockUntold, markPlanned } from '../../src/ledger/desk-plans.ts';
import { openInstance } from '../../src/ledger/leases.ts';
import type { TicketSystem } from '../../src/ports.ts';
import type { DeskContext } from '../../src/stages/desk/context.ts';
import { deliverNext } from '../../src/stages/desk/deliver.ts';
import { MOST_UNKNOWNS } from '../../src/stages/desk/end-of-call.ts';
import { planDesk } from '../../src/stages/desk/plan.ts';
import { deliverPass, newDeliverState } from '../../workers/deliver.ts';
import { type DeskWorld, openDeskWorld } from '../support/desk-world.ts';
import { until } from '../support/wait.ts';

let world: DeskWorld;
beforeAll(async () => {
  world = await openDeskWorld();
});
afterEach(() => world.double.faults.plan(null));
afterAll(() => world?.close());

const idOf = (number: string) => Number(number.slice('P-'.length));
const openOf = async (number: string) => (await world.open()).filter((line) => line.startsWith(`${number} `));
const problemsOf = async (number: string) =>
  (await auditLedger(world.ctx.db, [], world.ctx.deskSince)).problems.filter((line) => line.includes(number));
const ticketed = (name: string, says: 'ask' | 'nothing' = 'nothing') =>
  world.ticketed({ id: `${name}@stuck.example`, from: 'agent@reseller.example', says });

/** A process that delivers. */
async function deliverer(ctx: DeskContext = world.ctx) {
  const instance = await openInstance(world.env.DATABASE_URL ?? '');
  const delivering = { ...newDeliverState(ctx), instance: instance.id };
  const pass = () => deliverPass(ctx, delivering);
  return {
    delivering,
    pass,
    passesUntil: (ready: () => Promise<boolean>) => until(() => pass().then(ready)),
    next: () => deliverNext(ctx, delivering),
    close: () => instance.close(),
    [Symbol.asyncDispose]: () => instance.close(),
  };
}

const waitsForLock = () =>
  until(async () => {
    const { rows } = await sql`select from pg_stat_activity where wait_event_type = 'Lock'`.execute(world.ctx.db);
    return rows.length > 0;
  });

it('a ticket is planned while the end of its call is written down: one waits for the other', async () => {
  const { db } = world.ctx;
  const number = await ticketed('both');
  await planDesk(world.ctx);
  await sql`update ticket set untold = true where id = ${idOf(number)}`.execute(db);
  const warn = vi.fn();
  const log = { value: Object.assign(Object.create(world.ctx.log), { warn }) };
  await using other = await deliverer(Object.create(world.ctx, { log }));
  let making: Promise<unknown> = Promise.resolve();
  await db.transaction().execute(async (tx) => {
    const tellable = await lockUntold(tx, idOf(number), (mailbox) => mailbox);
    if (!tellable) throw new Error('nothing is untold');
    making = other.next();
    await waitsForLock();
    await markPlanned(tx, tellable, true);
  });
  await making;
  expect(warn).not.toHaveBeenCalled();
  expect(await openOf(number)).toEqual([expect.stringMatching(/ decision-\d+ intended /)]);
  await world.delivered();
});

it('an end that cannot be written down is looked up later, by the same process', async () => {
  const { db } = world.ctx;
  const number = await ticketed('unwritten');
  await using one = await deliverer();
  await planDesk(world.ctx);
  await sql`create function refuse() returns trigger as $$ begin raise 'not now'; end $$ language plpgsql`.execute(db);
  const when = sql`before update of remote_id on desk_ticket`;
  await sql`create trigger refuse ${when} for each row execute function refuse()`.execute(db);
  await one.next();
  expect(await openOf(number)).toContainEqual(expect.stringMatching(/ ticket sending /));
  await sql`drop trigger refuse on desk_ticket`.execute(db);
  await one.passesUntil(async () => (await openOf(number)).length === 0);
  expect(world.there(number)).toHaveLength(1);
});

it('a process that lost its claim before it called does not call', async () => {
  const { db } = world.ctx;
  const number = await ticketed('slept');
  await planDesk(world.ctx);
  await using one = await deliverer();
  let making: Promise<unknown> = Promise.resolve();
  await db.transaction().execute(async (tx) => {
    // It is held up where it says what it is about to tell.
    await sql`select from desk_ticket where ticket_id = ${idOf(number)} for update`.execute(tx);
    making = one.next();
    await waitsForLock();
    const taken = sql`sender = null, next_attempt_at = now()`;
    await sql`update desk_call set ${taken} where ticket_id = ${idOf(number)} and state = 'sending'`.execute(db);
  });
  await making;
  expect(world.there(number)).toEqual([]);
  await world.delivered();
  expect(world.there(number)).toHaveLength(1);
});

it('one that lost it while it called has made a second ticket: that is told', async () => {
  const number = await ticketed('twice');
  await planDesk(world.ctx);
  const [held, began] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const real = world.ctx.desk.com as TicketSystem;
  const create: TicketSystem['create'] = async (...of) => {
    began.resolve();
    await held.promise;
    return await real.create(...of);
  };
  const slow = await deliverer(Object.create(world.ctx, { desk: { value: { com: { ...real, create } } } }));
  await using other = await deliverer();
  const making = slow.next();
  await began.promise;
  await slow.close();
  await other.passesUntil(async () => (await openOf(number)).length === 0);
  expect(await problemsOf(number)).toEqual([]);
  held.resolve();
  await making;
  expect(world.there(number)).toHaveLength(2);
  await other.passesUntil(async () => / verify-1 failed Desk has /.test((await openOf(number)).join()));
  expect(await problemsOf(number)).toHaveLength(1);
});

it('what always ends unknown is tried less and less often, then fails; its ticket goes on, and is looked at meanwhile', async () => {
  const { db } = world.ctx;
  const number = await ticketed('always', 'ask');
  const of = sql`ticket_id = ${idOf(number)}`;
  await using one = await deliverer();
  world.double.faults.plan(({ method, path }) =>
    method === 'POST' && path.endsWith('/comments') ? '500-before' : null,
  );
  await one.passesUntil(async () => / sending outcome unknown/.test((await openOf(number)).join()));
  // The first attempts wait for the search's index alone.
  await sql`update desk_call set attempts = 4, sender = null, state = 'intended', next_attempt_at = null
    where ${of} and state = 'sending'`.execute(db);
  await one.pass();
  const { rows } = await sql<{ seconds: number }>`
    select extract(epoch from next_attempt_at - updated_at)::float as seconds from desk_call where ${of} and state = 'sending'`.execute(
    db,
  );
  expect(rows[0]?.seconds).toBeGreaterThan(0.5);

  await sql`update desk_call set next_attempt_at = now() + interval '1 hour' where ${of} and state = 'sending'`.execute(
    db,
  );
  world.double.byHand.patch(world.there(number)[0]?.id ?? '', { cf: { cf_severity: 'S3' } });
  await sql`update desk_ticket set look_at = now() where ${of}`.execute(db);
  await one.pass();
  const ticket = await sql`select decision->>'severity' as severity from ticket where id = ${idOf(number)}`.execute(db);
  expect(ticket.rows).toEqual([{ severity: 'S3' }]);

  await sql`update desk_call set unknowns = ${MOST_UNKNOWNS - 1}, next_attempt_at = now()
    where ${of} and state = 'sending'`.execute(db);
  await one.passesUntil(async () => / failed unknown outcome, /.test((await openOf(number)).join()));
  world.double.faults.plan(null);
  await one.passesUntil(async () => (await openOf(number)).length === 1);
  expect(world.there(number)[0]?.comments).toHaveLength(1);
  expect(await problemsOf(number)).toEqual([expect.stringContaining('has something that Desk refused')]);
});

it('what is left of the day for priority customers is not spent on looks at others', async () => {
  const [small, large] = [await ticketed('small', 'ask'), await ticketed('large')];
  await until(async () => {
    await world.pass();
    return (await openOf(small)).length + (await openOf(large)).length === 0;
  });
  await sql`update desk_ticket set look_at = now()`.execute(world.ctx.db);
  const before = world.double.calls.length;
  await using one = await deliverer();
  await deliverPass(world.ctx, { ...one.delivering, short: () => ['com'] });
  const read = world.double.calls.slice(before).map(({ path }) => path);
  expect(read.join()).toContain(world.there(large)[0]?.id);
  expect(read.join()).not.toContain(world.there(small)[0]?.id);
});

it('a ticket with more than a statement takes is planned, and one that cannot be planned holds up no other', async () => {
  const { db } = world.ctx;
  const [bad, huge] = [await ticketed('bad'), await ticketed('huge')];
  await sql`
    insert into attachment (mail_id, number, sha256, filename, declared, sniffed, size, inline, role, sender_domain)
    select mail_id, n, lpad(to_hex(n), 24, '0'), 'f' || n, 'text/plain', 'text/plain', 3, false, 'document', 'x.example'
    from ticket, generate_series(1, 8300) n where id = ${idOf(huge)}`.execute(db);
  await sql`alter table desk_ticket add check (ticket_id <> ${sql.lit(idOf(bad))})`.execute(db);
  await planDesk(world.ctx);
  const { rows } = await sql`
    select ticket_id::int as id, count(*)::int, bool_and(priority) as priority from desk_call
    where ticket_id in (${idOf(bad)}, ${idOf(huge)}) group by 1`.execute(db);
  expect(rows).toEqual([{ id: idOf(huge), count: 8302, priority: true }]);
});
