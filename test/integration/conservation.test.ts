/**
 * I1-I5 end to end: 500 mails over two inboxes end as they must on either queue store, whatever happens meanwhile to the daemon, and 250
 * whatever happens to the queue or the connection: these mishaps come as often to fewer.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Daemon, run, startDaemon } from '../support/daemon.ts';
import { type Expected, type Population, populate } from '../support/population.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/wait.ts';
import { openWorld, type World } from '../support/world.ts';

const WHOLE = 500;
const WITH_MISHAPS = 250;
const PATIENCE = { timeout: 150_000, every: 100 };
const TEST_MS = 200_000;
/** How closely a point of the run is met, in milliseconds: some mails; looking costs the daemon time too. */
const LOOK = { ...PATIENCE, every: 25 };

type Ticket = {
  messageId: string;
  severity: string | null;
  priorityCustomer: boolean;
  mailboxes: string[];
  replies: { kind: string; to: string; state: string; messageId: string }[];
};

/** One run: its own servers, its own daemon. */
type Run = { world: World; mails: Population; steps: number; proxy?: TcpProxy; start(): Daemon };

/** Gives a run `count` mails in its inboxes; ends whatever it started. Runs go side by side: most of each is waiting. */
async function withRun(
  queue: 'redis' | 'postgresql',
  count: number,
  test: (run: Run) => Promise<void>,
  proxied = false,
): Promise<void> {
  await using resources = new AsyncDisposableStack();
  let proxy: TcpProxy | undefined;
  const imapPort = async (port: number): Promise<number> => {
    proxy = await startTcpProxy(port);
    return proxy.port;
  };
  const world = await openWorld({ queue, ...(proxied ? { imapPort } : {}) });
  resources.defer(() => world.close());
  if (proxy) resources.defer(() => proxy?.stop());
  const mails = populate(count);
  await world.deliver(mails.messages);
  const start = (): Daemon => {
    const daemon = startDaemon(world.env);
    resources.defer(() => daemon.kill9());
    return daemon;
  };
  await test({ world, mails, steps: stepsOf(mails), start, ...(proxy ? { proxy } : {}) });
}

/** Steps taken so far, of all there are: stored, decided, sent. */
async function progress(world: World): Promise<number> {
  const [row] = await world.query<{ steps: string }>(`select
    (select count(*) from mail) + (select count(*) from mail where state not in ('received', 'parsed'))
    + (select count(*) from reply where state = 'sent') as steps`);
  return Number(row?.steps ?? 0);
}
const stepsOf = ({ expected }: Population): number => expected.length * 2 + expected.filter((one) => one.reply).length;

const finished = ({ world, steps }: Run) =>
  until(async () => (await progress(world)) === steps, { ...PATIENCE, what: `all ${steps} steps` });

/** What the ledger, the tickets, the mailboxes and the SMTP server say must be exactly what was expected. */
async function proveConservation({ world, mails: { expected } }: Run): Promise<void> {
  const audit = await run(['audit', '--json'], world.env);
  expect(JSON.parse(audit.stdout)).toEqual({
    mails: expected.length,
    ticketed: expected.filter((one) => one.state === 'ticketed').length,
    appended: 0,
    suppressed: expected.filter((one) => one.state === 'suppressed').length,
    quarantined: 0,
    inFlight: 0,
    unexplained: 0,
    problems: [],
  });
  expect(audit).toMatchObject({ code: 0, stderr: '' });
  const listed = await run(['tickets', '--json'], world.env);
  const tickets = listed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Ticket);
  const summary = (one: Expected) => [
    one.messageId,
    one.severity,
    one.priorityCustomer,
    one.mailboxes.toSorted().join(),
    one.reply ? `${one.reply} sent` : '',
  ];
  expect(
    tickets
      .map((one) => [
        one.messageId,
        one.severity,
        one.priorityCustomer,
        one.mailboxes.toSorted().join(),
        one.replies.map((reply) => `${reply.kind} ${reply.state}`).join(),
      ])
      .sort(),
  ).toEqual(
    expected
      .filter((one) => one.state === 'ticketed')
      .map(summary)
      .sort(),
  );
  const accepted = world.accepted();
  expect(accepted.map((mail) => mail.parsed.inReplyTo).sort()).toEqual(
    expected
      .filter((one) => one.reply)
      .map((one) => one.messageId)
      .sort(),
  );
  expect(new Set(accepted.map((mail) => mail.messageId))).toEqual(
    new Set(tickets.flatMap((one) => one.replies.map((reply) => reply.messageId))),
  );
}

describe.concurrent.each(['redis', 'postgresql'] as const)('with the queue on %s', (queue) => {
  it(`${WHOLE} mails are accounted for, and SIGTERM ends the daemon with 0`, { timeout: TEST_MS }, () =>
    withRun(queue, WHOLE, async (one) => {
      const daemon = one.start();
      await finished(one);
      expect(await daemon.stop(), daemon.output()).toBe(0);
      await proveConservation(one);
    }),
  );

  it(`${WHOLE} are after kill -9 at ten points of the run`, { timeout: TEST_MS }, () =>
    withRun(queue, WHOLE, async (one) => {
      for (let kill = 1; kill <= 10; kill += 1) {
        const daemon = one.start();
        const point = Math.floor((one.steps * kill) / 11);
        const reached = async () => (await progress(one.world)) >= point;
        await until(reached, { ...LOOK, what: `step ${point} of ${one.steps}` });
        await daemon.kill9();
      }
      const daemon = one.start();
      await finished(one);
      await daemon.stop();
      await proveConservation(one);
    }),
  );
});

describe.concurrent(`${WITH_MISHAPS} mails are accounted for`, () => {
  it('when Redis is emptied in mid-run, again and again', { timeout: TEST_MS }, () =>
    withRun('redis', WITH_MISHAPS, async (one) => {
      const daemon = one.start();
      for (let emptied = 1; emptied <= 5; emptied += 1) {
        await until(async () => (await progress(one.world)) >= (one.steps * emptied) / 7, LOOK);
        await one.world.redis?.flushall();
      }
      await finished(one);
      await daemon.stop();
      await proveConservation(one);
    }),
  );

  it('when the IMAP connection is cut repeatedly', { timeout: TEST_MS }, () =>
    withRun(
      'postgresql',
      WITH_MISHAPS,
      async (one) => {
        const daemon = one.start();
        for (let cut = 1; cut <= 8; cut += 1) {
          await until(async () => (one.proxy?.open ?? 0) > 0, PATIENCE);
          await delay(20 * cut);
          one.proxy?.cut();
        }
        await finished(one);
        await daemon.stop();
        await proveConservation(one);
      },
      true,
    ),
  );
});
