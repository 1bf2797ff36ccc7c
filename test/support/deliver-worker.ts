/** The deliver role as a process of its own would have it, in this one: its own connections to Desk, its own instance, its own memory. */
import type { DeskLimits } from '../../src/adapters/desk/limits.ts';
import { createDeskTickets } from '../../src/adapters/desk/tickets-desk.ts';
import { readConfig } from '../../src/config.ts';
import { openPortalMemory } from '../../src/ledger/desk-portals.ts';
import { openInstance } from '../../src/ledger/leases.ts';
import type { Policy } from '../../src/policy.ts';
import type { DeskContext } from '../../src/stages/desk/context.ts';
import { deliverPass, newDeliverState } from '../../workers/deliver.ts';
import type { DeskWorld } from './desk-world.ts';
import { until } from './wait.ts';

/** Of the double's `hang`, and a little longer than its `late`; an outage of a moment is over in a moment. */
const SHORT: Partial<DeskLimits> = { callMs: 400, uploadMs: 400, tokenMs: 400, openMs: 200, refreshes: 1_000 };

export type DeliverWorker = AsyncDisposable & {
  readonly ctx: DeskContext;
  /** One pass of the role. */
  pass(): Promise<void>;
  /** Lines that it logged as warnings. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
};

export type WorkerOptions = {
  readonly limits?: Partial<DeskLimits>;
  readonly now?: () => Date;
  /** Instead of what policy/desk.yaml says. */
  readonly figures?: Partial<Policy['desk']>;
  /** Instead of the double's own address. */
  readonly url?: string;
};

export async function openDeliverWorker(world: DeskWorld, options: WorkerOptions = {}): Promise<DeliverWorker> {
  const { now = world.ctx.now, limits, figures, url } = options;
  const env = url ? { ...world.env, DESK_COM_DATA_CENTRE: url } : world.env;
  const portal = readConfig(env).desk?.portals.com;
  if (!portal) throw new Error('the world has no Desk');
  const warnings: string[] = [];
  const { log } = world.ctx;
  const warn = (fields: object, message: string) => void warnings.push(`${message} ${JSON.stringify(fields)}`);
  const system = createDeskTickets({
    portal,
    policy: () => ({ ...world.ctx.policy.desk, ...figures }),
    memory: openPortalMemory(world.ctx.db, 'com'),
    now,
    random: () => 0,
    log: { warn, info: () => undefined },
    limits: { ...SHORT, ...limits },
  });
  const ctx: DeskContext = Object.defineProperties({} as DeskContext, {
    ...Object.getOwnPropertyDescriptors(world.ctx),
    desk: { value: { com: system }, enumerable: true },
    now: { value: now, enumerable: true },
    log: { value: Object.assign(Object.create(log), { warn }), enumerable: true },
  });
  const instance = await openInstance(world.env.DATABASE_URL ?? '');
  const state = newDeliverState(ctx);
  const close = async () => {
    await system.close();
    await instance.close();
  };
  return {
    ctx,
    warnings,
    pass: () => deliverPass(ctx, { ...state, instance: instance.id }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Passes of all of them, at once, until nothing is left to be made. */
export async function deliveredBy(
  world: DeskWorld,
  workers: readonly DeliverWorker[],
  timeout = 60_000,
): Promise<void> {
  let left: string[] = [];
  await until(
    async () => {
      await Promise.all(workers.map((worker) => worker.pass()));
      left = await world.open();
      return left.length === 0;
    },
    { what: 'everything to be brought to Desk', timeout, every: 10 },
  ).catch((error: unknown) => {
    throw new Error(
      `${left.slice(0, 10).join('\n')}\n${workers
        .flatMap(({ warnings }) => warnings)
        .slice(-5)
        .join('\n')}`,
      {
        cause: error,
      },
    );
  });
}
