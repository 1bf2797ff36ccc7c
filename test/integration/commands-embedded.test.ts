/** Commands on the embedded store: beside the daemon that holds it, and without one. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Daemon, type Environment, run, startDaemon } from '../support/daemon.ts';
import { ticketOf, ticketsOf } from '../support/json-shapes.ts';
import { LARGE, letter } from '../support/letters.ts';
import { metric } from '../support/metrics.ts';
import { LICENCES, PARTNERS } from '../support/population.ts';
import { quickPolicy } from '../support/quick-policy.ts';
import { until } from '../support/wait.ts';

const PATIENCE = { timeout: 45_000, every: 50 };
const DAY_S = 24 * 60 * 60;

let folder: string;
let env: Environment;
let daemon: Daemon | undefined;
let first: string;
let second: string;

const ticketed = (one: Daemon, count: number) =>
  until(async () => (await metric(one, 'mails{state="ticketed"}')) === count, PATIENCE);

async function eml(name: string): Promise<string> {
  const path = join(folder, `${name}.eml`);
  await writeFile(path, letter({ id: `${name}@files.example` }));
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-'));
  for (const part of ['new', 'cur', 'tmp']) await mkdir(join(folder, 'com', part), { recursive: true });
  await writeFile(join(folder, 'licences.csv'), LICENCES);
  await writeFile(join(folder, 'partners.csv'), PARTNERS);
  env = {
    MAILBOX_COM: `maildir:${join(folder, 'com')}`,
    MAILBOX_COM_SINCE: new Date(Date.now() - 3 * DAY_S * 1000).toISOString(),
    SMTP_COM: `maildir:${join(folder, 'out')}`,
    LICENCES: `csv:${join(folder, 'licences.csv')}`,
    PARTNERS: `csv:${join(folder, 'partners.csv')}`,
    POLICY_DIR: await quickPolicy(folder),
    VAR_DIR: join(folder, 'var'),
    CONSOLE_PORT: '0',
    LOG_LEVEL: 'info',
  };
});
afterAll(async () => {
  await daemon?.stop();
  await rm(folder, { recursive: true, force: true });
});

it('before the first start there is no ticket, and a file can be taken in', async () => {
  expect(await run(['tickets'], env)).toEqual({ code: 0, stdout: 'No tickets yet.\n', stderr: '' });
  expect(await run(['ingest', await eml('early')], env)).toMatchObject({ code: 0, stderr: '' });
});

it('that did not move the date from which the mailbox is read', async () => {
  const yesterday = Math.floor(Date.now() / 1000) - DAY_S;
  await writeFile(join(folder, 'com', 'new', `${yesterday}.1.test`), letter({ id: 'yesterday@mail.example' }));
  daemon = startDaemon(env);
  await ticketed(daemon, 2);
});

it('beside the daemon: tickets, set, ticket, ingest, audit', async () => {
  if (!daemon) throw new Error('the daemon did not start');
  const listed = await ticketsOf(env);
  expect(listed).toMatchObject([{ severity: 'S2', provisional: true }, { severity: 'S2' }]);
  [first = '', second = ''] = listed.map(({ number }) => number);
  const set = await run(['set', first, 'superadmin', LARGE], env);
  expect(set).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('severity S1, priority customer') });
  expect((await ticketOf(env, first)).history.at(-1)).toMatchObject({ by: 'associate' });
  expect(await run(['ingest', await eml('beside')], env)).toMatchObject({ code: 0, stderr: '' });
  await ticketed(daemon, 3);
  const audit = await run(['audit', '--json'], env);
  expect(audit).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(audit.stdout)).toMatchObject({ mails: 3, ticketed: 3, inFlight: 0, unexplained: 0 });
});

it('the daemon ends with 0 and its server with it; without it the same commands work', async () => {
  expect(await daemon?.stop()).toBe(0);
  daemon = undefined;
  const set = await run(['set', second, 'superadmin', LARGE], env);
  expect(set).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('severity S1, priority customer') });
  expect(await ticketsOf(env)).toMatchObject([{ severity: 'S1' }, { severity: 'S1' }, { severity: 'S2' }]);
  expect(await run(['ingest', await eml('alone')], env)).toMatchObject({ code: 0, stderr: '' });
  const audit = await run(['audit'], env);
  expect(audit).toMatchObject({ code: 0, stderr: '' });
  expect(audit.stdout).toBe(
    '4 mails: 3 ticketed, 0 appended, 0 suppressed, 0 quarantined, 1 in flight\n0 unexplained\n',
  );
  await using again = startDaemon(env);
  await ticketed(again, 4);
  expect(await again.stop()).toBe(0);
});
