/** Many tickets brought to a Desk that fails in one call of five, while answers and changes go on coming in. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DeskLimits } from '../../src/adapters/desk/limits.ts';
import { goOn, newTicket } from './deliver-load.ts';
import { type Proof, proofOf } from './deliver-proof.ts';
import { type DeliverWorker, deliveredBy, openDeliverWorker } from './deliver-worker.ts';
import { everyFifth, FAULT_KINDS, type FaultKind } from './desk/faults.ts';
import { openDeskWorld } from './desk-world.ts';
import { until } from './wait.ts';

export type RunOptions = {
  readonly mails: number;
  /** Deliver roles at work on the same ledger. */
  readonly processes: number;
  readonly seed?: number;
  readonly limits?: Partial<DeskLimits>;
  readonly kinds?: readonly FaultKind[];
  /** Milliseconds for the whole of it. */
  readonly timeout: number;
};

export type RunFigures = {
  readonly proof: Proof;
  readonly calls: number;
  readonly credits: number;
  /** Calls that failed, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Refused since too many were made at once: by the double's own count, not as a fault. */
  readonly tooMany: number;
  readonly updates: number;
  /** Until the last mail was decided, and until all of it was in Desk. */
  readonly decidedSeconds: number;
  readonly seconds: number;
};

/** What is new about a ticket comes so many tickets later: it is in Desk by then, as a rule. */
const LATER = 200;
/** No more is decided while so many calls are to be made: what comes later shall find its ticket in Desk. */
const BACKLOG = 150;
const PASS_AGAIN_MS = 100;
const LOOK_EVERY = 10;
const SECOND_MS = 1_000;

/** The double allows no more calls at once than the policy says are ours. */
export async function runDesk(options: RunOptions): Promise<RunFigures> {
  const { mails, processes, seed = 1, limits = {}, kinds = FAULT_KINDS, timeout } = options;
  await using resources = new AsyncDisposableStack();
  const world = await openDeskWorld({
    ...{ indexLagMs: 100, lateMs: 100, oauth: { tokensPerTenMinutes: 1_000 } },
    portals: [{ edition: 'PROFESSIONAL', users: 10, limits: { concurrency: OURS } }],
  });
  resources.defer(() => world.close());
  const workers: DeliverWorker[] = [];
  for (let n = 0; n < processes; n++) workers.push(resources.use(await openDeliverWorker(world, { limits })));
  const { double } = world;
  const plan = everyFifth(kinds, seed);
  double.faults.plan(plan);
  const start = performance.now();
  const seconds = () => (performance.now() - start) / SECOND_MS;
  const feeding = new AbortController();
  const working = workers.map(async (worker) => {
    while (!feeding.signal.aborted) {
      await worker.pass();
      await delay(PASS_AGAIN_MS);
    }
  });
  const later = Math.min(LATER, Math.ceil(mails / 2));
  const numbers: string[] = [];
  try {
    for (let n = 0; n < mails + later; n++) {
      if (n % LOOK_EVERY === 0) await until(async () => (await world.open()).length < BACKLOG, { timeout });
      if (n < mails) numbers.push(await newTicket(world, n));
      const earlier = numbers[n - later];
      if (earlier) await goOn(world, n - later, earlier);
    }
  } finally {
    feeding.abort();
    await Promise.all(working);
  }
  const decidedSeconds = seconds();
  await deliveredBy(world, workers, timeout);
  const all = seconds();
  await double.settled();
  const struck = Map.groupBy(
    double.calls.filter(({ fault }) => fault !== null),
    ({ fault }) => fault ?? '',
  );
  return {
    proof: await proofOf(world),
    calls: double.calls.length,
    credits: double.creditsUsed,
    faults: Object.fromEntries([...struck].map(([kind, calls]) => [kind, calls.length])),
    tooMany: double.calls.filter(({ fault, status }) => fault === null && status === 429).length,
    updates: double.calls.filter(({ method, fault }) => method === 'PATCH' && fault === null).length,
    decidedSeconds,
    seconds: all,
  };
}

/** Half of the fifteen of the professional edition: what policy/desk.yaml says is ours. */
const OURS = 7;
