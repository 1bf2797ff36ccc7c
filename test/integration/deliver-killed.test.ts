/** kill -9 of the deliver role at each point of a call; the next one takes over, and everything is there once. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Daemon, run, startDaemon } from '../support/daemon.ts';
import { answered, letterWithFile, SENDER, setSuperadmin } from '../support/deliver-load.ts';
import { NOTHING_WRONG, proofOf } from '../support/deliver-proof.ts';
import { deliveredBy, openDeliverWorker } from '../support/deliver-worker.ts';
import type { FaultKind } from '../support/desk/faults.ts';
import { type DeskWorld, openDeskWorld } from '../support/desk-world.ts';
import { until } from '../support/wait.ts';

/** Nobody waits for it: whoever would is killed first. */
const HELD_MS = 30_000;
const PATIENCE = { timeout: 30_000, every: 20 };

let world: DeskWorld;
const running: Daemon[] = [];
beforeAll(async () => {
  world = await openDeskWorld({ indexLagMs: 150, lateMs: HELD_MS, oauth: { tokensPerTenMinutes: 1_000 } });
});
afterAll(async () => {
  for (const daemon of running) await daemon.kill9();
  await world?.close();
});

function startDeliver(): Daemon {
  const daemon = startDaemon(world.env, ['deliver']);
  running.push(daemon);
  return daemon;
}

/** The next call of this kind is held, before or after it has had its effect; the role is killed meanwhile. */
async function killDuring(call: RegExp, fault: FaultKind & ('hang' | 'late')): Promise<void> {
  let held = false;
  world.double.faults.plan(({ method, path }) => {
    if (held || !call.test(`${method} ${path}`)) return null;
    held = true;
    return fault;
  });
  const seen = world.double.calls.length;
  const daemon = startDeliver();
  const made = () => world.double.calls.slice(seen).find((one) => one.fault === fault);
  await until(made, { ...PATIENCE, what: `${call} to be held` });
  // What is done now and answered later is done when its weight was taken.
  if (fault === 'late') await until(() => (made()?.weight ?? 0) > 0, PATIENCE);
  await daemon.kill9();
}

const allDone = () => until(async () => (await world.open()).length === 0, { ...PATIENCE, what: 'all calls' });

it('each call that was under way is made once', async () => {
  const of = { id: 'load-0@desk.example', from: SENDER };
  const { number } = await world.arrive(of.id, letterWithFile(of));
  // Before the ticket is made; after it was made, before that is written down.
  await killDuring(/^POST .*\/tickets$/, 'hang');
  expect(world.double.tickets()).toHaveLength(0);
  await killDuring(/^POST .*\/tickets$/, 'late');
  expect(world.double.tickets()).toHaveLength(1);
  await killDuring(/^POST .*\/comments$/, 'late');
  await setSuperadmin(world, number);
  await answered(world, 0, number);
  world.double.faults.plan(null);
  const last = startDeliver();
  await allDone();
  expect(await last.stop()).toBe(0);
  expect(await proofOf(world)).toMatchObject({ ...NOTHING_WRONG, tickets: 1, files: 1, notes: 3 });
  const audit = await run(['audit', '--json'], world.env);
  expect(JSON.parse(audit.stdout)).toMatchObject({ unexplained: 0, problems: [] });
});

it('a ticket that was made again, and is not the only one with its key, is told of', async () => {
  await using worker = await openDeliverWorker(world, { limits: { openMs: 1 } });
  let failed = 0;
  world.double.faults.plan(({ method, path }) => {
    if (method !== 'POST' || !path.endsWith('/tickets') || failed > 0) return null;
    failed += 1;
    return '500-before';
  });
  const number = await world.ticketed({ id: 'twin@desk.example', says: 'nothing' });
  const mine = () => world.double.tickets().find(({ description }) => description?.includes(number));
  await until(async () => {
    await worker.pass();
    return mine();
  }, PATIENCE);
  const first = mine();
  const { orgId = '', departmentId, subject, contactId, cf } = first ?? {};
  const twin = world.double.byHand.create(orgId, {
    ...{ departmentId, subject, contactId },
    cf: { cf_source_message_key: cf?.cf_source_message_key },
  });
  const failure = () => world.open().then((open) => open.find((line) => line.includes(' verify failed ')));
  await until(async () => {
    await worker.pass();
    return failure();
  }, PATIENCE);
  expect(await failure()).toContain(
    `Desk has ${first?.ticketNumber} and ${twin.ticketNumber} for one mail: merge them there`,
  );
  const problem = `ticket ${number} has something that Desk refused: partner-intake desk list says why`;
  const audit = await run(['audit', '--json'], world.env);
  expect(audit.code).toBe(1);
  expect(JSON.parse(audit.stdout)).toMatchObject({ problems: [problem] });
  expect((await run(['desk', 'list'], world.env)).stdout).toContain(`${number}  verify  Desk has`);

  world.double.byHand.trash(twin.id);
  expect((await run(['desk', 'retry', number], world.env)).code).toBe(0);
  await deliveredBy(world, [worker]);
  expect(await proofOf(world)).toMatchObject(NOTHING_WRONG);
  expect((await run(['audit'], world.env)).code).toBe(0);
});
