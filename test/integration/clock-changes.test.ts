/** The clock of a ticket that is decided again, or comes from an older ledger. */
import { describe, expect, it } from 'vitest';
import { IntakeError } from '../../src/errors.ts';
import type { Severity } from '../../src/model.ts';
import { decideAgain } from '../../src/stages/decide-again.ts';
import { takeUpOlder } from '../../src/stages/tend-clocks.ts';
import { watchClock } from '../../src/stages/watch-clock.ts';
import { decidePending } from '../../workers/clock.ts';
import { clockWorld, known, MONDAY, S2, small } from '../support/clock-world.ts';

const world = clockWorld();
const { at, query, arrive, shown, told, notices } = world;

describe('a ticket that changes', () => {
  it('keeps the time it has spent: a commitment that has passed by then is due at once', async () => {
    const find = () => Promise.reject(new IntakeError('temporary', 'unreachable', 'the directory is down'));
    const ticket = await arrive({ id: 'later@mail.example', ...known }, MONDAY, {
      ...world.ctx,
      directory: { ...world.ctx.directory, find },
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
    expect(await notices()).toEqual([`breach P-${ticket} firstResponse 2026-03-02T17:00:00.000Z`]);
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

  it('is told to the lead again when the promise moved and passes again', async () => {
    const ticket = await arrive(small('twice'));
    const severity = (to: Severity, time: string) =>
      decideAgain(at(time), {
        ticketId: ticket,
        trigger: 'set',
        by: 'associate',
        because: 'the severity was set by hand',
        superadmin: null,
        severity: { severity: to, by: 'Asha', at: time, because: 'said so' },
      });
    await severity('S1', '2026-03-02T14:10:00Z');
    await watchClock(at('2026-03-02T17:30:00Z'));
    await severity('S3', '2026-03-02T17:40:00Z');
    const moved = (await shown(ticket)).deadlines.firstResponse?.commitment ?? '';
    await watchClock(at(moved));
    const first = (await notices()).filter((key) => key.includes('firstResponse'));
    expect(first).toEqual([
      `breach P-${ticket} firstResponse 2026-03-02T17:00:00.000Z`,
      `breach P-${ticket} firstResponse ${moved}`,
    ]);
    expect(
      (await told(ticket)).filter((what) => what === 'deadlines moved'),
      'each time',
    ).toHaveLength(2);
  });

  it('of an older ledger counts for its partner from its next decision on', async () => {
    const ticket = await arrive({ ...small('partner'), from: 'Agent <agent@reseller.example>' });
    await query('update ticket set partner_domain = null');
    await decideAgain(at('2026-03-02T15:00:00Z'), {
      ticketId: ticket,
      trigger: 'set',
      by: 'associate',
      because: 'looked at',
      superadmin: null,
    });
    expect(await query('select partner_domain from ticket')).toEqual([{ partner_domain: 'reseller.example' }]);
  });
});
