/** What an associate says was done on a ticket, and what a partner says after it was resolved. */
import { describe, expect, it } from 'vitest';
import { ticketTable } from '../../src/commands/ticket-table.ts';
import { listPage, ticketPage } from '../../src/console/pages.ts';
import { listTickets } from '../../src/ledger/views.ts';
import { digestNotices } from '../../src/stages/digest-notices.ts';
import { watchClock } from '../../src/stages/watch-clock.ts';
import { clockWorld, known, MONDAY, S2, small } from '../support/clock-world.ts';

const world = clockWorld();
const { at, arrive, answer, shown, told, notices, mark } = world;

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

  it.each([
    ['answered in time: no manager is told', '17:30', 'no answer since', '16:50', 0],
    ['answered late, but before it: no manager is told', '17:30', 'no answer since', '17:10', 0],
    ['a risk after it: the manager is told', '16:55', 'there was a security breach', '16:50', 1],
    ['a risk beside what had passed: the manager is told', '17:30', 'there was a security breach', '16:50', 1],
  ])('an answer of before the lead was told, marked after: %s', async (_, time, wish, answered, managers) => {
    const from = 'Agent <agent@reseller.example>';
    const ticket = await arrive({ id: 'first@mail.example', from, ...known });
    const due = (await shown(ticket)).deadlines.firstResponse?.commitment;
    expect(due).toBe('2026-03-02T17:00:00.000Z');
    const lines = [`Please escalate P-${ticket}: ${wish}.`];
    await arrive({ id: 'wish@mail.example', from, subject: 'Escalation', lines }, `2026-03-02T${time}:00Z`);
    await digestNotices(at('2026-03-02T17:31:00Z'));
    await mark(ticket, 'determined', `2026-03-02T${answered}:00Z`, '2026-03-02T17:40:00Z');
    await digestNotices(at('2026-03-02T22:31:00Z'));
    const key = `escalation P-${ticket}`;
    expect((await notices()).filter((one) => one.startsWith('escalation'))).toEqual(
      [key, `${key} manager`].slice(0, 1 + managers),
    );
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
    expect(await notices(), 'no manager for what was answered').toEqual([
      `breach P-${ticket} firstResponse ${(await shown(ticket)).clock[0]?.commitment}`,
    ]);
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

  it('an answer after it was resolved is shown, and a reopened ticket has its clock again', async () => {
    const ticket = await arrive({ id: 'again@mail.example' });
    await mark(ticket, 'resolved', '2026-03-02T15:00:00Z');
    expect((await shown(ticket)).decision.tags).not.toContain('answered-after-resolved');
    await answer(ticket, 'again', '2026-03-03T15:00:00Z', ['It is NOT solved. Nobody can log in.']);
    const late = await shown(ticket);
    expect(late).toMatchObject({ status: 'resolved', number: `P-${ticket}` });
    expect(late.decision.tags).toContain('answered-after-resolved');
    expect(ticketTable(await listTickets(world.ctx.db), new Date())).toContain('resolved, answered since');
    expect(late.history.map(({ what }) => what)).toContain('answered after it was resolved');
    const pages = async () => [
      String(await listPage(await listTickets(world.ctx.db), new Date())),
      String(await ticketPage(await shown(ticket), new Date())),
    ];
    const [list, page] = await pages();
    expect(list).toContain('resolved, answered since');
    expect(page).toContain('(resolved)');
    expect(page).toContain('The partner wrote again after it was resolved');

    await mark(ticket, 'reopened', '2026-03-03T16:00:00Z');
    const { decision, ...reopened } = await shown(ticket);
    expect(decision.tags).not.toContain('answered-after-resolved');
    for (const after of await pages()) expect(after).not.toMatch(/answered since|wrote again/);
    expect(reopened).toMatchObject({
      status: 'open',
      states: ['firstResponse 1 met', 'determination 1 met', 'determination 2 running'],
      deadlines: { determination: { target: '2026-03-04T16:00:00.000Z', commitment: '2026-03-05T16:00:00.000Z' } },
    });
    await watchClock(at('2026-03-05T16:00:00Z'));
    expect(await notices()).toEqual([`breach P-${ticket} determination 2 2026-03-05T16:00:00.000Z`]);
    await mark(ticket, 'resolved', '2026-03-05T17:00:00Z');
    expect((await shown(ticket)).status).toBe('resolved');
  });

  it('a large account is promised its resolution again', async () => {
    const ticket = await arrive({ id: 'large@mail.example', ...known });
    await mark(ticket, 'resolved', '2026-03-02T15:00:00Z');
    await mark(ticket, 'reopened', '2026-03-02T16:00:00Z');
    expect((await shown(ticket)).states.filter((state) => state.endsWith('running'))).toEqual([
      'determination 2 running',
      'resolution 2 running',
    ]);
  });

  it('only what was resolved, and after that, is reopened', async () => {
    const ticket = await arrive(small('open'));
    await expect(mark(ticket, 'reopened', '2026-03-02T15:00:00Z')).rejects.toThrow(/is open/);
    await mark(ticket, 'resolved', '2026-03-02T16:00:00Z');
    await expect(mark(ticket, 'reopened', '2026-03-02T15:00:00Z', '2026-03-02T17:00:00Z')).rejects.toThrow(
      /before it was resolved/,
    );
  });
});
