/** `replay`: a mailbox is read again, beside the daemon and without it; mail already handled stays as it is. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { complaint } from '../support/complaint.ts';
import { type Daemon, run, startDaemon } from '../support/daemon.ts';
import { replyIn, settledMail } from '../support/ledger-view.ts';
import { letter } from '../support/letters.ts';
import { openWorld, type World } from '../support/world.ts';

const DAY_MS = 86_400_000;
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);
const isoDay = (date: Date): string => date.toISOString().slice(0, 10);

let world: World;
let daemon: Daemon;
let folder: string;
beforeAll(async () => {
  world = await openWorld({ queue: 'redis' });
  folder = await mkdtemp(join(tmpdir(), 'replay-'));
  daemon = startDaemon(world.env);
});
afterAll(async () => {
  await daemon?.kill9();
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

const replay = (...more: string[]) => run(['replay', ...more], world.env);
const since = (days: number): string[] => ['--mailbox', 'com', '--since', isoDay(daysAgo(days))];
const deliver = (id: string, date?: Date) =>
  world.dovecot.append('com', letter({ id, ...(date ? { date } : {}) }), date ? { date } : {});
const cursor = async () => await world.query('select name, epoch, position, since from mailbox order by name');
/** Everything that a replay of handled mail must leave as it is. */
const ledger = async () =>
  await Promise.all(
    ['mail', 'delivery', 'ticket', 'reply', 'event', 'mailbox'].map((table) =>
      world.query(`select * from ${table} order by 1, 2`),
    ),
  );
const unexplained = async () => JSON.parse((await run(['audit', '--json'], world.env)).stdout);

it('beside the daemon: nothing changes for handled mail; what came before the start date is taken in, without a reply', async () => {
  await deliver('old@mail.example', daysAgo(20));
  await deliver('new@mail.example');
  await settledMail(world, 'new@mail.example');
  await replyIn(world, 'new@mail.example', ['sent']);
  const before = await ledger();
  expect(await replay(...since(2))).toEqual({ code: 0, stdout: '1 seen, 1 known, 0 new\n', stderr: '' });
  expect(await ledger()).toEqual(before);
  const where = await cursor();

  expect(await replay(...since(30))).toMatchObject({ code: 0, stdout: '2 seen, 1 known, 1 new\n' });
  expect(await settledMail(world, 'old@mail.example')).toMatchObject({ state: 'ticketed' });
  expect(await replyIn(world, 'old@mail.example', ['held'])).toMatchObject({
    because: 'the mail arrived more than 7 days ago',
  });
  expect(await cursor()).toEqual(where);
  expect(world.accepted()).toHaveLength(1);

  const again = await replay(...since(30), '--json');
  expect(JSON.parse(again.stdout)).toEqual({
    mailbox: 'com',
    since: `${isoDay(daysAgo(30))}T00:00:00.000Z`,
    seen: 2,
    known: 2,
    new: 0,
    unreadable: 0,
  });
  expect(await unexplained()).toMatchObject({ mails: 2, unexplained: 0, problems: [] });
});

it('what the ledger lost is found again: a delivery, and a whole mail behind the cursor', async () => {
  await deliver('lost@mail.example');
  const { id } = await settledMail(world, 'lost@mail.example');
  await replyIn(world, 'lost@mail.example', ['sent']);
  await daemon.stop();
  // A restored backup: the cursor is ahead of the mails.
  await world.query(`delete from delivery where mail_id = (select min(id) from mail)`);
  await world.query(`update delivery set locator = locator || '-elsewhere' where mail_id = ${id}`);
  await world.query(`update mail set fingerprint = 'another' where id = ${id}`);
  expect(await unexplained()).toMatchObject({ unexplained: 3 });

  // Without the daemon: stored now, decided when it starts. Also what the poller has not come to: its cursor stays.
  await deliver('late@mail.example');
  const where = await cursor();
  expect(await replay(...since(30))).toMatchObject({ code: 0, stdout: '4 seen, 2 known, 2 new\n', stderr: '' });
  expect(await cursor()).toEqual(where);
  daemon = startDaemon(world.env);
  expect(await world.query(`select count(*)::int as mails from mail where message_id = '<lost@mail.example>'`)).toEqual(
    [{ mails: 2 }],
  );
  await settledMail(world, 'late@mail.example');
  expect(await unexplained()).toMatchObject({ mails: 5, unexplained: 0 });
});

it('two at once, beside the poller: every mail once', async () => {
  const ids = Array.from({ length: 12 }, (_, n) => `crowd-${n}@mail.example`);
  const delivered = Promise.all(ids.map((id) => deliver(id)));
  const outcomes = await Promise.all([replay(...since(2)), replay(...since(2)), delivered]);
  expect(outcomes.slice(0, 2)).toMatchObject([{ code: 0 }, { code: 0 }]);
  for (const id of ids) await settledMail(world, id);
  expect(
    await world.query(`select message_id from mail where message_id like '<crowd-%' group by 1 having count(*) > 1`),
  ).toEqual([]);
  expect(await unexplained()).toMatchObject({ mails: 17, unexplained: 0 });
});

it('reads a Maildir as well', async () => {
  for (const name of ['new', 'cur', 'tmp']) await mkdir(join(folder, 'eu', name), { recursive: true });
  await writeFile(join(folder, 'eu/new/1.a.host'), letter({ id: 'file@mail.example' }));
  const env = { ...world.env, MAILBOX_EU: `maildir:${join(folder, 'eu')}`, MAILBOX_EU_PASSWORD: '' };
  const read = () => run(['replay', '--mailbox', 'eu', '--since', isoDay(daysAgo(2))], env);
  expect(await read()).toMatchObject({ code: 0, stdout: '1 seen, 0 known, 1 new\n' });
  await cp(join(folder, 'eu/new/1.a.host'), join(folder, 'eu/cur/2.b.host:2,S'));
  expect(await read()).toMatchObject({ code: 0, stdout: '2 seen, 2 known, 0 new\n' });
  expect(await settledMail(world, 'file@mail.example')).toMatchObject({ state: 'ticketed' });
});

it('says what is wrong with its words', async () => {
  const wrong = async (args: string[], env = world.env) => {
    const outcome = await run(['replay', ...args], env);
    return [outcome.code, complaint(outcome)];
  };
  expect(await wrong(['--mailbox', 'org', '--since', '2026-01-31'])).toEqual([
    2,
    '--mailbox: "org" is no mailbox: write com or eu',
  ]);
  expect(await wrong(['--mailbox', 'com', '--since', 'yesterday'])).toEqual([
    2,
    '--since: "yesterday" is not a date: write it as 2026-01-31',
  ]);
  expect(
    await wrong(['--mailbox', 'eu', '--since', '2026-01-31'], { ...world.env, MAILBOX_EU: '', SMTP_EU: '' }),
  ).toEqual([1, 'MAILBOX_EU: is not set: there is no mailbox eu to read again']);
  expect(
    (await wrong(['--mailbox', 'com', '--since', '2026-01-31'], { ...world.env, MAILBOX_COM_PASSWORD: 'wrong' }))[1],
  ).toMatch(/refuses the password of com/);
});
