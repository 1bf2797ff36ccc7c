/** The commitment clock on a real ledger, with the time in hand: what becomes due is done once, whoever looks, and however late. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assemble } from '../../src/assemble.ts';
import { readConfig } from '../../src/config.ts';
import { IntakeError } from '../../src/errors.ts';
import { clockState } from '../../src/ledger/clock-passes.ts';
import { showTicket } from '../../src/ledger/views.ts';
import type { Context } from '../../src/stages/context.ts';
import { decideMail } from '../../src/stages/decide-mail.ts';
import { type Mark, markTicket } from '../../src/stages/mark-ticket.ts';
import { storeArrivals } from '../../src/stages/store.ts';
import { resumeUnasked, takeUpOlder } from '../../src/stages/tend-clocks.ts';
import { watchClock } from '../../src/stages/watch-clock.ts';
import { decidePending } from '../../workers/clock.ts';
import { LARGE, type Letter, letter } from '../support/letters.ts';
import { LICENCES, PARTNERS } from '../support/population.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { until } from '../support/wait.ts';

let postgres: PostgresServer;
let folder: string;
let resources: AsyncDisposableStack;
let ctx: Context;
let url: string;
let pool: pg.Pool;

beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'clock-'));
  await writeFile(join(folder, 'licences.csv'), LICENCES);
  await writeFile(join(folder, 'partners.csv'), PARTNERS);
});
afterAll(async () => {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  url = await postgres.freshDatabase();
  const licences = `csv:${join(folder, 'licences.csv')}`;
  const partners = `csv:${join(folder, 'partners.csv')}`;
  const env = { DATABASE_URL: url, LICENCES: licences, PARTNERS: partners, VAR_DIR: folder, LOG_LEVEL: 'silent' };
  ({ ctx } = await assemble(readConfig(env), resources));
  pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined);
  resources.defer(() => pool.end());
  return () => resources.disposeAsync();
});

/** The daemon's context at a moment. New York, where a stranger's mail to the .com mailbox is counted, is 5 hours behind UTC. */
const at = (time: string, under: Context = ctx): Context => ({ ...under, now: () => new Date(time) });
const query = async <T extends pg.QueryResultRow>(text: string): Promise<T[]> => (await pool.query<T>(text)).rows;

/** Monday 2 March 2026, 09:00 in New York. */
const MONDAY = '2026-03-02T14:00:00.000Z';
/** Due dates of an S2 mail that came then. */
const S2 = {
  firstResponse: { target: '2026-03-02T20:00:00.000Z', commitment: '2026-03-03T02:00:00.000Z' },
  determination: { target: '2026-03-03T14:00:00.000Z', commitment: '2026-03-04T14:00:00.000Z' },
};

/** Stores a mail at its time and decides it then. @returns the id of its ticket. */
async function arrive(one: Letter, time = MONDAY, under = ctx): Promise<number> {
  const raw = Buffer.from(
    letter({ date: new Date(time), from: `Agent <agent@${one.id.split('@')[0]}.example>`, ...one }),
  );
  const arrival = { locator: one.id, arrivedAt: new Date(time), raw, oversized: null };
  const [mail] = (await storeArrivals(ctx, 'com', { arrivals: [arrival], cursor: null })).keys();
  await decideMail(at(time, under), mail ?? 0);
  const [row] = await query<{ ticket_id: string }>(`select ticket_id from mail where id = ${mail}`);
  return Number(row?.ticket_id);
}

async function shown(ticket: number) {
  const view = await showTicket(ctx.db, ticket);
  if (!view) throw new Error(`there is no ticket ${ticket}`);
  return { ...view, states: view.clock.map(({ what, round, state }) => `${what} ${round} ${state}`) };
}

const told = async (ticket: number): Promise<string[]> =>
  (await shown(ticket)).history
    .map(({ what }) => what)
    .filter((what) => /commitment|breach|clock|deadline|marked/.test(what));
const notices = async (): Promise<string[]> =>
  (await query<{ key: string }>('select key from notice order by id')).map(({ key }) => key);
const mark = (ticket: number, what: Mark, time: string, now = time) =>
  markTicket(at(now), { ticketId: ticket, mark: what, at: new Date(time) });

