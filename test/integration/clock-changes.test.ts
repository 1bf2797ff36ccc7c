/** The clock of a ticket that is decided again, or comes from an older ledger. */
import { describe, expect, it } from 'vitest';
import { IntakeError } from '../../src/errors.ts';
import type { Severity } from '../../src/model.ts';
import type { Context } from '../../src/stages/context.ts';
import { decideAgain } from '../../src/stages/decide-again.ts';
import { followCalendars } from '../../src/stages/follow-calendars.ts';
import { settableField } from '../../src/stages/set-field.ts';
import { takeUpOlder } from '../../src/stages/tend-clocks.ts';
import { watchClock } from '../../src/stages/watch-clock.ts';
import { clockPass, decidePending } from '../../workers/clock.ts';
import { clockWorld, known, MONDAY, S2, small } from '../support/clock-world.ts';

const world = clockWorld();
const { at, query, arrive, shown, told, notices, mark } = world;
/** What the passes would wake is not at hand. */
const quiet = (ctx: Context): Context => ({ ...ctx, queue: { ...ctx.queue, enqueue: async () => undefined } });

describe('a holiday that a reload adds', () => {
  const FRIDAY = '2026-03-06T15:00:00.000Z';
  const underway = (hash: string, holidays: string[]) => {
    const commitment = { ...world.ctx.policy.commitment, holidays: { 'europe-uk': holidays } };
    return { ...world.ctx, policy: { ...world.ctx.policy, hash, commitment } };
  };
  const due = async (ticket: number) => (await shown(ticket)).deadlines;
  const A_DAY_LATER = {
    firstResponse: { target: '2026-03-06T21:00:00.000Z', commitment: '2026-03-10T03:00:00.000Z' },
    determination: { target: '2026-03-10T15:00:00.000Z', commitment: '2026-03-11T15:00:00.000Z' },
  };

  it('is one for open tickets; what was spent stays spent, and resolved tickets are left alone', async () => {
    const [ticket, done] = [await arrive(small('open'), FRIDAY), await arrive(small('done'), FRIDAY)];
    await mark(done, 'resolved', '2026-03-06T15:30:00Z');
    const before = await due(ticket);
    expect(before).toMatchObject({ firstResponse: { commitment: '2026-03-09T03:00:00.000Z' } });
    await clockPass(quiet(at('2026-03-06T15:45:00Z')));
    expect(await due(ticket)).toEqual(before);

    const holiday = underway('holiday', ['2026-03-09']);
    await Promise.all([1, 2, 3].map(() => clockPass(quiet(at('2026-03-06T16:00:00Z', holiday)))));
    await clockPass(quiet(at('2026-03-09T12:00:00Z', holiday)));
    const fresh = await arrive(small('fresh'), FRIDAY, holiday);
    expect(await due(ticket)).toEqual(A_DAY_LATER);
    expect(await due(fresh)).toEqual(A_DAY_LATER);
    expect(await told(ticket)).toEqual(['deadlines moved', 'commitment near']);
    expect((await shown(ticket)).history.find(({ what }) => what === 'deadlines moved')?.because).toBe(
      "the policy's working days are others: first response due by Tue 10 Mar 2026 04:00 (Europe/Berlin), was Mon 9 Mar 2026 " +
        '04:00 (Europe/Berlin); problem determination due by Wed 11 Mar 2026 16:00 (Europe/Berlin), was Tue 10 Mar 2026 16:00 ' +
        '(Europe/Berlin)',
    );
    expect(await notices()).toEqual([]);
    expect(await told(done)).toEqual(['marked resolved']);

    // A process that has not read the new policy leaves them alone; one that read the old one again does not.
    await clockPass(quiet(at('2026-03-09T12:00:30Z')));
    expect(await due(ticket)).toEqual(A_DAY_LATER);
    const back = underway(world.ctx.policy.hash, []);
    await clockPass(quiet(at('2026-03-09T13:00:00Z', back)));
    // Until 14:00 in Berlin Monday was a holiday: 8 of its 12 hours were spent on Friday.
    expect((await due(ticket)).firstResponse?.commitment).toBe('2026-03-09T17:00:00.000Z');
  });

  it('looks through open tickets once, and once more when what was under way is decided', async () => {
    const ticket = await arrive(small('late'), FRIDAY);
    const before = await due(ticket);
    const holiday = underway('holiday', ['2026-03-09']);
    await followCalendars(at('2026-03-06T16:00:00Z', holiday));
    expect(await due(ticket)).toEqual(A_DAY_LATER);
    // Decided under the old policy at the same time.
    const other = await arrive(small('underway'), FRIDAY);
    await followCalendars(at('2026-03-06T16:09:59Z', holiday));
    expect(await due(other)).toEqual(before);
    await followCalendars(at('2026-03-06T16:10:00Z', holiday));
    expect(await due(other)).toEqual(A_DAY_LATER);
    const third = await arrive(small('third'), FRIDAY);
    await followCalendars(at('2026-03-06T17:10:00Z', holiday));
    expect(await due(third), 'it is not looked for any more').toEqual(before);
  });
});

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

  it('keeps what is known of its account while the directory is down, until it is given another super admin', async () => {
    const find = () => Promise.reject(new IntakeError('temporary', 'unreachable', 'the directory is down'));
    const down = (time: string) => at(time, { ...world.ctx, directory: { ...world.ctx.directory, find } });
    const set = (ticket: number, field: string, value: string, time: string) => {
      const ctx = down(time);
      const correction = settableField(field)(value, { by: 'Asha', at: ctx.now(), because: null }, ctx.policy);
      const because = `${field} was set`;
      return decideAgain(ctx, { ticketId: ticket, trigger: 'set', by: 'associate', because, ...correction });
    };
    const lines = [
      'Customer email address: user@large.example',
      'Description of the issue/question: The report shows wrong results.',
    ];
    const ticket = await arrive({ id: 'kept@mail.example', lines });
    const { deadlines } = await shown(ticket);
    await watchClock(at('2026-03-02T17:00:30Z'));
    const breached = await shown(ticket);
    const large = {
      severity: 'S1',
      priorityCustomer: true,
      provisional: false,
      region: 'india',
      licences: 120,
      deadlines,
    };
    const state = async () => {
      const { decision, states, ...now } = await shown(ticket);
      const { severity, priorityCustomer, provisional, region, account, tags } = decision;
      const [pending] = await query<{ directory_pending: boolean }>(
        `select directory_pending from ticket where id = ${ticket}`,
      );
      const is = { severity, priorityCustomer, provisional, region, licences: account?.licences };
      return {
        ...is,
        deadlines: now.deadlines,
        states,
        tags: tags.filter((tag) => tag !== 'partner-unverified'),
        pending: pending?.directory_pending,
      };
    };
    const whileDown = { ...large, states: breached.states, tags: ['directory-unreachable'], pending: true };

    await set(ticket, 'product', 'Zoho Desk', '2026-03-02T17:10:00Z');
    expect(await state()).toEqual(whileDown);
    const reasons = (await shown(ticket)).decision.reasons;
    expect(reasons.find(({ rule }) => rule === 'identification.directory-unreachable')?.because).toContain(
      "owner@large.example's, is kept; decided again",
    );
    // An answer that names the account's own super admin, a second one after it, and an id that leads elsewhere or nowhere.
    await set(ticket, 'superadmin', 'owner@large.example', '2026-03-02T17:20:00Z');
    await set(ticket, 'zoid', '699999999', '2026-03-02T17:30:00Z');
    expect(await state()).toEqual(whileDown);
    await watchClock(at('2026-03-02T17:40:00Z'));
    await decidePending(at('2026-03-02T17:50:00Z'));
    expect(await state()).toMatchObject({ ...large, tags: [], states: breached.states, pending: false });
    expect(await notices()).toEqual([`breach P-${ticket} firstResponse 2026-03-02T17:00:00.000Z`]);
    expect(await told(ticket)).not.toContain('deadlines moved');

    // An excluded service has no priority whoever answers.
    await set(ticket, 'product', 'Zoho Campaigns', '2026-03-02T18:00:00Z');
    expect(await state()).toMatchObject({ priorityCustomer: false, region: 'india', licences: 120 });
    await set(ticket, 'superadmin', 'boss@other.example', '2026-03-02T18:10:00Z');
    expect(await state()).toMatchObject({
      priorityCustomer: false,
      provisional: true,
      licences: undefined,
      pending: true,
    });
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
