/** One role a process: together they do what one process does, standing by works, and stopping leaves nothing half done. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Daemon, run, startDaemon } from '../support/daemon.ts';
import { replyIn, settledMail, ticketFor } from '../support/ledger-view.ts';
import { letter } from '../support/letters.ts';
import { populate } from '../support/population.ts';
import { until } from '../support/wait.ts';
import { openWorld, type World } from '../support/world.ts';

const PATIENCE = { timeout: 45_000, every: 50 };
/** What a person would call at once: a poller that stands by asks every 2 seconds. */
const SECONDS = { timeout: 8_000, every: 50 };

let world: World;
const running = new Map<string, Daemon>();

beforeAll(async () => {
  world = await openWorld({ queue: 'redis' });
});
afterAll(async () => {
  for (const daemon of running.values()) await daemon.kill9();
  await world?.close();
});

function start(name: string, role = name, env = world.env): Daemon {
  const daemon = startDaemon(env, [role]);
  running.set(name, daemon);
  return daemon;
}

const count = async (query: string): Promise<number> =>
  Number((await world.query<{ count: string }>(`select count(*) from ${query}`))[0]?.count);
/** Leases on mailboxes that are held now (the class of their locks is in src/ledger/leases.ts). */
const leases = () => count(`pg_locks where locktype = 'advisory' and granted and classid = ${0x7069_0001}`);
const answered = () =>
  world
    .accepted()
    .map(({ parsed }) => parsed.inReplyTo)
    .sort();

it('two pollers: one works, the other stands by and takes over when the first is killed', async () => {
  const first = start('first', 'poll');
  await until(() => first.output().match(/"reading"/g)?.length === 2, PATIENCE);
  const second = start('second', 'poll');
  start('classify');
  await second.says(/"started"/, PATIENCE);
  await world.deliver([{ mailbox: 'com', raw: letter({ id: 'before@mail.example', says: 'nothing' }) }]);
  await settledMail(world, 'before@mail.example');
  expect(await leases()).toBe(2);
  expect(second.output()).not.toContain('"reading"');

  await first.kill9();
  await world.deliver([
    { mailbox: 'com', raw: letter({ id: 'after-com@mail.example', says: 'nothing' }) },
    { mailbox: 'eu', raw: letter({ id: 'after-eu@mail.example', says: 'nothing' }) },
  ]);
  await settledMail(world, 'after-com@mail.example', SECONDS);
  await settledMail(world, 'after-eu@mail.example', SECONDS);
  expect(second.output().match(/"reading"/g)).toHaveLength(2);
  expect(await leases()).toBe(2);
  expect([await count('mail'), await count('delivery')]).toEqual([3, 3]);
});

it('a reply whose way out another process has waits for that one', async () => {
  const com = start('com only', 'reply', { ...world.env, SMTP_EU: '' });
  await world.deliver([
    { mailbox: 'eu', raw: letter({ id: 'eu@mail.example' }) },
    { mailbox: 'com', raw: letter({ id: 'com@mail.example' }) },
  ]);
  await replyIn(world, 'com@mail.example', ['sent']);
  expect(await replyIn(world, 'eu@mail.example', ['intended', 'sent'])).toMatchObject({
    state: 'intended',
    attempts: 0,
  });
  expect(await com.stop()).toBe(0);
  // A reply is left alone for a while before the sweep takes it up: that time has passed.
  await world.query("update reply set updated_at = now() - interval '1 minute' where state = 'intended'");
  start('reply');
  await replyIn(world, 'eu@mail.example', ['sent']);
  expect(world.sinks.eu.messages).toHaveLength(1);
});

it('five roles in five processes: mails end as they must, and each process ends with 0', async () => {
  start('clock');
  const office = start('console');
  await world.deliver([
    { mailbox: 'com', raw: letter({ id: 'ask@mail.example', says: 'ask' }) },
    { mailbox: 'com', raw: letter({ id: 'note@mail.example', says: 'note' }) },
    { mailbox: 'eu', raw: letter({ id: 'unknown@mail.example', says: 'unknown' }) },
    { mailbox: 'eu', raw: letter({ id: 'large@mail.example', says: 'nothing' }) },
    { mailbox: 'eu', raw: letter({ id: 'away@mail.example', headers: ['Auto-Submitted: auto-replied'] }) },
  ]);
  expect(await replyIn(world, 'ask@mail.example', ['sent'])).toMatchObject({ kind: 'missing-superadmin-ask' });
  expect(await replyIn(world, 'note@mail.example', ['sent'])).toMatchObject({ kind: 'missing-superadmin-note' });
  expect(await replyIn(world, 'unknown@mail.example', ['sent'])).toMatchObject({ kind: 'superadmin-unknown' });
  expect((await ticketFor(world, 'large@mail.example')).decision).toMatchObject({ severity: 'S1', reply: null });
  expect(await settledMail(world, 'away@mail.example')).toMatchObject({ state: 'suppressed' });

  const page = await until(() => /"url":"(http:[^"]+)"/.exec(office.output())?.[1], PATIENCE);
  expect(await (await fetch(page)).text()).toMatch(/P-1\d{3}/);
  expect(await (await fetch(`${page}health/ready`)).json()).toMatchObject({ ready: true });

  const five = ['second', 'classify', 'reply', 'clock', 'console'].map((name) => running.get(name));
  for (const daemon of five) await daemon?.says(/"role":"\w+".*"started"/, PATIENCE);
  expect(await Promise.all(five.map((daemon) => daemon?.stop()))).toEqual([0, 0, 0, 0, 0]);
  expect(answered()).toEqual(['com', 'eu', 'ask', 'note', 'unknown'].map((name) => `<${name}@mail.example>`).sort());
  expect(await leases()).toBe(0);
});

it('SIGTERM in mid-work: exit 0, nothing is half done, and the next start does the rest', async () => {
  const before = answered();
  const { messages, expected } = populate(60, { answered: true });
  await world.sinks.com.fail({ slow: 1_000 });
  await world.deliver(messages);
  const daemon = start('all');
  // The mail server takes its time: some replies are being sent at this moment.
  await until(async () => (await count("reply where state = 'sending'")) >= 3, { ...PATIENCE, every: 10 });
  expect(await daemon.stop()).toBe(0);
  expect(world.accepted().length, 'there was work left').toBeLessThan(before.length + 60);
  expect(await count("reply where state = 'sending'")).toBe(0);
  expect(await count("reply where state = 'sent'")).toBe(world.accepted().length);
  const audit = await run(['audit', '--json'], world.env);
  expect(JSON.parse(audit.stdout)).toMatchObject({ unexplained: 0, problems: [] });
  expect(await leases()).toBe(0);

  await world.sinks.com.fail(null);
  await world.query("update reply set updated_at = now() - interval '1 minute' where state = 'intended'");
  start('all again', 'all');
  await until(() => world.accepted().length >= before.length + 60, PATIENCE);
  await until(async () => (await count("reply where state = 'sent'")) === before.length + 60, PATIENCE);
  expect(answered()).toEqual([...before, ...expected.map(({ messageId }) => messageId)].sort());
});
