/** Whatever the network and Desk do to a call: each ticket, note and file is there once, updates come in order, nothing is given up. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { retryFailed } from '../../src/ledger/desk-calls.ts';
import { answered, goOn, newTicket, setSuperadmin } from '../support/deliver-load.ts';
import { NOTHING_WRONG, proofOf } from '../support/deliver-proof.ts';
import { runDesk } from '../support/deliver-run.ts';
import { type DeliverWorker, deliveredBy, openDeliverWorker } from '../support/deliver-worker.ts';
import { FAULT_KINDS, type FaultPlan } from '../support/desk/faults.ts';
import { type DeskWorld, openDeskWorld } from '../support/desk-world.ts';

const KINDS = FAULT_KINDS.length;

/** The kinds of calls that there are, by what the double hears. */
const CALLS: Readonly<Record<string, RegExp>> = {
  token: /^POST \/oauth\/v2\/token$/,
  contact: /^GET .*\/contacts\/search$/,
  create: /^POST .*\/tickets$/,
  find: /^GET .*\/tickets\/search$/,
  read: /^GET .*\/tickets\/\d+$/,
  update: /^PATCH .*\/tickets\/\d+$/,
  note: /^POST .*\/comments$/,
  notes: /^GET .*\/comments$/,
  attachment: /^POST .*\/attachments$/,
  attachments: /^GET .*\/attachments$/,
};
const kindOf = (method: string, path: string): string =>
  Object.entries(CALLS).find(([, pattern]) => pattern.test(`${method} ${path}`))?.[0] ?? 'other';

/** It stops all calls for a second: on some of them is enough. */
const kindsFor = (call: string) =>
  ['create', 'update', 'find'].includes(call) ? FAULT_KINDS : FAULT_KINDS.filter((kind) => kind !== '429-threshold');

/** The first calls of each kind fail, each in another way; every second one succeeds, so that the circuit closes again. */
function eachKindOnEachCall(): { plan: FaultPlan; played: Set<string> } {
  const seen = new Map<string, number>();
  const played = new Set<string>();
  const plan: FaultPlan = ({ method, path }) => {
    const kind = kindOf(method, path);
    const at = seen.get(kind) ?? 0;
    seen.set(kind, at + 1);
    // Tokens are asked for again only until there is one.
    const nth = kind === 'token' ? at : at / 2;
    const fault = kindsFor(kind)[nth] ?? null;
    if (fault) played.add(`${kind} ${fault}`);
    return fault;
  };
  return { plan, played };
}

let world: DeskWorld;
let workers: DeliverWorker[] = [];
beforeAll(async () => {
  world = await openDeskWorld({ indexLagMs: 150, lateMs: 100, oauth: { tokensPerTenMinutes: 1_000 } });
});
afterEach(async () => {
  world.double.faults.plan(null);
  for (const worker of workers.splice(0)) await worker.close();
});
afterAll(() => world?.close());

async function working(count: number): Promise<DeliverWorker[]> {
  workers = await Promise.all(Array.from({ length: count }, () => openDeliverWorker(world)));
  return workers;
}

describe('faults of every kind', () => {
  it('on every kind of call', async () => {
    const { plan, played } = eachKindOnEachCall();
    world.double.faults.plan(plan);
    const all = await working(1);
    const numbers: string[] = [];
    for (let n = 0; n < 4 * KINDS; n++) numbers.push(await newTicket(world, n));
    await deliveredBy(world, all);
    for (const [n, number] of numbers.entries()) await goOn(world, n, number);
    await deliveredBy(world, all);
    await world.double.settled();
    const proof = await proofOf(world);
    expect(proof).toMatchObject({ ...NOTHING_WRONG, tickets: numbers.length });
    const of = (call: string) => kindsFor(call).filter((kind) => played.has(`${call} ${kind}`));
    for (const call of ['token', 'contact', 'create', 'update', 'note', 'read'])
      expect(of(call), call).toEqual(kindsFor(call));
    // How often something is looked up depends on how often something broke.
    for (const call of ['find', 'notes', 'attachment', 'attachments']) expect(of(call).length, call).toBeGreaterThan(2);
  });

  it('on one of them: those of the same ticket wait for it, others do not', async () => {
    const [slow, quick] = [await newTicket(world, 100), await newTicket(world, 101)];
    const all = await working(1);
    await setSuperadmin(world, slow, 'owner@small.example');
    await answered(world, 100, slow);
    let struck = 0;
    world.double.faults.plan(({ method, path }) => {
      const [ticket] = world.there(slow);
      if (kindOf(method, path) !== 'note' || !ticket || !path.includes(ticket.id)) return null;
      struck += 1;
      return struck === 1 ? '500-before' : null;
    });
    await all[0]?.pass();
    expect(world.there(slow)[0]).toMatchObject({ comments: [], attachments: [] });
    expect(world.there(quick)[0]?.comments).toHaveLength(1);
    await deliveredBy(world, all);
    expect(await proofOf(world)).toMatchObject(NOTHING_WRONG);
  });

  it('and what is made again by hand, though it had its effect, is there once all the same', async () => {
    const makes = ['create', 'note', 'attachment'] as const;
    await world.ctx.db.updateTable('desk_call').set({ state: 'failed' }).where('kind', 'in', makes).execute();
    expect(await retryFailed(world.ctx.db, null)).toBeGreaterThan(40);
    await deliveredBy(world, await working(1));
    expect(await proofOf(world)).toMatchObject(NOTHING_WRONG);
  });

  it('in one call of five, with two processes at work and answers coming in', async () => {
    const kinds = FAULT_KINDS.filter((kind) => kind !== '429-threshold');
    const { proof, tooMany, faults } = await runDesk({ mails: 24, processes: 2, seed: 7, kinds, timeout: 40_000 });
    expect(proof).toMatchObject({ ...NOTHING_WRONG, tickets: 24 });
    expect(tooMany).toBe(0);
    expect(Object.keys(faults).sort()).toEqual(kinds.toSorted());
  });
});
