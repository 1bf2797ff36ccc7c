/** What the daemon relies on goes away and comes back: it goes on by itself, and nothing is lost or done twice. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaint } from '../support/complaint.ts';
import { type Daemon, run, startDaemon } from '../support/daemon.ts';
import { replyIn, settledMail } from '../support/ledger-view.ts';
import { letter } from '../support/letters.ts';
import { metric } from '../support/metrics.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/wait.ts';
import { openWorld, type World } from '../support/world.ts';

const PATIENCE = { timeout: 45_000, every: 50 };

let world: World;
let redis: RedisServer;
let daemon: Daemon;

beforeAll(async () => {
  world = await openWorld({ queue: 'postgresql' });
  redis = await startRedis();
});
afterAll(async () => {
  await daemon?.kill9();
  await redis?.stop();
  await world?.close();
});

const send = (...ids: string[]) =>
  world.deliver(
    // Each from a partner of its own: one recipient gets only so many replies a day.
    ids.map((id) => ({
      mailbox: 'com' as const,
      raw: letter({ id, says: 'ask', from: `agent@${id.split('@', 1)}.example` }),
    })),
  );
/** The sweep leaves rows alone for some seconds: that time has passed. */
const age = async () => {
  await world.query("update mail set updated_at = now() - interval '1 minute' where state in ('received', 'parsed')");
  await world.query("update reply set updated_at = now() - interval '1 minute' where state in ('intended', 'sending')");
};
const acceptedFor = (id: string) => world.accepted().filter(({ parsed }) => parsed.inReplyTo === `<${id}>`).length;

describe('Redis', () => {
  it('is down at the start: one line', async () => {
    const outcome = await run(['start'], { ...world.env, REDIS_URL: 'redis://127.0.0.1:1' });
    expect(outcome.code).toBe(1);
    expect(complaint(outcome)).toMatch(/^REDIS_URL: Redis cannot be reached: .*ECONNREFUSED/);
  });

  it('goes down in mid-run and comes back empty: mail is stored meanwhile, and decided and answered after', async () => {
    daemon = startDaemon({ ...world.env, REDIS_URL: redis.url });
    await send('up@redis.example');
    await replyIn(world, 'up@redis.example', ['sent']);
    await redis.stop();
    await send('down@redis.example');
    await until(async () => (await world.query("select from mail where message_id = '<down@redis.example>'")).length);
    redis = await startRedis({ port: redis.port });
    await age();
    await settledMail(world, 'down@redis.example', PATIENCE);
    await age();
    await replyIn(world, 'down@redis.example', ['sent']);
    await send('again@redis.example');
    await replyIn(world, 'again@redis.example', ['sent']);
  });

  it('is down while the daemon is told to stop: it ends with 0 all the same', async () => {
    await redis.stop();
    expect(await daemon.stop()).toBe(0);
    redis = await startRedis();
  });
});

describe('PostgreSQL', () => {
  it('cuts all connections, again and again, while mail is handled', async () => {
    daemon = startDaemon(world.env);
    const { pid } = daemon;
    const ids = Array.from({ length: 20 }, (_, n) => `cut${n}@postgres.example`);
    await daemon.says(/"started"/, PATIENCE);
    const made = async () =>
      (await world.query("select from ticket join mail on mail.id = mail_id where message_id like '<cut%'")).length;
    await send(...ids);
    for (let cut = 1; cut <= 4; cut += 1) {
      await until(async () => (await made()) >= 3 * cut, PATIENCE);
      await world.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid()`,
      );
    }
    await age();
    for (const id of ids) await settledMail(world, id, PATIENCE);
    await age();
    for (const id of ids) await replyIn(world, id, ['sent']);
    expect(ids.map(acceptedFor)).toEqual(ids.map(() => 1));
    expect(daemon.pid).toBe(pid);
    // It also reads its mailboxes again, under a new lease.
    await send('after@postgres.example');
    await replyIn(world, 'after@postgres.example', ['sent']);
    expect(await daemon.stop()).toBe(0);
    expect(daemon.output()).not.toMatch(/^\s+at /m);
  });

  it('the embedded one is killed: the daemon brings it back and goes on', async () => {
    const { DATABASE_URL: _, ...env } = world.env;
    daemon = startDaemon({ ...env, VAR_DIR: join(world.env.VAR_DIR ?? '', 'embedded') });
    // All that was delivered so far lies there still, and is new to this ledger.
    const before = world.accepted().length;
    const total = before;
    await until(async () => (await metric(daemon, 'replies{state="sent"}')) === total, PATIENCE);
    const pidFile = join(world.env.VAR_DIR ?? '', 'embedded', 'postgres', 'data', 'postmaster.pid');
    const postmaster = Number((await readFile(pidFile, 'utf8')).split('\n')[0]);
    process.kill(postmaster, 'SIGKILL');
    await send('killed@embedded.example');
    await until(() => acceptedFor('killed@embedded.example') === 1, PATIENCE);
    expect(Number((await readFile(pidFile, 'utf8')).split('\n')[0])).not.toBe(postmaster);
    await until(async () => (await metric(daemon, 'replies{state="sent"}')) === total + 1, PATIENCE);
    expect(await daemon.stop()).toBe(0);
  });
});
