/** The commitment clock with the time in hand: what becomes due is done once, whoever looks, and however late. */
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { clockState } from '../../src/ledger/clock-passes.ts';
import { watchClock } from '../../src/stages/watch-clock.ts';
import { clockWorld, known, MONDAY, small } from '../support/clock-world.ts';
import { until } from '../support/wait.ts';

const world = clockWorld();
const { at, query, arrive, shown, told, notices } = world;

/** The notices' keys when both promises were missed. */
const bothBreaches = async (ticket: number): Promise<string[]> =>
  (await shown(ticket)).clock.map(({ what, commitment }) => `breach P-${ticket} ${what} ${commitment}`);

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
    expect(await notices()).toEqual([`breach P-${ticket} firstResponse ${commitment}`]);
    expect((await shown(ticket)).states[0]).toBe('firstResponse 1 breached');
    await look(earlier(commitment, -4 * 60 + 1));
    expect(await notices()).toHaveLength(1);
    await look(earlier(commitment, -4 * 60));
    expect(await notices()).toEqual([
      `breach P-${ticket} firstResponse ${commitment}`,
      `breach P-${ticket} firstResponse ${commitment} manager`,
    ]);
    await look(earlier(commitment, -5 * 60));
    expect((await told(ticket)).filter((what) => /breach/.test(what))).toEqual([
      'commitment breached',
      'breach goes to the manager',
    ]);
  });

  it('warns the lead, too, where the policy wants it', async () => {
    const ticket = await arrive(small('warn'));
    const commitment = { ...world.ctx.policy.commitment, warning: { notify: true } };
    const { firstResponse } = (await shown(ticket)).deadlines;
    await watchClock(at(firstResponse?.target ?? '', { ...world.ctx, policy: { ...world.ctx.policy, commitment } }));
    expect(await notices()).toEqual([`warning P-${ticket} firstResponse ${firstResponse?.commitment}`]);
  });

  it('a pass that is killed has done nothing, and the next does all of it', async () => {
    const ticket = await arrive(small('killed'));
    const lock = new pg.Client({ connectionString: world.url });
    await lock.connect();
    await lock.query('begin; lock table notice in access exclusive mode');
    const pass = watchClock(at('2026-03-06T14:00:00Z')).then(
      () => 'done',
      () => 'killed',
    );
    try {
      await until(async () => {
        // Not by the connection that holds the lock: a transaction sees the activity as it was when it first asked.
        const cut = await world.pool.query(
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
    expect(await notices()).toEqual(await bothBreaches(ticket));
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

  it('a process whose time is slow makes no standstill, and one whose time is fast hides none for long', async () => {
    for (let n = 0; n < 11; n += 1) await arrive(small(`slow${n}`));
    await watchClock(at('2026-03-03T01:59:50Z'));
    await watchClock(at('2026-03-03T01:30:00Z'));
    await watchClock(at('2026-03-03T02:00:20Z'));
    expect(await notices()).toEqual(expect.arrayContaining([expect.stringMatching(/^breach P-\d+ firstResponse/)]));
    expect(await notices()).toHaveLength(11);
    const last = async () => (await query<{ value: string }>(`select value from setting where key = 'clock-pass'`))[0];
    // The database's own time decides: it is not the one in hand.
    const ahead = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    const { afterMinutes } = world.ctx.policy.commitment.standstill;
    const [near, far] = [ahead(afterMinutes - 5), ahead(afterMinutes + 5)];
    await watchClock(at(near));
    await watchClock(at(ahead(0)));
    expect((await last())?.value).toBe(near);
    await watchClock(at(far));
    const now = ahead(0);
    await watchClock(at(now));
    expect((await last())?.value).toBe(now);
  });

  it('after a standstill a few are told one by one', async () => {
    await watchClock(at('2026-03-02T13:59:00Z'));
    const ticket = await arrive(small('few'));
    await watchClock(at('2026-03-05T14:00:00Z'));
    expect(await notices()).toEqual(await bothBreaches(ticket));
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

it('the state of all clocks is counted', async () => {
  await arrive(small('one'));
  await arrive({ id: 'two@mail.example' });
  const count = (time: string) => clockState(world.ctx.db, new Date(time));
  expect(await count(MONDAY)).toEqual({ overdue: 0, due_soon: 0, paused: 1, running: 3 });
  expect(await count('2026-03-02T21:00:00Z')).toEqual({ overdue: 0, due_soon: 2, paused: 1, running: 1 });
  expect(await count('2026-03-05T21:00:00Z')).toEqual({ overdue: 3, due_soon: 0, paused: 1, running: 0 });
});
