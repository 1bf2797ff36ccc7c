/** What an associate corrects by hand: each correction is a new decision that says what changed and why, and what was set stays. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble } from '../../src/assemble.ts';
import { readConfig } from '../../src/config.ts';
import { ticketPage } from '../../src/console/pages.ts';
import { ticketId, ticketNumber } from '../../src/ledger/tickets.ts';
import { showTicket } from '../../src/ledger/views.ts';
import type { Decision } from '../../src/model.ts';
import type { Context } from '../../src/stages/context.ts';
import { decideMail } from '../../src/stages/decide-mail.ts';
import { storeArrivals } from '../../src/stages/store.ts';
import { type Environment, run } from '../support/daemon.ts';
import { ticketOf } from '../support/json-shapes.ts';
import { LARGE, type Letter, letter } from '../support/letters.ts';
import { LICENCES, PARTNERS } from '../support/population.ts';
import { startPostgres } from '../support/postgres.ts';

const LARGE_ZOID = '650000001';
const SMALL = 'owner@small.example';

let resources: AsyncDisposableStack;
let env: Environment;
let ctx: Context;

beforeAll(async () => {
  resources = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'corrections-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  for (const part of ['new', 'cur', 'tmp']) await mkdir(join(folder, 'com', part), { recursive: true });
  await writeFile(join(folder, 'licences.csv'), LICENCES);
  await writeFile(
    join(folder, 'partners.csv'),
    `${PARTNERS}late.example,Late Ltd,authorized,IN,,en,expired,m@zoho.example\n`,
  );
  const postgres = await startPostgres();
  resources.defer(() => postgres.stop());
  env = {
    MAILBOX_COM: `maildir:${join(folder, 'com')}`,
    SMTP_COM: `maildir:${join(folder, 'out')}`,
    DATABASE_URL: await postgres.freshDatabase(),
    LICENCES: `csv:${join(folder, 'licences.csv')}`,
    PARTNERS: `csv:${join(folder, 'partners.csv')}`,
    VAR_DIR: folder,
    LOG_LEVEL: 'silent',
  };
  ctx = (await assemble(readConfig(env), resources)).ctx;
});
afterAll(() => resources.disposeAsync());

/** @returns the ticket's number. */
async function ticketed(one: Letter): Promise<string> {
  const arrival = { locator: one.id, arrivedAt: new Date(), raw: Buffer.from(letter(one)), oversized: null };
  const [id] = (await storeArrivals(ctx, 'com', { arrivals: [arrival], cursor: null })).keys();
  if (id === undefined) throw new Error(`${one.id} was stored before`);
  await decideMail(ctx, id);
  const mail = await ctx.db.selectFrom('mail').select('ticket_id').where('id', '=', id).executeTakeFirstOrThrow();
  return ticketNumber(mail.ticket_id ?? 0);
}

async function set(...args: string[]): Promise<string> {
  const outcome = await run(['set', ...args], env);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  return outcome.stdout;
}

/** What the history says of the last decision: its deadlines and replies have entries of their own. */
async function lastDecided(number: string) {
  const { history } = await ticketOf(env, number);
  return history.findLast(({ what }) => what.startsWith('decided again')) ?? { by: '', what: '', because: '' };
}

const decisionsOn = (number: string): Promise<{ trigger: string; decision: Decision }[]> =>
  ctx.db
    .selectFrom('decision')
    .select(['trigger', 'decision'])
    .where('ticket_id', '=', ticketId(number) ?? 0)
    .orderBy('id')
    .execute();

