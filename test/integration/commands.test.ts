/** The commands as an operator types them, on PostgreSQL and Redis: beside the daemon and without it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaint } from '../support/complaint.ts';
import { type Daemon, run, startDaemon } from '../support/daemon.ts';
import {
  AUDIT_KEYS,
  DECISION_KEYS,
  ENQUIRY_KEYS,
  HISTORY_KEYS,
  keysOf,
  REPLY_KEYS,
  SHOWN_TICKET_KEYS,
  TICKET_KEYS,
  ticketOf,
  ticketsOf,
} from '../support/json-shapes.ts';
import { LARGE, letter } from '../support/letters.ts';
import { until } from '../support/wait.ts';
import { openWorld, type World } from '../support/world.ts';

const PATIENCE = { timeout: 45_000, every: 50 };

let world: World;
let files: string;
let daemon: Daemon | undefined;
let numbers: Record<string, string>;

const mailsIn = async (state: string): Promise<number> =>
  (await world.query(`select from mail where state = '${state}'`)).length;

beforeAll(async () => {
  files = await mkdtemp(join(tmpdir(), 'commands-'));
  world = await openWorld({ queue: 'redis' });
  const letters = [
    letter({ id: 'large@mail.example', says: 'nothing', from: 'agent@reseller.example' }),
    letter({ id: 'beside@mail.example', says: 'ask' }),
    letter({ id: 'alone@mail.example', says: 'ask' }),
    letter({ id: 'away@mail.example', headers: ['Auto-Submitted: auto-replied'] }),
  ];
  await world.deliver(letters.map((raw) => ({ mailbox: 'com', raw })));
  daemon = startDaemon(world.env);
  await until(async () => (await mailsIn('ticketed')) === 3 && (await mailsIn('suppressed')) === 1, PATIENCE);
  await until(async () => (await world.query("select from reply where state = 'sent'")).length === 2, PATIENCE);
  numbers = Object.fromEntries((await ticketsOf(world.env)).map(({ messageId, number }) => [messageId, number]));
});
afterAll(async () => {
  await daemon?.kill9();
  await world?.close();
  await rm(files, { recursive: true, force: true });
});

describe.each(['beside', 'alone'] as const)('with the daemon %s', (where) => {
  const inFlight = where === 'alone' ? 1 : 0;

  beforeAll(async () => {
    if (where === 'beside') return;
    expect(await daemon?.stop()).toBe(0);
    daemon = undefined;
  });

  it('tickets lists them, oldest first', async () => {
    const all = await ticketsOf(world.env);
    const listed = all.map(({ number }) => number);
    expect(listed).toHaveLength(where === 'beside' ? 3 : 4);
    // Numbers have gaps where two runs of one mail met.
    for (const number of listed) expect(number).toMatch(/^P-1\d{3}$/);
    expect(listed).toEqual(listed.toSorted());
    for (const ticket of all) {
      expect(keysOf(ticket)).toEqual(TICKET_KEYS);
      for (const reply of ticket.replies) expect(keysOf(reply)).toEqual(REPLY_KEYS);
    }
    expect(all.find(({ messageId }) => messageId === '<large@mail.example>')).toMatchObject({
      mailboxes: ['com'],
      from: 'agent@reseller.example',
      partner: 'Reseller',
      subject: 'Request large@mail.example',
      severity: 'S1',
      priorityCustomer: true,
      provisional: false,
      superadminEmail: LARGE,
      region: 'india',
      requestNature: 'incident',
      status: 'open',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      replies: [],
    });
    expect(all.find(({ messageId }) => messageId === '<beside@mail.example>')?.replies).toEqual([
      {
        kind: 'missing-superadmin-ask',
        to: 'agent@sender.example',
        state: 'sent',
        messageId: expect.stringMatching(/^<.+@zohocorp\.com>$/),
      },
    ]);
  });

  it('set fills the super admin by hand, and the workflow runs; ticket tells it', async () => {
    const number = numbers[`<${where}@mail.example>`] ?? '';
    const set = await run(['set', number, 'superadmin', ` ${LARGE.toUpperCase()}`], world.env);
    expect(set).toMatchObject({ code: 0, stderr: '' });
    expect(set.stdout).toBe(`${number}: super admin ${LARGE}; severity S1, priority customer\n`);
    const ticket = await ticketOf(world.env, number);
    expect(keysOf(ticket)).toEqual(SHOWN_TICKET_KEYS);
    expect(keysOf(ticket.enquiry)).toEqual(ENQUIRY_KEYS);
    expect(keysOf(ticket.decision)).toEqual(DECISION_KEYS);
    for (const entry of ticket.history) expect(keysOf(entry)).toEqual(HISTORY_KEYS);
    expect(ticket).toMatchObject({
      mails: [`<${where}@mail.example>`],
      severity: 'S1',
      priorityCustomer: true,
      provisional: false,
      superadminEmail: LARGE,
      decision: {
        missing: [],
        reply: null,
        reasons: expect.arrayContaining([{ rule: 'regions.india.licences', because: '120 >= 100' }]),
      },
    });
    expect(ticket.history.at(-1)).toMatchObject({
      by: 'associate',
      what: expect.stringContaining('severity S2 -> S1, priorityCustomer false -> true, provisional true -> false'),
      because: expect.stringContaining(`the super admin was set to ${LARGE} by hand`),
    });
    expect(ticket.replies, 'the associate speaks to the partner').toHaveLength(1);
  });

  it('ingest takes files, each once', async () => {
    const file = join(files, `${where}.eml`);
    await writeFile(file, letter({ id: `${where}@files.example` }));
    const first = await run(['ingest', file, join(files, 'absent.eml')], world.env);
    expect(first.code).toBe(1);
    expect(complaint(first)).toMatch(/absent\.eml: ENOENT/);
    expect(first.stdout).toMatch(/: stored as mail \d+ \(mailbox com\)\n1 of 2 files are new/);
    const again = await run(['ingest', file], world.env);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toMatch(/: known already, nothing done \(mailbox com\)\n0 of 1 files are new/);
    if (where === 'beside') await until(async () => (await mailsIn('ticketed')) === 4, PATIENCE);
  });

  it('audit accounts for every mail', async () => {
    const audit = await run(['audit', '--json'], world.env);
    expect(audit).toMatchObject({ code: 0, stderr: '' });
    expect(keysOf(JSON.parse(audit.stdout))).toEqual(AUDIT_KEYS);
    expect(JSON.parse(audit.stdout)).toEqual({
      mails: 5 + inFlight,
      ticketed: 4,
      appended: 0,
      suppressed: 1,
      quarantined: 0,
      inFlight,
      unexplained: 0,
      problems: [],
    });
  });
});

it('what was ingested while nobody ran is decided at the next start', async () => {
  await using again = startDaemon(world.env);
  await until(async () => (await mailsIn('ticketed')) === 5, PATIENCE);
  expect(await again.stop()).toBe(0);
});

it('ticket shows one, however its number is written, and in words', async () => {
  const number = numbers['<large@mail.example>'] ?? '';
  const spellings = [number, number.toLowerCase(), number.slice(2)];
  const [first, ...rest] = await Promise.all(spellings.map((one) => run(['ticket', one, '--json'], world.env)));
  expect(first).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(`"number":"${number}"`) });
  expect(rest).toEqual([first, first]);
  const text = await run(['ticket', number], world.env);
  expect(text).toMatchObject({ code: 0, stderr: '' });
  for (const part of [number, 'Priority Customer - Large User Account', LARGE, '120 >= 100', 'History'])
    expect(text.stdout).toContain(part);
});

it('tickets with a limit, and in words', async () => {
  const [one, none] = await Promise.all([ticketsOf(world.env, '--limit', '1'), ticketsOf(world.env, '--limit', '0')]);
  expect(one).toHaveLength(1);
  expect(none).toEqual([]);
  const table = await run(['tickets', '--limit', '2'], world.env);
  expect(table.stdout.trimEnd().split('\n').slice(2)).toHaveLength(2);
  expect(table.stdout).toContain(`\n${one[0]?.number}  `);
});

it('mark says what an associate did, and what is due next', async () => {
  const number = numbers['<alone@mail.example>'] ?? '';
  const marked = await run(['mark', number, 'responded'], world.env);
  expect(marked).toMatchObject({ code: 0, stderr: '' });
  expect(marked.stdout).toMatch(
    /^P-\d+: marked responded\n {2}first response: done .+\n {2}next response: due by .+\n {2}resolution: due by .+\n$/,
  );
  const ticket = await ticketOf(world.env, number);
  expect(ticket.history.at(-1)).toMatchObject({ by: 'associate', what: 'marked responded' });
  const resolved = await run(['mark', number, 'resolved'], world.env);
  expect(resolved).toMatchObject({ code: 0, stderr: '' });
  expect((await run(['tickets'], world.env)).stdout).toMatch(new RegExp(`^${number} .* resolved `, 'm'));
  const again = await run(['mark', number, 'resolved'], world.env);
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(complaint(again)).toBe(`${number} is resolved already: if it is not, mark it reopened first`);
});

it('trace tells every step of a mail', async () => {
  const [bare, inBrackets] = await Promise.all([
    run(['trace', 'away@mail.example'], world.env),
    run(['trace', '<away@mail.example>'], world.env),
  ]);
  expect(bare).toMatchObject({ code: 0, stderr: '' });
  expect(bare).toEqual(inBrackets);
  const steps = bare.stdout.trimEnd().split('\n');
  expect(steps.map((step) => step.replace(/^\S+ {2}mail \d+ {2}/, '').replace(/ \(.*/, ''))).toEqual([
    'daemon: stored',
    'daemon: read as auto-reply',
    'daemon: suppressed',
  ]);
  expect(steps.at(-1)).toContain('Auto-Submitted is auto-replied');
});

