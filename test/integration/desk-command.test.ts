/** What an operator sees of Desk: desk list and retry, metrics, audit. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { correctionsExport } from '../../src/commands/corrections.ts';
import { deskList, deskRetry } from '../../src/commands/desk.ts';
import { createConsole } from '../../src/console/app.ts';
import { auditLedger } from '../../src/ledger/audit.ts';
import { planDesk } from '../../src/stages/desk/plan.ts';
import { run } from '../support/daemon.ts';
import { CUSTOM_FIELDS } from '../support/desk/fields.ts';
import { type DeskWorld, openDeskWorld } from '../support/desk-world.ts';
import { said } from '../support/in-process.ts';
import { LARGE } from '../support/letters.ts';
import { until } from '../support/wait.ts';

/** Of the portal: the value that is missing is added when a test says so. */
const severities = ['S2', 'S3'];
const FIELDS = CUSTOM_FIELDS.map((field) =>
  field.apiName === 'cf_severity' ? { ...field, allowedValues: severities } : field,
);

let world: DeskWorld;
beforeAll(async () => {
  world = await openDeskWorld({ portals: [{ fields: FIELDS }] });
});
afterAll(() => world?.close());

const list = () => said(deskList, world.env);
const retry = (number?: string) => said(() => deskRetry(number), world.env);
async function metrics(): Promise<string[]> {
  const { db, queue, now, takeAttachment } = world.ctx;
  const read = () => Promise.reject(new Error('nothing is read here'));
  const answer = await createConsole({ db, queue, now, takeAttachment, read }).request('/metrics');
  return (await answer.text()).split('\n').filter((line) => line.startsWith('partner_intake_desk_'));
}
const problems = async (since: Date | null = world.ctx.deskSince) =>
  (await auditLedger(world.ctx.db, [], since)).problems;
const ticketed = (name: string, says: 'ask' | 'nothing' = 'ask') =>
  world.ticketed({ id: `${name}@command.example`, from: 'agent@reseller.example', says });
/** Passes until all that is left failed. */
const passes = () =>
  until(
    async () => {
      await world.pass();
      return (await world.open()).every((call) => / failed /.test(call));
    },
    { what: 'every call to be done or failed' },
  );

describe('before anything was brought to Desk', () => {
  it('there is nothing to list, nothing to make again and nothing to measure', async () => {
    expect(await list()).toBe('Nothing was brought to Desk yet.\n');
    expect(await retry()).toBe('error: nothing failed: partner-intake desk list shows what did');
    expect(await metrics()).toEqual([]);
    expect(await problems()).toEqual([]);
  });
});

describe('what waits', () => {
  it('is listed and measured, with its age', async () => {
    await ticketed('waits');
    const at = new Date(Date.now() - 90_000);
    await world.delivered();
    await world.ctx.db
      .updateTable('desk_call')
      .set({ state: 'intended', created_at: at })
      .where('kind', '=', 'note')
      .execute();
    expect(await list()).toMatch(
      new RegExp(`^com: 1 to do, the oldest since ${at.toISOString()}; 0 failed; \\d+ credits left today\\n$`),
    );
    const [open, failed, backlog, credits] = await metrics();
    expect([open, failed]).toEqual([
      'partner_intake_desk_calls_open{portal="com"} 1',
      'partner_intake_desk_calls_failed{portal="com"} 0',
    ]);
    expect(Number(backlog?.split(' ')[1])).toBeGreaterThanOrEqual(90);
    expect(Number(backlog?.split(' ')[1])).toBeLessThan(120);
    expect(credits).toMatch(/^partner_intake_desk_credits_left\{portal="com"\} \d+$/);
    expect(await problems()).toEqual([]);
    await world.delivered();
  });
});

