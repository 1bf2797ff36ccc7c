/** `policy try` and `policy explain` as an operator runs them: on a ledger with tickets, and on a mail. Neither writes anything. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run, startDaemon } from '../support/daemon.ts';
import { ticketFor } from '../support/ledger-view.ts';
import { letter } from '../support/letters.ts';
import { openWorld, type World } from '../support/world.ts';

let world: World;
const numbers = new Map<string, string>();

beforeAll(async () => {
  world = await openWorld({ queue: 'postgresql' });
  await using _daemon = startDaemon(world.env);
  const mails = [
    letter({ id: 'large@mail.example', says: 'nothing', subject: 'A large account' }),
    letter({ id: 'ask@mail.example', says: 'ask', subject: 'Nobody knows them' }),
    letter({
      id: 'labelled@mail.example',
      subject: 'Other words',
      lines: ['Zoho product name: Zoho CRM', 'Zuckerwatte: nobody@unknown.example'],
    }),
  ];
  for (const [index, raw] of mails.entries()) {
    await world.deliver([{ mailbox: 'com', raw }]);
    const id = ['large@mail.example', 'ask@mail.example', 'labelled@mail.example'][index] as string;
    numbers.set(id, `P-${(await ticketFor(world, id)).id}`);
  }
}, 90_000);
afterAll(() => world?.close());

/** A copy of the policy in force with one thing changed. */
async function other(name: string, from: string | RegExp, to: string): Promise<string> {
  const folder = join(world.env.VAR_DIR as string, `tried-${Math.random()}`);
  await cp(world.env.POLICY_DIR as string, folder, { recursive: true });
  const file = join(folder, name);
  const source = await readFile(file, 'utf8');
  expect(source.replace(from, to)).not.toBe(source);
  await writeFile(file, source.replace(from, to));
  return folder;
}

/** Every row of every table of ours. */
async function contents(): Promise<unknown[]> {
  const tables = ['mail', 'ticket', 'decision', 'event', 'reply', 'notice', 'setting', 'delivery'];
  return await Promise.all(
    tables.map((table) => world.query(`select md5(string_agg(t::text, '' order by t::text)) as hash from ${table} t`)),
  );
}

it('names what would differ, by which rule, and writes nothing', async () => {
  const before = await contents();
  const folder = await other('regions.yaml', 'licences: 100', 'licences: 130');
  const { code, stdout, stderr } = await run(['policy', 'try', folder], world.env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [summary, ...lines] = stdout.trim().split('\n');
  expect(summary).toMatch(/^1 of 3: 1 S1 -> S2, 1 are no longer large accounts$/);
  expect(lines).toEqual([
    `${numbers.get('large@mail.example')}  A large account  S1 -> S2, are no longer large accounts  ` +
      expectedRules('regions.india.licences: 120 < 130'),
  ]);
  expect(await contents()).toEqual(before);

  function expectedRules(first: string): string {
    const line = lines[0] ?? '';
    expect(line).toContain(`[${first}`);
    return line.slice(line.indexOf('['));
  }
});

it('says the same as JSON, of the last mails only', async () => {
  const folder = await other('outbound.yaml', 'noteEveryDays: 7', 'noteEveryDays: 8');
  const none = await run(['policy', 'try', folder, '--json', '--last', '2'], world.env);
  expect(JSON.parse(none.stdout)).toMatchObject({ summary: { mails: 2, differ: 0, counts: {} } });
  const severity = await other('severity.yaml', /^default: S3$/m, 'default: S2');
  const { stdout } = await run(['policy', 'try', severity, '--json'], world.env);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { summary } = lines.pop();
  expect(summary).toMatchObject({ mails: 3, differ: lines.length });
  expect(summary.tried).not.toBe(summary.inForce);
  for (const line of lines) expect(line).toMatchObject({ ticket: expect.any(String), changes: expect.any(Array) });
});

it('reads the originals again when asked, since labels are policy', async () => {
  const folder = await other('languages/en.yaml', /(\n {2}superadminEmail:\n)/, '$1    - Zuckerwatte\n');
  const stored = await run(['policy', 'try', folder], world.env);
  expect(stored.stdout).toBe('0 of 3 would differ\n');
  const { stdout } = await run(['policy', 'try', folder, '--reread'], world.env);
  expect(stdout).toMatch(/^1 of 3: .*1 reply missing-superadmin-ask -> superadmin-unknown/);
  expect(stdout).toContain(`${numbers.get('labelled@mail.example')}  Other words  `);
});

it('refuses a broken policy, a folder that is none and a number that is none', async () => {
  const folder = await other('regions.yaml', 'licences: 100', 'licences: many');
  const broken = await run(['policy', 'try', folder], world.env);
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain("regions.yaml: regions.india.licences: 'many' is not a number");
  expect((await run(['policy', 'try', '/nowhere'], world.env)).code).toBe(1);
  const number = await run(['policy', 'try', folder, '--last', 'few'], world.env);
  expect(number).toMatchObject({ code: 2, stderr: expect.stringContaining('--last few is no number of mails') });
});

it('explains a mail from standard input', async () => {
  const input = letter({ id: 'x@mail.example', says: 'nothing' });
  const { code, stdout } = await run(['policy', 'explain', '-'], world.env, { input });
  expect(code).toBe(0);
  expect(stdout).toContain('decided S1, priority customer');
  expect(stdout).toContain('120 >= 100  [regions.india.licences; regions.yaml regions.india.licences: 100]');
  expect(stdout).toMatch(/by impact alone it would be S2, incident because .*wrong/);
  expect(stdout).toContain('with 21 fewer licences (99): severity S1 -> S2, not a large account');
  const json = await run(['policy', 'explain', '--json', '-'], world.env, { input });
  expect(JSON.parse(json.stdout)).toMatchObject({
    file: '-',
    decision: { severity: 'S1' },
    runnerUp: { severity: 'S2', priorityCustomer: false },
    rules: expect.arrayContaining([expect.objectContaining({ rule: 'regions.india.licences' })]),
  });
});
