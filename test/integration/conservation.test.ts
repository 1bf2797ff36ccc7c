/** I1-I5 end to end: 500 mails over two inboxes end as they must, whatever happens to the daemon, the queue or the connection. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Daemon, run, startDaemon } from '../support/daemon.ts';
import { type Expected, populate } from '../support/population.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/wait.ts';
import { openWorld, type World } from '../support/world.ts';

const COUNT = 500;
const PATIENCE = { timeout: 120_000, every: 100 };
const { messages, expected } = populate(COUNT);

type Ticket = {
  messageId: string;
  severity: string | null;
  priorityCustomer: boolean;
  mailboxes: string[];
  replies: { kind: string; to: string; state: string; messageId: string }[];
};

let world: World;
let proxy: TcpProxy | undefined;
let daemon: Daemon | undefined;

const open = async (queue: 'redis' | 'postgresql', proxied = false): Promise<void> => {
  world = await openWorld({
    queue,
    ...(proxied
      ? {
          imapPort: async (port: number) => {
            proxy = await startTcpProxy(port);
            return proxy.port;
          },
        }
      : {}),
  });
  await world.deliver(messages);
};

/** Steps taken so far, of all there are: stored, decided, sent. */
async function progress(): Promise<number> {
  const [row] = await world.query<{ steps: string }>(`select
    (select count(*) from mail) + (select count(*) from mail where state not in ('received', 'parsed'))
    + (select count(*) from reply where state = 'sent') as steps`);
  return Number(row?.steps ?? 0);
}
const STEPS = COUNT * 2 + expected.filter((one) => one.reply).length;

const finished = () => until(async () => (await progress()) === STEPS, { ...PATIENCE, what: `all ${STEPS} steps` });

/** What the ledger, the tickets, the mailboxes and the SMTP server say must be exactly what was expected. */
async function proveConservation(): Promise<void> {
  const audit = await run(['audit', '--json'], world.env);
  expect(JSON.parse(audit.stdout)).toEqual({
    mails: COUNT,
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

afterEach(async () => {
  await daemon?.kill9();
  daemon = undefined;
  await proxy?.stop();
  proxy = undefined;
  await world?.close();
});

describe.each(['redis', 'postgresql'] as const)('queue on %s', (queue) => {
  beforeEach(() => open(queue));

  it('500 mails are accounted for, and SIGTERM ends the daemon with 0', async () => {
    daemon = startDaemon(world.env);
    await finished();
    expect(await daemon.stop(), daemon.output()).toBe(0);
    await proveConservation();
  });

  it('the same after kill -9 at ten points of the run', { timeout: 180_000 }, async () => {
    for (let kill = 1; kill <= 10; kill += 1) {
      daemon = startDaemon(world.env);
      const point = Math.floor((STEPS * kill) / 11);
      await until(async () => (await progress()) >= point, {
        ...PATIENCE,
        every: 5,
        what: `step ${point} of ${STEPS}`,
      });
      await daemon.kill9();
    }
    daemon = startDaemon(world.env);
    await finished();
    await daemon.stop();
    await proveConservation();
  });
});

describe('in mid-run', () => {
  it('Redis is emptied, again and again', async () => {
    await open('redis');
    daemon = startDaemon(world.env);
    for (let emptied = 1; emptied <= 5; emptied += 1) {
      await until(async () => (await progress()) >= (STEPS * emptied) / 7, { ...PATIENCE, every: 5 });
      await world.redis?.flushall();
    }
    await finished();
    await daemon.stop();
    await proveConservation();
  });

  it('the IMAP connection is cut repeatedly', async () => {
    await open('postgresql', true);
    daemon = startDaemon(world.env);
    for (let cut = 1; cut <= 8; cut += 1) {
      await until(async () => (proxy?.open ?? 0) > 0, PATIENCE);
      await delay(20 * cut);
      proxy?.cut();
    }
    await finished();
    await daemon.stop();
    await proveConservation();
  });
});