describe('what Desk refused', () => {
  let number: string;
  beforeAll(async () => {
    number = await ticketed('refused', 'nothing');
    await passes();
  });

  it('is listed with the reason and the field; it is no backlog, but audit and metrics name it', async () => {
    const [, ...failed] = (await list()).trim().split('\n');
    expect(failed).toEqual([expect.stringMatching(new RegExp(`^${number} {2}\\w+ {2}.*cf_severity is invalid`))]);
    expect(failed.join()).not.toContain(LARGE);
    expect(await metrics()).toContain('partner_intake_desk_calls_failed{portal="com"} 1');
    expect(await problems()).toEqual([
      `ticket ${number} has something that Desk refused: partner-intake desk list says why`,
    ]);
    expect(world.there(number)).toHaveLength(1);
  });

  it('is made again when somebody says so, of one ticket or of all', async () => {
    expect(await retry('P-1')).toBe('error: nothing failed of P-1: partner-intake desk list shows what did');
    expect(await retry('x')).toMatch(/^error: "x" is no ticket number/);
    expect(await retry(number)).toBe('1 will be made again.\n');
    await passes();
    expect(await problems(), 'it is refused again').toHaveLength(1);
    severities.push('S1');
    expect(await retry()).toBe('1 will be made again.\n');
    await world.delivered();
    expect(world.there(number)[0]?.cf.cf_severity).toBe('S1');
    expect(await problems()).toEqual([]);
    expect(await list()).toMatch(/^com: 0 to do; 0 failed; \d+ credits left today\n$/);
  });
});

describe('audit', () => {
  it('names a ticket that nothing brings to Desk', async () => {
    const number = await ticketed('late');
    const id = Number(number.slice('P-'.length));
    expect(await problems()).toEqual([]);
    await world.ctx.db
      .updateTable('ticket')
      .set({ updated_at: new Date(Date.now() - 2 * 3_600_000) })
      .where('id', '=', id)
      .execute();
    expect(await problems()).toEqual([
      `ticket ${number} has changes that nobody brings to Desk: does the deliver role run?`,
    ]);
    expect(await problems(null), 'tickets stay in the ledger now').toEqual([]);
    await world.delivered();
    expect(await problems()).toEqual([]);
    await world.ctx.db.updateTable('desk_ticket').set({ remote_id: null }).where('ticket_id', '=', id).execute();
    await world.ctx.db.deleteFrom('desk_call').where('ticket_id', '=', id).execute();
    expect(await problems()).toEqual([`ticket ${number} is to go to Desk, but nothing makes it there`]);
  });
});

describe('audit, as a command', () => {
  const inDay = () => new Date(Date.now() - 25 * 3_600_000);
  const unexplained = async (env: Record<string, string>) =>
    JSON.parse((await run(['audit', '--json'], { ...world.env, ...env })).stdout).problems;

  it('names what waits for a day, also for a portal that is not configured; nothing when tickets stay in the ledger', async () => {
    await world.ctx.db.deleteFrom('desk_ticket').where('remote_id', 'is', null).execute();
    const number = await ticketed('forgotten');
    const id = Number(number.slice('P-'.length));
    await planDesk(world.ctx);
    await world.ctx.db
      .updateTable('desk_call')
      .set({ created_at: inDay(), portal: 'eu' })
      .where('ticket_id', '=', id)
      .execute();
    await world.pass();
    const waits = expect.stringMatching(new RegExp(`^ticket ${number} waits for Desk for more than a day: `));
    expect(await unexplained({})).toEqual([waits]);
    expect(await unexplained({ TICKETS: 'ledger:' })).toEqual([]);
    await world.ctx.db.updateTable('desk_call').set({ portal: 'com' }).where('ticket_id', '=', id).execute();
    await world.delivered();
    expect(await unexplained({})).toEqual([]);
  });

  it('knows since when from the configuration: nobody need have delivered', async () => {
    await ticketed('nobody');
    await world.ctx.db.deleteFrom('setting').where('key', '=', 'desk-since').execute();
    await world.ctx.db
      .updateTable('ticket')
      .set({ updated_at: new Date(Date.now() - 2 * 3_600_000) })
      .where('untold', '=', true)
      .execute();
    expect(await unexplained({ TICKETS_SINCE: '2020-01-01' })).toHaveLength(1);
    expect(await unexplained({ TICKETS_SINCE: '2100-01-01' })).toEqual([]);
  });
});

describe('the program', () => {
  it('knows the commands, and refuses what it does not know in a line', async () => {
    const list = await run(['desk', 'list'], world.env);
    expect(list).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^com: /) });
    expect(await run(['desk', 'retry', 'P-x'], world.env)).toMatchObject({ code: 2, stdout: '' });
    const exported = await run(['corrections', 'export', '--since', 'yesterday'], world.env);
    expect(exported).toMatchObject({
      ...{ code: 2, stderr: 'partner-intake: --since: "yesterday" is not a date: write it as 2026-01-31\n' },
    });
  });

  it('exports no corrections as an empty list', async () => {
    expect(await said(() => correctionsExport({}), world.env)).toMatch(/^# Severities that [\s\S]*\n\[\]\n$/);
  });
});