describe('a ticket that was decided provisionally', () => {
  let number: string;

  beforeAll(async () => {
    number = await ticketed({ id: 'ask@corrected.example', from: 'agent@reseller.example' });
  });

  it('is decided in full when an associate finds the account by an id; the history says who, why and what changed', async () => {
    const said = await set(number, 'zoid', LARGE_ZOID, '--by', 'Asha', '--because', 'told on the phone');
    expect(said).toBe(`${number}: super admin ${LARGE}; severity S1, priority customer\n`);
    const { superadminEmail, enquiry } = await ticketOf(env, number);
    expect(superadminEmail).toBe(LARGE);
    expect(enquiry.fields.zoid).toMatchObject({ value: LARGE_ZOID, by: 'associate' });
    const { by, what, because } = await lastDecided(number);
    expect(by).toBe('associate');
    expect(because).toMatch(/^zoid was set to 650000001 by hand by Asha: told on the phone; S1, priority/);
    for (const changed of [
      'severity S2 -> S1',
      'priorityCustomer false -> true',
      'provisional true -> false',
      `account none -> ${LARGE}`,
      'licences none -> 120 (Zoho CRM)',
      'reply missing-superadmin-ask -> missing-superadmin-note',
    ]) {
      expect(what).toContain(changed);
    }
    const { history } = await ticketOf(env, number);
    const moved = history.findLast((entry: { what: string }) => entry.what.startsWith('deadlines moved'));
    expect(`${moved?.what} ${moved?.because}`).toMatch(/resolution/);
  });

  it('keeps a severity that was set by hand, also when the partner answers', async () => {
    expect(await set(number, 'severity', 's3', '--because', 'a question after all')).toContain(
      'severity S3 (set by an associate), priority customer',
    );
    const reply = await ctx.db.selectFrom('reply').select('message_id').executeTakeFirstOrThrow();
    const answer = { id: 'answer@corrected.example', from: 'agent@reseller.example', lines: [`Super admin: ${LARGE}`] };
    expect(await ticketed({ ...answer, subject: 'Re:', headers: [`In-Reply-To: ${reply.message_id}`] })).toBe(number);
    const decisions = await decisionsOn(number);
    expect(decisions.map(({ trigger }) => trigger)).toEqual(['mail', 'set', 'set', 'answer']);
    expect(decisions.at(-1)?.decision).toMatchObject({
      severity: 'S3',
      priorityCustomer: true,
      missing: [],
      override: { severity: 'S3', by: 'an associate', because: 'a question after all' },
    });
    expect(decisions.at(-1)?.decision.reasons.map(({ rule }) => rule)).toContain('severity.override');
  });

  it('leaves the severity to the rules again', async () => {
    expect(await set(number, 'severity', 'auto')).toContain('severity S1, priority customer');
    expect((await lastDecided(number)).what).toContain('override S3 by an associate -> none');
  });

  it('has all its decisions, none overwritten', async () => {
    const decisions = (await decisionsOn(number)).map(({ decision }) => decision);
    expect(decisions.map(({ severity, provisional }) => `${severity} ${provisional}`)).toEqual([
      'S2 true',
      'S1 false',
      'S3 false',
      'S3 false',
      'S1 false',
    ]);
    expect(decisions[0]).toMatchObject({ account: null, missing: ['superadminEmail'], priorityCustomer: false });
    const again = (await ticketOf(env, number)).history.filter(({ what }) => what.startsWith('decided again'));
    expect(again.map(({ by }) => by)).toEqual(['associate', 'associate', 'partner', 'associate']);
    expect(decisions.map(({ directory }) => typeof directory?.ageSeconds)).toEqual(decisions.map(() => 'number'));
  });
});

it('another product, or another customer, is another decision', async () => {
  const number = await ticketed({ id: 'large@corrected.example', says: 'nothing', from: 'agent@reseller.example' });
  await set(number, 'product', 'campaigns');
  const [, excluded] = await decisionsOn(number);
  expect(excluded?.decision).toMatchObject({ severity: 'S2', priorityCustomer: false, tags: ['excluded-service'] });
  expect((await lastDecided(number)).what).toContain('tags +excluded-service');
  await set(number, 'product', 'Zoho CRM');
  await set(number, 'customer', 'user@small.example');
  expect((await decisionsOn(number)).at(-1)?.decision).toMatchObject({
    priorityCustomer: false,
    account: { superadminEmail: 'owner@small.example', matchedBy: 'domain' },
  });
  expect((await decisionsOn(number)).map(({ trigger }) => trigger)).toEqual(['mail', 'set', 'set', 'set']);
});

