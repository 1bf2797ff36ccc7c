/** SIGHUP: the running daemon takes a changed policy for the next mail, in deciding and in reading; a broken one is refused whole. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { ticketFor } from '../support/ledger-view.ts';
import { LARGE, letter } from '../support/letters.ts';
import { openWorld, type World } from '../support/world.ts';

const PATIENCE = { timeout: 45_000, every: 50 };
const FORCE = /"msg":"the rules were read again and are in force"/g;
const REFUSED = /"msg":"the rules were read again and refused: the old ones stay"/g;

let world: World;
let daemon: Daemon;

beforeAll(async () => {
  world = await openWorld({ queue: 'postgresql' });
  daemon = startDaemon(world.env);
  await daemon.says(/"msg":"started"/, PATIENCE);
});
afterAll(async () => {
  await daemon?.kill9();
  await world?.close();
});

const policyFile = (name: string): string => join(world.env.POLICY_DIR as string, name);

async function edit(name: string, from: string | RegExp, to: string): Promise<void> {
  const source = await readFile(policyFile(name), 'utf8');
  const edited = source.replace(from, to);
  expect(edited).not.toBe(source);
  await writeFile(policyFile(name), edited);
}

/** Sends SIGHUP and resolves when the daemon has said for the nth time what `pattern` holds. */
async function hangUp(to: Daemon, pattern: RegExp): Promise<void> {
  const before = to.output().match(pattern)?.length ?? 0;
  process.kill(to.pid, 'SIGHUP');
  await to.says(new RegExp(`(?:${pattern.source}[^]*){${before + 1}}`), PATIENCE);
}

async function decided(id: string, lines?: readonly string[]) {
  await world.deliver([{ mailbox: 'com', raw: letter({ id, says: 'nothing', ...(lines ? { lines } : {}) }) }]);
  return await ticketFor(world, id);
}

const UNHEARD_OF = 'Mailbox of whoever owns all that';
const LINES = [
  'Zoho product name: Zoho CRM',
  `${UNHEARD_OF}: ${LARGE}`,
  'Description of the issue/question: The report shows wrong results since this morning.',
];

it('a new threshold counts from the next mail on, and its hash is on the decision', async () => {
  const before = await decided('before@mail.example');
  expect(before.decision).toMatchObject({ severity: 'S1', priorityCustomer: true, threshold: 100 });
  await edit('regions.yaml', 'licences: 100', 'licences: 130');
  await hangUp(daemon, FORCE);
  const after = await decided('after@mail.example');
  expect(after.decision).toMatchObject({ severity: 'S2', priorityCustomer: false, threshold: 130 });
  expect(after.decision.policy).not.toBe(before.decision.policy);
  expect(daemon.output()).toContain(`"policy":"${after.decision.policy}","was":"${before.decision.policy}"`);
});

it('a new label is read by the reader threads too', async () => {
  const before = await decided('unheard-of@mail.example', LINES);
  expect(before.enquiry.fields.superadminEmail?.source.label ?? null).not.toBe(UNHEARD_OF);
  await edit('languages/en.yaml', /(\n {2}superadminEmail:\n)/, `$1    - ${UNHEARD_OF}\n`);
  await hangUp(daemon, FORCE);
  const after = await decided('heard-of@mail.example', LINES);
  expect(after.enquiry.fields.superadminEmail).toMatchObject({ value: LARGE, source: { label: UNHEARD_OF } });
});

it('a broken policy is refused whole: one line names file and path, the old one stays, mail goes on', async () => {
  const { decision } = await decided('still-whole@mail.example');
  await edit('regions.yaml', 'licences: 130', 'licences: many');
  await edit('regions.yaml', 'count: max', 'count: sum');
  await hangUp(daemon, REFUSED);
  const line = daemon
    .output()
    .split('\n')
    .find((one) => one.includes('refused'));
  const logged = JSON.parse(line ?? '');
  expect(logged).toMatchObject({ level: 50, policy: decision.policy });
  expect(logged.cause).toMatch(/regions\.yaml: regions\.india\.licences: 'many' is not a number \(line \d+\)$/);
  expect((await decided('broken@mail.example')).decision).toMatchObject({ threshold: 130, policy: decision.policy });

  await edit('regions.yaml', 'licences: many', 'licences: 120');
  await hangUp(daemon, FORCE);
  expect((await decided('mended@mail.example')).decision).toMatchObject({ severity: 'S1', threshold: 120 });
});

it('a policy folder that is gone changes nothing, and the daemon still ends in peace', async () => {
  await rm(policyFile('severity.yaml'));
  await hangUp(daemon, REFUSED);
  expect((await decided('gone@mail.example')).decision).toMatchObject({ severity: 'S1', threshold: 120 });
  expect(await daemon.stop()).toBe(0);
});

it('every role by itself hears it', async () => {
  await writeFile(policyFile('severity.yaml'), await readFile(join(import.meta.dirname, '../../policy/severity.yaml')));
  const roles = ['poll', 'classify', 'reply', 'clock', 'console'].map((role) => startDaemon(world.env, [role]));
  try {
    for (const role of roles) await role.says(/"msg":"started"/, PATIENCE);
    await edit('regions.yaml', 'licences: 120', 'licences: 121');
    for (const role of roles) await hangUp(role, FORCE);
    for (const role of roles) expect(await role.stop()).toBe(0);
  } finally {
    for (const role of roles) await role.kill9();
  }
});