it.each<[args: string[], says: string]>([
  [['ticket', 'P-4242'], 'there is no ticket P-4242: partner-intake tickets lists them'],
  [['set', '4242', 'superadmin', LARGE], 'there is no ticket P-4242: partner-intake tickets lists them'],
  [['mark', '4242', 'responded'], 'there is no ticket P-4242: partner-intake tickets lists them'],
  [['trace', 'nobody@mail.example'], 'no mail with the Message-ID <nobody@mail.example> is in the ledger'],
])('%j names nothing there is: one line', async (args, says) => {
  const outcome = await run(args, world.env);
  expect(complaint(outcome)).toBe(says);
  expect(outcome).toMatchObject({ code: 1, stdout: '' });
});

it('audit in words, and with exit code 1 when something cannot be explained', async () => {
  const all = await run(['audit'], world.env);
  expect(all).toMatchObject({ code: 0, stderr: '' });
  expect(all.stdout).toBe('6 mails: 5 ticketed, 0 appended, 1 suppressed, 0 quarantined, 0 in flight\n0 unexplained\n');
  await world.query('delete from delivery where mail_id = (select min(mail_id) from ticket)');
  const broken = await run(['audit', '--json'], world.env);
  expect(broken.code).toBe(1);
  expect(JSON.parse(broken.stdout)).toMatchObject({
    unexplained: 2,
    problems: [
      expect.stringMatching(/^mail \d+ was never delivered to any mailbox$/),
      expect.stringMatching(/^mailbox com: message \S+ is not in the ledger$/),
    ],
  });
});