it('the ticket shows tier, contract and channels, at the terminal and in the console', async () => {
  const number = await ticketed({ id: 'late@corrected.example', says: 'nothing', from: 'agent@late.example' });
  const { stdout } = await run(['ticket', number], env);
  expect(stdout).toContain('partner Late Ltd: authorized, contract expired, escalation not offered');
  expect(stdout).toMatch(/^channels 24x5 support, .*help-centre widget$/m);
  expect(stdout).toMatch(/^licence directory answered 20\S+, data \d+ s old$/m);
  const shown = await showTicket(ctx.db, ticketId(number) ?? 0);
  expect(String(shown && (await ticketPage(shown, new Date())))).toContain(
    'contract expired, escalation not offered; channels: 24x5',
  );
});

it('a decision from before all this is still shown, and decided again', async () => {
  const number = await ticketed({ id: 'old@corrected.example', says: 'nothing', from: 'agent@reseller.example' });
  const id = ticketId(number) ?? 0;
  await sql`update ticket set decision = (decision - 'directory' - 'escalationOffered')
    || '{"partner": {"name": "Reseller", "tier": "premium", "verified": true}}' where id = ${id}`.execute(ctx.db);
  expect(await run(['ticket', number], env)).toMatchObject({ code: 0, stderr: '' });
  const shown = await showTicket(ctx.db, id);
  expect(String(shown && (await ticketPage(shown, new Date())))).toContain('Reseller: premium');
  await set(number, 'superadmin', 'owner@small.example');
  expect((await decisionsOn(number)).at(-1)?.decision).toMatchObject({
    escalationOffered: true,
    priorityCustomer: false,
  });
});

describe("the super admin's address that a ticket shows is that of its decision", () => {
  const view = async (number: string) => {
    const shown = await showTicket(ctx.db, ticketId(number) ?? 0);
    return {
      shown: shown?.superadminEmail,
      decided: shown?.decision.account?.superadminEmail,
      tags: shown?.decision.tags,
    };
  };

  it('also when an associate takes away what it was found by', async () => {
    const lines = ['Customer email address: user@large.example', 'Description of the issue/question: It is wrong.'];
    const number = await ticketed({ id: 'stale@corrected.example', from: 'agent@reseller.example', lines });
    expect(await view(number)).toMatchObject({ shown: LARGE, decided: LARGE });
    await set(number, 'customer', 'boss@elsewhere.example');
    expect(await view(number)).toMatchObject({ shown: null, decided: undefined });
  });

  it('also when the partner names another than an associate did; the conflict is shown', async () => {
    const number = await ticketed({ id: 'other@corrected.example', from: 'agent@reseller.example' });
    await set(number, 'zoid', LARGE_ZOID);
    const reply = await ctx.db
      .selectFrom('reply')
      .select('message_id')
      .where('ticket_id', '=', ticketId(number) ?? 0)
      .executeTakeFirstOrThrow();
    const answer = { id: 'named@corrected.example', from: 'agent@reseller.example', lines: [`Super admin: ${SMALL}`] };
    expect(await ticketed({ ...answer, subject: 'Re:', headers: [`In-Reply-To: ${reply.message_id}`] })).toBe(number);
    const after = await view(number);
    expect(after).toMatchObject({ shown: LARGE, decided: LARGE });
    expect(after.tags).toContain('superadmin-conflict');
  });

  it("an associate's word stays, whatever the partner names later", async () => {
    const number = await ticketed({ id: 'kept@corrected.example', from: 'agent@reseller.example' });
    await set(number, 'superadmin', LARGE);
    const reply = await ctx.db
      .selectFrom('reply')
      .select('message_id')
      .where('ticket_id', '=', ticketId(number) ?? 0)
      .executeTakeFirstOrThrow();
    const answer = { id: 'late@corrected.example', from: 'agent@reseller.example', lines: [`Super admin: ${SMALL}`] };
    expect(await ticketed({ ...answer, subject: 'Re:', headers: [`In-Reply-To: ${reply.message_id}`] })).toBe(number);
    expect(await view(number)).toMatchObject({ shown: LARGE, decided: LARGE });
  });
});