const known = { says: 'nothing' } as const;
/** A mail whose account is found and whose sender is not asked anything: S2, counted in Berlin. */
const small = (id: string): Letter => ({
  id: `${id}@mail.example`,
  lines: [
    'Super admin email: owner@small.example',
    'Description of the issue/question: The report shows wrong results.',
  ],
});

describe('what becomes due', () => {
  it('is warned, told the lead, then the manager: once each, though many look at once', async () => {
    const ticket = await arrive(small('due'));
    expect(await shown(ticket)).toMatchObject({
      severity: 'S2',
      states: ['firstResponse 1 running', 'determination 1 running'],
    });
    const look = async (time: string) => {
      await Promise.all(Array.from({ length: 6 }, () => watchClock(at(time))));
      await watchClock(at(time));
    };
    const { firstResponse } = (await shown(ticket)).deadlines;
    const [target, commitment] = [firstResponse?.target ?? '', firstResponse?.commitment ?? ''];
    const earlier = (time: string, minutes: number) => new Date(Date.parse(time) - minutes * 60_000).toISOString();

    await look(earlier(target, 1));
    expect(await told(ticket)).toEqual([]);
    await look(target);
    expect(await told(ticket)).toEqual(['commitment near']);
    expect(await notices()).toEqual([]);
    await look(earlier(commitment, 1));
    expect(await told(ticket)).toEqual(['commitment near']);
    await look(commitment);
    expect(await told(ticket)).toEqual(['commitment near', 'commitment breached']);
    expect(await notices()).toEqual([`breach P-${ticket} firstResponse`]);
    expect((await shown(ticket)).states[0]).toBe('firstResponse 1 breached');
    await look(earlier(commitment, -4 * 60 + 1));
    expect(await notices()).toHaveLength(1);
    await look(earlier(commitment, -4 * 60));
    expect(await notices()).toEqual([`breach P-${ticket} firstResponse`, `breach P-${ticket} firstResponse manager`]);
    await look(earlier(commitment, -5 * 60));
    expect((await told(ticket)).filter((what) => /breach/.test(what))).toEqual([
      'commitment breached',
      'breach goes to the manager',
    ]);
  });

  it('warns the lead, too, where the policy wants it', async () => {
    const ticket = await arrive(small('warn'));
    const commitment = { ...ctx.policy.commitment, warning: { notify: true } };
    const { firstResponse } = (await shown(ticket)).deadlines;
    await watchClock(at(firstResponse?.target ?? '', { ...ctx, policy: { ...ctx.policy, commitment } }));
    expect(await notices()).toEqual([`warning P-${ticket} firstResponse`]);
  });

  it('a pass that is killed has done nothing, and the next does all of it', async () => {
    const ticket = await arrive(small('killed'));
    const lock = new pg.Client({ connectionString: url });
    await lock.connect();
    await lock.query('begin; lock table notice in access exclusive mode');
    const pass = watchClock(at('2026-03-06T14:00:00Z')).then(
      () => 'done',
      () => 'killed',
    );
    try {
      await until(async () => {
        // Not by the connection that holds the lock: a transaction sees the activity as it was when it first asked.
        const cut = await pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where wait_event_type = 'Lock' and datname = current_database() and query like '%notice%'`,
        );
        return cut.rowCount;
      });
    } finally {
      await lock.end();
    }
    expect(await pass).toBe('killed');
    expect(await told(ticket)).toEqual([]);
    await watchClock(at('2026-03-06T14:01:00Z'));
    expect(await told(ticket)).toEqual(['commitment breached', 'commitment breached']);
    expect(await notices()).toEqual([`breach P-${ticket} firstResponse`, `breach P-${ticket} determination`]);
  });

  it('three days of standstill give one summary for each region, and every ticket its history', async () => {
    await watchClock(at('2026-03-02T13:59:00Z'));
    const tickets: number[] = [];
    for (let n = 0; n < 6; n += 1) tickets.push(await arrive(small(`still${n}`)));
    for (let n = 0; n < 6; n += 1) tickets.push(await arrive({ id: `large${n}@mail.example`, ...known }));
    await Promise.all([watchClock(at('2026-03-05T14:00:00Z')), watchClock(at('2026-03-05T14:00:00Z'))]);
    await watchClock(at('2026-03-05T14:01:00Z'));
    const rows = await query<{ key: string; kind: string; level: string; because: string; tickets: number[] }>(
      'select key, kind, level, because, tickets from notice order by key',
    );
    const stood = 'standstill';
    expect(rows).toEqual([
      expect.objectContaining({ key: `${stood} europe-uk 2026-03-02T13:59:00.000Z`, kind: stood, level: 'lead' }),
      expect.objectContaining({ key: `${stood} india 2026-03-02T13:59:00.000Z`, kind: stood, level: 'lead' }),
    ]);
    expect(rows[0]?.because).toMatch(/^12 commitments passed while no clock ran, between 2026-03-02T13:59/);
    expect(rows[0]?.tickets).toEqual(tickets.slice(0, 6));
    for (const ticket of tickets.slice(0, 6))
      expect(await told(ticket)).toEqual(['commitment breached', 'commitment breached']);
    for (const ticket of tickets.slice(6)) expect(await told(ticket)).toHaveLength(3);

    // Four hours later they are the managers', all at once: no flood either.
    await watchClock(at('2026-03-05T18:00:00Z'));
    await watchClock(at('2026-03-05T18:01:00Z'));
    const managers = (await notices()).slice(2);
    expect(managers.toSorted()).toEqual([
      'standstill europe-uk manager 2026-03-05T18:00:00.000Z',
      'standstill india manager 2026-03-05T18:00:00.000Z',
    ]);
  });

  it('after a standstill a few are told one by one', async () => {
    await watchClock(at('2026-03-02T13:59:00Z'));
    const ticket = await arrive(small('few'));
    await watchClock(at('2026-03-05T14:00:00Z'));
    expect(await notices()).toEqual([`breach P-${ticket} firstResponse`, `breach P-${ticket} determination`]);
  });

  it('while the clock runs many at once are told one by one', async () => {
    const tickets: number[] = [];
    for (let n = 0; n < 11; n += 1) tickets.push(await arrive(small(`many${n}`)));
    const { firstResponse } = (await shown(tickets[0] ?? 0)).deadlines;
    const commitment = Date.parse(firstResponse?.commitment ?? '');
    await watchClock(at(new Date(commitment - 1000).toISOString()));
    await watchClock(at(new Date(commitment + 1000).toISOString()));
    expect(await notices()).toHaveLength(11);
  });
});

describe('mark', () => {
  it('a response meets the first deadline and begins the next determination', async () => {
    const ticket = await arrive(small('respond'));
    await mark(ticket, 'responded', '2026-03-02T20:00:00Z');
    expect(await shown(ticket)).toMatchObject({
      status: 'open',
      states: ['firstResponse 1 met', 'determination 1 met', 'determination 2 running'],
      deadlines: {
        ...S2,
        determination: { target: '2026-03-03T20:00:00.000Z', commitment: '2026-03-04T20:00:00.000Z' },
      },
    });
    const last = (await shown(ticket)).history.at(-1);
    expect(last).toMatchObject({
      by: 'associate',
      what: 'marked responded',
      because: expect.stringContaining('first response in time'),
    });
    await mark(ticket, 'responded', '2026-03-04T20:00:00Z');
    await mark(ticket, 'determined', '2026-03-06T20:00:00Z');
    expect((await shown(ticket)).clock.map(({ state, kept }) => `${state} ${kept}`)).toEqual(Array(4).fill('met true'));
    await watchClock(at('2026-04-01T00:00:00Z'));
    expect(await notices()).toEqual([]);
  });

  it('too late is said, and what was told stays; an earlier time can be given', async () => {
    const ticket = await arrive(small('late'));
    await watchClock(at('2026-03-03T12:00:00Z'));
    expect((await shown(ticket)).states[0]).toBe('firstResponse 1 breached');
    await mark(ticket, 'responded', '2026-03-03T11:00:00Z', '2026-03-03T13:00:00Z');
    expect((await shown(ticket)).clock[0]).toMatchObject({
      state: 'met',
      since: '2026-03-03T11:00:00.000Z',
      kept: false,
    });
    expect(await told(ticket)).toEqual(['commitment breached', 'marked responded']);
    await watchClock(at('2026-03-03T20:00:00Z'));
    expect(await notices(), 'no manager for what was answered').toEqual([`breach P-${ticket} firstResponse`]);
  });

  it('resolved ends everything', async () => {
    const ticket = await arrive({ id: 'resolved@mail.example', ...known });
    expect((await shown(ticket)).states.at(-1)).toBe('resolution 1 running');
    await mark(ticket, 'resolved', '2026-03-02T15:00:00Z');
    expect(await shown(ticket)).toMatchObject({
      status: 'resolved',
      states: ['firstResponse 1 met', 'determination 1 met', 'resolution 1 met'],
    });
    await watchClock(at('2026-04-01T00:00:00Z'));
    expect(await notices()).toEqual([]);
    await expect(mark(ticket, 'responded', '2026-03-02T16:00:00Z')).rejects.toThrow(`P-${ticket} is resolved already`);
  });

  it('refuses what cannot be', async () => {
    const ticket = await arrive(small('refused'));
    await expect(mark(ticket, 'responded', '2026-03-02T15:00:00Z', MONDAY)).rejects.toThrow(/in the future/);
    await expect(mark(ticket, 'responded', '2026-03-02T13:00:00Z', MONDAY)).rejects.toThrow(/before its mail arrived/);
    await expect(mark(4242, 'responded', MONDAY)).rejects.toThrow('there is no ticket P-4242');
    await mark(ticket, 'responded', '2026-03-02T16:00:00Z');
    await expect(mark(ticket, 'responded', '2026-03-02T15:00:00Z', '2026-03-02T17:00:00Z')).rejects.toThrow(
      /was answered at/,
    );
    await mark(ticket, 'determined', '2026-03-02T18:00:00Z');
    await expect(mark(ticket, 'determined', '2026-03-02T18:00:00Z')).rejects.toThrow(/already/);
  });
});

describe('while the partner is asked', () => {
  const answer = async (ticket: number, name: string, time: string, lines: string[]) => {
    const [reply] = await query<{ message_id: string }>(
      `select message_id from reply where ticket_id = ${ticket} order by id`,
    );
    const headers = [`In-Reply-To: ${reply?.message_id}`];
    return await arrive(
      { id: `${name}-answer@mail.example`, from: `Agent <agent@${name}.example>`, headers, lines },
      time,
    );
  };

  it('determination waits, the first response does not; the answer moves it by the time paused', async () => {
    const ticket = await arrive({ id: 'ask@mail.example' });
    expect(await shown(ticket)).toMatchObject({
      deadlines: S2,
      states: ['firstResponse 1 running', 'determination 1 paused'],
    });
    expect((await shown(ticket)).clock[1]).toMatchObject({
      because: 'the partner is asked (missing-superadmin-ask)',
      since: MONDAY,
    });
    expect(await told(ticket)).toEqual(['clock paused']);
    // Friday 09:00 in New York: four working days were waited.
    await watchClock(at('2026-03-06T13:00:00Z'));
    expect((await shown(ticket)).states).toEqual(['firstResponse 1 breached', 'determination 1 paused']);
    expect(await answer(ticket, 'ask', '2026-03-06T14:00:00Z', ['I will ask the customer.'])).toBe(ticket);
    expect(await shown(ticket)).toMatchObject({
      states: ['firstResponse 1 breached', 'determination 1 running'],
      // Friday 09:00 and 24 or 48 hours of working days; summer time begins on Sunday, so Tuesday 09:00 is 13:00 UTC.
      deadlines: { determination: { target: '2026-03-09T13:00:00.000Z', commitment: '2026-03-10T13:00:00.000Z' } },
    });
    expect(await told(ticket)).toEqual(['clock paused', 'commitment breached', 'clock runs again', 'deadlines moved']);
    const [pause] = await query('select from_at, until_at, because, ended_because from pause');
    expect(pause).toEqual({
      from_at: new Date(MONDAY),
      until_at: new Date('2026-03-06T14:00:00Z'),
      because: 'the partner is asked (missing-superadmin-ask)',
      ended_because: 'the partner answered',
    });
  });

  it('an answer that shows a large account begins its resolution at the arrival, less the time waited', async () => {
    const ticket = await arrive({ id: 'found@mail.example' });
    await answer(ticket, 'found', '2026-03-03T14:00:00Z', [LARGE]);
    const { severity, states, deadlines } = await shown(ticket);
    expect(severity).toBe('S1');
    expect(states).toEqual(['firstResponse 1 running', 'determination 1 running', 'resolution 1 running']);
    expect(deadlines).toEqual({
      firstResponse: { target: '2026-03-02T15:00:00.000Z', commitment: '2026-03-02T17:00:00.000Z' },
      determination: { target: '2026-03-03T16:00:00.000Z', commitment: '2026-03-03T22:00:00.000Z' },
      resolution: { target: '2026-03-04T14:00:00.000Z', commitment: '2026-03-05T14:00:00.000Z' },
    });
    await watchClock(at('2026-03-03T14:00:01Z'));
    expect((await shown(ticket)).states[0], 'due at once').toBe('firstResponse 1 breached');
  });

  it('a question that was never sent has stopped nothing', async () => {
    const ticket = await arrive({ id: 'unsent@mail.example' });
    await query(`update reply set state = 'failed', because = 'refused' where ticket_id = ${ticket}`);
    await resumeUnasked(at('2026-03-03T14:00:00Z'));
    expect(await shown(ticket)).toMatchObject({
      deadlines: S2,
      states: ['firstResponse 1 running', 'determination 1 running'],
    });
    await resumeUnasked(at('2026-03-03T15:00:00Z'));
    expect(await told(ticket)).toEqual(['clock paused', 'clock runs again']);
  });

  it('nothing waits where the policy does not want it', async () => {
    const pauses = { ...ctx.policy.commitment.pauses, whileAsked: false };
    const policy = { ...ctx.policy, commitment: { ...ctx.policy.commitment, pauses } };
    const ticket = await arrive({ id: 'no-pause@mail.example' }, MONDAY, { ...ctx, policy });
    expect((await shown(ticket)).states).toEqual(['firstResponse 1 running', 'determination 1 running']);
  });
});

describe('a ticket that changes', () => {
  it('keeps the time it has spent: a commitment that has passed by then is due at once', async () => {
    const find = () => Promise.reject(new IntakeError('temporary', 'unreachable', 'the directory is down'));
    const ticket = await arrive({ id: 'later@mail.example', ...known }, MONDAY, {
      ...ctx,
      directory: { ...ctx.directory, find },
    });
    expect(await shown(ticket)).toMatchObject({ severity: 'S2', deadlines: S2 });
    await decidePending(at('2026-03-02T19:00:00Z'));
    expect(await shown(ticket)).toMatchObject({
      severity: 'S1',
      deadlines: {
        firstResponse: { commitment: '2026-03-02T17:00:00.000Z' },
        resolution: { target: '2026-03-03T14:00:00.000Z' },
      },
    });
    expect((await shown(ticket)).history.at(-1)?.what).toContain('severity S2 -> S1');
    await watchClock(at('2026-03-02T19:00:30Z'));
    expect(await notices()).toEqual([`breach P-${ticket} firstResponse`]);
  });

  it('of an older ledger has the deadlines of its decision, once', async () => {
    const ticket = await arrive(small('older'));
    const { clock, deadlines } = await shown(ticket);
    await query('delete from deadline; update ticket set calendars = null');
    expect((await shown(ticket)).deadlines).toEqual(deadlines);
    await Promise.all([takeUpOlder(at('2026-03-10T14:00:00Z')), takeUpOlder(at('2026-03-10T14:00:00Z'))]);
    expect((await shown(ticket)).clock).toEqual(clock);
    expect(await query('select from deadline')).toHaveLength(2);
  });
});

it('the state of all clocks is counted', async () => {
  await arrive(small('one'));
  await arrive({ id: 'two@mail.example' });
  const count = (time: string) => clockState(ctx.db, new Date(time));
  expect(await count(MONDAY)).toEqual({ overdue: 0, due_soon: 0, paused: 1, running: 3 });
  expect(await count('2026-03-02T21:00:00Z')).toEqual({ overdue: 0, due_soon: 2, paused: 1, running: 1 });
  expect(await count('2026-03-05T21:00:00Z')).toEqual({ overdue: 3, due_soon: 0, paused: 1, running: 0 });
});
