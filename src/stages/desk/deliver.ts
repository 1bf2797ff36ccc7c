/** Planned calls to Desk -> done, to be made again, to be looked up, or failed (I4). */
import { IntakeError } from '../../errors.ts';
import type { DeskCall } from '../../ledger/desk-calls.ts';
import { isOurs, orphanCalls, type Taken, takeNext } from '../../ledger/desk-taking.ts';
import { livingInstances } from '../../ledger/leases.ts';
import type { MailboxName } from '../../model.ts';
import { callsAtOnce } from '../../policy/desk.ts';
import type { TicketSystem } from '../../ports.ts';
import type { DeskContext } from './context.ts';
import { done, type Ended, ended, type Quiet } from './end-of-call.ts';
import { hasHappened, makeDeskCall } from './make-call.ts';
import { type Unwritten, writeDown } from './write-down.ts';

export type Delivering = {
  readonly instance: number;
  readonly quiet: Quiet;
  readonly unwritten: Unwritten;
  /** Portals whose day is nearly used up. */
  readonly short: () => readonly MailboxName[];
};

/** Makes the next call that is due. @returns false when there is none */
export async function deliverNext(ctx: DeskContext, delivering: Delivering): Promise<boolean> {
  const taken = await take(ctx, delivering);
  if (taken) await carryOut(ctx, delivering, taken);
  return taken !== undefined;
}

/**
 * Makes calls, so many at a time, until none is due or `goOn` says no. Once none was due, only who made one asks again: its ticket
 * may have another.
 */
export async function deliverDue(
  ctx: DeskContext,
  delivering: Delivering,
  { atOnce, goOn }: { atOnce: number; goOn: () => boolean },
): Promise<void> {
  let nothing = false;
  let taking: Promise<unknown> = Promise.resolve();
  // One after the other, as the ledger has it anyway: the second need not ask for what the first did not find.
  const next = (made: boolean): Promise<Taken | undefined> => {
    const mine = taking.then(async () => {
      const taken = nothing && !made ? undefined : await take(ctx, delivering);
      nothing = taken === undefined;
      return taken;
    });
    taking = mine.catch(() => undefined);
    return mine;
  };
  const oneAfterTheOther = async (): Promise<void> => {
    for (let made = false; goOn(); made = true) {
      const taken = await next(made);
      if (!taken) return;
      await carryOut(ctx, delivering, taken);
    }
  };
  // All of them end before what one of them threw is told.
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, oneAfterTheOther));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function take(ctx: DeskContext, { instance, quiet, short }: Delivering): Promise<Taken | undefined> {
  const now = ctx.now();
  const portals = (Object.keys(ctx.desk) as MailboxName[]).filter((one) => (quiet.get(one) ?? 0) <= now.getTime());
  if (portals.length === 0) return undefined;
  const atOnce = callsAtOnce(ctx.policy.desk);
  return await takeNext(ctx.db, { portals, short: short(), atOnce, now, sender: instance });
}

/** What is unknown is looked up, and stays unknown while it cannot be. */
async function carryOut(ctx: DeskContext, delivering: Delivering, { call, unknown }: Taken): Promise<void> {
  const before = unknown ? 'sending' : 'intended';
  const system = ctx.desk[call.portal] as TicketSystem;
  const work = async (): Promise<Ended> => {
    if (unknown) return await lookUp(ctx, system, call);
    return done(await makeDeskCall(ctx, whileOurs(ctx, system, call, delivering.instance), call));
  };
  const end = await work().catch((error: unknown) => ended(ctx, delivering.quiet, { call, error, before }));
  await writeDown(ctx, delivering, { call, end, made: !unknown });
}

/** Calls of processes that are gone: their outcome is unknown. */
export async function takeUpOrphans({ db, policy, now }: DeskContext): Promise<void> {
  await orphanCalls(db, () => livingInstances(db), { now: now(), afterSeconds: policy.desk.indexSeconds });
}

async function lookUp(ctx: DeskContext, system: TicketSystem, call: DeskCall): Promise<Ended> {
  const happened = await hasHappened(ctx, system, call);
  return happened ? done(happened) : { state: 'intended', because: 'looked up: it had no effect' };
}

/** The system for as long as the call is ours: after a long pause (a machine that slept) another process may have made it. */
function whileOurs({ db }: DeskContext, system: TicketSystem, call: DeskCall, sender: number): TicketSystem {
  const ours = async (): Promise<void> => {
    if (await isOurs(db, call, sender)) return;
    throw new IntakeError('temporary', 'desk-call-lost', 'another process took the call over', { sent: false });
  };
  return {
    ...system,
    create: (key, content) => ours().then(() => system.create(key, content)),
    update: (id, fields) => ours().then(() => system.update(id, fields)),
    note: (id, marker, text) => ours().then(() => system.note(id, marker, text)),
    attach: (id, file) => ours().then(() => system.attach(id, file)),
  };
}
