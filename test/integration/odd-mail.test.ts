/** Mail that breaks things (I6), mail that is not ours to handle, and a mailbox that is dealt anew: nothing else suffers. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Daemon, run, startDaemon } from '../support/daemon.ts';
import { historyOf, settledMail, ticketFor } from '../support/ledger-view.ts';
import { letter } from '../support/letters.ts';
import { until } from '../support/wait.ts';
import { openWorld, type World } from '../support/world.ts';

const MB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60_000;

let world: World;
let daemon: Daemon;

beforeAll(async () => {
  world = await openWorld({ queue: 'redis' });
  await world.dovecot.append('com', letter({ id: 'old@mail.example' }), { date: new Date(Date.now() - 2 * DAY_MS) });
  daemon = startDaemon(world.env);
});
afterAll(async () => {
  await daemon?.kill9();
  await world?.close();
});

const count = async (query: string): Promise<number> =>
  Number((await world.query<{ count: string }>(`select count(*) from ${query}`))[0]?.count);
const deliver = (...raws: string[]) => world.deliver(raws.map((raw) => ({ mailbox: 'com', raw })));

it('mail from before the day of the first start is left alone, and not missed', async () => {
  await deliver(letter({ id: 'new@mail.example', says: 'nothing' }));
  await settledMail(world, 'new@mail.example');
  expect(await count('mail')).toBe(1);
  const audit = await run(['audit', '--json'], world.env);
  expect(JSON.parse(audit.stdout)).toMatchObject({ mails: 1, inFlight: 0, unexplained: 0 });
});

it('a mail that is too large is quarantined with its cause, by its header alone; the others go on', async () => {
  const large = letter({ id: 'large@mail.example', lines: Array(55).fill('x'.repeat(MB - 2)) });
  await deliver(large, letter({ id: 'behind@mail.example', says: 'nothing' }));
  const [quarantined, behind] = await Promise.all([
    settledMail(world, 'large@mail.example'),
    settledMail(world, 'behind@mail.example'),
  ]);
  expect(quarantined).toMatchObject({
    state: 'quarantined',
    because: `too large: ${Buffer.byteLength(large)} bytes, only its header was read`,
    ticket_id: null,
  });
  expect(behind).toMatchObject({ state: 'ticketed' });
  const [original] = await world.query<{ size: number; start: string }>(
    `select length(raw) as size, convert_from(substring(raw from 1 for 40), 'LATIN1') as start
     from original where mail_id = ${quarantined.id}`,
  );
  expect(original?.size).toBeLessThan(2_000);
  expect(original?.start).toMatch(/^From: Agent Smith/);
});

it('what no parser can read becomes a ticket all the same, from what can be seen of it', async () => {
  const html = (body: string) => ['Content-Type: text/html; charset=utf-8', '', body];
  const deep = letter({ id: 'deep@mail.example', headers: [], lines: [] }).replace(
    /Content-Type: text\/plain[\s\S]*/,
    html(`${'<div>'.repeat(60_000)}Super admin: owner@large.example`).join('\r\n'),
  );
  const noBoundary = letter({
    id: 'parts@mail.example',
    lines: ['--b', '', 'Super admin: owner@large.example'],
  }).replace('text/plain; charset=utf-8', 'multipart/mixed; boundary=other');
  const noise = letter({ id: 'noise@mail.example', lines: ['\u0000\u0001\ud800 \u202e'.repeat(50)] });
  await deliver(deep, noBoundary, noise, letter({ id: 'after@mail.example', says: 'nothing' }));
  for (const id of ['deep', 'parts', 'noise', 'after'])
    expect(await settledMail(world, `${id}@mail.example`)).toMatchObject({ state: 'ticketed' });
  const parts = await ticketFor(world, 'parts@mail.example');
  expect((await historyOf(world, parts.id)).map(({ what }) => what)).toContain(`ticket P-${parts.id} made (degraded)`);
  expect(parts.decision).toMatchObject({ severity: 'S1', priorityCustomer: true });
});

it('a mailbox that is made anew, with all its mails under other numbers: only what is new counts', async () => {
  const again = ['one', 'two', 'three'].map((name) => letter({ id: `${name}@mail.example` }));
  await deliver(...again);
  for (const name of ['one', 'two', 'three']) await settledMail(world, `${name}@mail.example`);
  await until(async () => (await count("reply where state in ('intended', 'sending')")) === 0);
  const before = { mails: await count('mail'), tickets: await count('ticket'), replies: await count('reply') };
  const accepted = world.accepted().length;

  await world.dovecot.recreateInbox('com');
  await deliver(...again, letter({ id: 'fresh@mail.example', says: 'nothing' }));
  await settledMail(world, 'fresh@mail.example');
  await until(async () => (await count("event where what = 'delivered again'")) === 3);
  expect({ mails: await count('mail'), tickets: await count('ticket'), replies: await count('reply') }).toEqual({
    ...before,
    mails: before.mails + 1,
    tickets: before.tickets + 1,
  });
  expect(world.accepted()).toHaveLength(accepted);
  const audit = await run(['audit', '--json'], world.env);
  expect(JSON.parse(audit.stdout)).toMatchObject({ inFlight: 0, unexplained: 0, problems: [] });
  expect(await daemon.stop()).toBe(0);
});
