/** Every role a process of its own, on Redis, with several clocks on one ledger: one is killed in the middle of what it does, and all of it is done once. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { small } from '../support/clock-world.ts';
import { type Daemon, run, startDaemon } from '../support/daemon.ts';
import { historyOf, ticketFor } from '../support/ledger-view.ts';
import { letter } from '../support/letters.ts';
import { until } from '../support/wait.ts';
import { openWorld, type World } from '../support/world.ts';

const PATIENCE = { timeout: 45_000, every: 50 };
const NAMES = ['one', 'two', 'three', 'four'];

let world: World;
const running: Daemon[] = [];
let tickets: number[];

beforeAll(async () => {
  world = await openWorld({ queue: 'redis' });
  for (const role of ['poll', 'classify', 'reply']) start(role);
  const raw = (name: string) => letter({ from: 'Agent Smith <agent@reseller.example>', ...small(name) });
  await world.deliver(NAMES.map((name) => ({ mailbox: 'eu', raw: raw(name) })));
  tickets = (await Promise.all(NAMES.map((name) => ticketFor(world, `${name}@mail.example`)))).map(({ id }) =>
    Number(id),
  );
});
afterAll(async () => {
  for (const daemon of running) await daemon.kill9();
  await world?.close();
});

function start(role: string, env = world.env): Daemon {
  const daemon = startDaemon(env, [role]);
  running.push(daemon);
  return daemon;
}

/** A clock whose connections can be told from another's. */
function startClock(name: string): Daemon {
  const url = new URL(world.databaseUrl);
  url.searchParams.set('application_name', name);
  return start('clock', { ...world.env, DATABASE_URL: url.href });
}
const connections = (name: string, where = 'true') =>
  world.query(`select pid from pg_stat_activity where application_name = '${name}' and ${where}`);

/**
 * Kills a clock while its transaction waits to write into `table`; a second one lives, and a third is started after it.
 * @returns what ends the two that are left.
 */
async function killWhileItWrites(table: string): Promise<() => Promise<(number | null)[]>> {
  const [killed, second, third] = [`killed-${table}`, `second-${table}`, `third-${table}`] as const;
  const lock = new pg.Client({ connectionString: world.databaseUrl });
  await lock.connect();
  await lock.query(`begin; lock table ${table} in access exclusive mode`);
  let living: Daemon;
  try {
    const first = startClock(killed);
    const waits = `wait_event_type = 'Lock' and query like '%insert into "${table}"%'`;
    await until(async () => (await connections(killed, waits)).length > 0, PATIENCE);
    living = startClock(second);
    await living.says(/"role":"clock".*"started"/, PATIENCE);
    await first.kill9();
    expect((await connections(killed, waits)).length, 'killed in the middle').toBe(1);
  } finally {
    await lock.end();
  }
  await until(async () => (await connections(killed)).length === 0, PATIENCE);
  const next = startClock(third);
  return () => Promise.all([living.stop(), next.stop()]);
}

/** The mails that tell people inside, by recipient. */
async function notices(level: string): Promise<Map<string, string[]>> {
  const named = await world.query<{ recipient: string }>(
    `select distinct notice_recipient.recipient from notice_recipient join notice on notice.id = notice_id where level = '${level}'`,
  );
  const to = (recipient: string) =>
    world
      .accepted()
      .filter(({ envelope }) => envelope.to.includes(recipient))
      .map(({ parsed }) => String(parsed.text));
  return new Map(named.map(({ recipient }) => [recipient, to(recipient)]));
}
async function told(level: string): Promise<void> {
  await until(async () => {
    const mails = await notices(level);
    return mails.size > 0 && [...mails.values()].every((texts) => texts.length > 0);
  }, PATIENCE);
  for (const [recipient, texts] of await notices(level)) {
    expect(texts, recipient).toHaveLength(1);
    for (const ticket of tickets) expect(texts[0]?.match(new RegExp(`^P-${ticket} `, 'gm'))).toHaveLength(1);
  }
}
/** How often each thing stands in the history of a ticket. */
const counted = async (ticket: number): Promise<Record<string, number>> => {
  const what = (await historyOf(world, ticket)).map((event) => event.what.replace(/^(lead|manager) .*/, '$1 noted'));
  return Object.fromEntries([...Map.groupBy(what, (one) => one)].map(([one, all]) => [one, all.length]));
};

it('killed in the middle of a breach: each warning, breach and notice is there once', async () => {
  // Their first responses were due a minute ago, and their determinations should have come.
  await world.query(
    `update deadline set target_at = now() - interval '1 hour', next_at = now() - interval '1 hour',
       commitment_at = case what when 'firstResponse' then now() - interval '1 minute' else commitment_at end`,
  );
  const end = await killWhileItWrites('notice');
  await told('lead');
  expect(await end()).toEqual([0, 0]);
  for (const ticket of tickets)
    expect(await counted(ticket)).toMatchObject({ 'commitment near': 1, 'commitment breached': 1 });
  const rows = await world.query<{ kind: string; level: string; ticket_id: string }>(
    'select kind, level, ticket_id from notice order by ticket_id',
  );
  expect(rows).toEqual(
    tickets.toSorted().map((id) => expect.objectContaining({ kind: 'breach', level: 'lead', ticket_id: String(id) })),
  );
});

it('killed while it writes the mails to the managers: each gets one, with every ticket once', async () => {
  await world.query(`update reply set created_at = created_at - interval '1 hour' where kind = 'notice'`);
  await world.query(
    `update deadline set manager_at = now() - interval '1 minute', next_at = now() - interval '1 minute'
     where breached_at is not null`,
  );
  const end = await killWhileItWrites('notice_recipient');
  await told('manager');
  // One more look by a clock that has just been started changes nothing.
  const again = startClock('again');
  await again.says(/"role":"clock".*"started"/, PATIENCE);
  expect(await again.stop()).toBe(0);
  expect(await end()).toEqual([0, 0]);
  await told('lead');
  await told('manager');
  for (const ticket of tickets)
    expect(await counted(ticket)).toMatchObject({
      ...{ 'commitment near': 1, 'commitment breached': 1, 'breach goes to the manager': 1 },
    });
  await until(async () => {
    const unsent = await world.query(`select id from reply where kind = 'notice' and state <> 'sent'`);
    return unsent.length === 0;
  }, PATIENCE);
  const audit = await run(['audit', '--json'], world.env);
  expect(JSON.parse(audit.stdout)).toMatchObject({ ticketed: NAMES.length, unexplained: 0, problems: [] });
});
