/** The clock while the partner is asked for something, and how the waiting ends. */
import { describe, expect, it } from 'vitest';
import { wishes } from '../../src/ledger/index.ts';
import { decideAgain } from '../../src/stages/decide-again.ts';
import { endHeld } from '../../src/stages/end-held.ts';
import { resumeUnanswered, resumeUnasked, takeUpOlder } from '../../src/stages/tend-clocks.ts';
import { watchClock } from '../../src/stages/watch-clock.ts';
import { clockWorld, MONDAY, S2 } from '../support/clock-world.ts';
import { LARGE } from '../support/letters.ts';

const world = clockWorld();
const { at, query, arrive, answer, shown, told, mark } = world;

describe('while the partner is asked', () => {
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
    expect(await answer(ticket, 'ask', '2026-03-05T14:00:00Z', ['I will ask the customer and come back to you.'])).toBe(
      ticket,
    );
    expect((await shown(ticket)).states, 'nothing was given').toEqual([
      'firstResponse 1 breached',
      'determination 1 paused',
    ]);
    await answer(ticket, 'ask', '2026-03-06T14:00:00Z', ['Super admin email: owner@small.example']);
    expect(await shown(ticket)).toMatchObject({
      states: ['firstResponse 1 breached', 'determination 1 running'],
      // Friday 15:00 in Berlin and 24 or 48 hours of working days.
      deadlines: { determination: { target: '2026-03-09T14:00:00.000Z', commitment: '2026-03-10T14:00:00.000Z' } },
    });
    expect(await told(ticket)).toEqual([
      'clock paused',
      'commitment breached',
      'clock stays paused',
      'clock runs again',
      'deadlines moved',
    ]);
    const [pause] = await query('select from_at, until_at, because, ended_because from pause');
    expect(pause).toEqual({
      from_at: new Date(MONDAY),
      until_at: new Date('2026-03-06T14:00:00Z'),
      because: 'the partner is asked (missing-superadmin-ask)',
      ended_because: 'nothing is missing any more',
    });
    const { decision, deadlines } = await shown(ticket);
    expect(decision.deadlines).toEqual(deadlines);
    const moved = (await shown(ticket)).history.find(({ what }) => what === 'deadlines moved');
    expect(moved?.because, 'as the clock has it, not as the decision').toContain(
      'Tue 10 Mar 2026 15:00 (Europe/Berlin)',
    );
  });

  it('a question that is not answered stops the clock for the longest pause and no longer', async () => {
    const ticket = await arrive({ id: 'silent@mail.example' });
    const { longestHours } = world.ctx.policy.commitment.pauses;
    const end = new Date(Date.parse(MONDAY) + longestHours * 3_600_000);
    await resumeUnanswered(at(new Date(end.getTime() - 1000).toISOString()));
    expect((await shown(ticket)).states[1]).toBe('determination 1 paused');
    await resumeUnanswered(at(end.toISOString()));
    expect((await shown(ticket)).states[1]).toBe('determination 1 running');
    expect(await query('select until_at from pause')).toEqual([{ until_at: end }]);
    expect((await shown(ticket)).history.at(-2)).toMatchObject({
      what: 'clock runs again',
      because: expect.stringContaining(`did not come in ${longestHours} hours`),
    });
  });

  it('an answer that leaves something else missing ends one pause and begins another', async () => {
    const ticket = await arrive({ id: 'other@mail.example' });
    await answer(ticket, 'other', '2026-03-03T14:00:00Z', ['Super admin email: nobody@unknown.example']);
    const pauses = await query('select from_at, until_at, because from pause order by id');
    expect(pauses).toMatchObject([
      { until_at: new Date('2026-03-03T14:00:00Z'), because: 'the partner is asked (missing-superadmin-ask)' },
      {
        from_at: new Date('2026-03-03T14:00:00Z'),
        because: 'the partner is asked (superadmin-unknown)',
        until_at: null,
      },
    ]);
  });

  it('an answer after which nobody is asked any more ends the pause, and a thank-you then pauses nothing', async () => {
    const ticket = await arrive({ id: 'often@mail.example' });
    const hour = (n: number) => new Date(Date.parse(MONDAY) + n * 3_600_000);
    for (const n of [1, 2, 3]) {
      await answer(ticket, 'often', hour(n).toISOString(), [`Super admin email: wrong${n}@unknown.example`]);
      expect((await shown(ticket)).states[1], `asked again, ${n}`).toBe('determination 1 paused');
    }
    await answer(ticket, 'often', hour(4).toISOString(), ['Thank you, I will ask the customer.']);
    expect((await shown(ticket)).states[1], 'it gives nothing').toBe('determination 1 paused');
    await answer(ticket, 'often', hour(5).toISOString(), ['Super admin email: wrong5@unknown.example']);
    expect(await shown(ticket)).toMatchObject({
      decision: { reply: 'superadmin-unknown' },
      states: ['firstResponse 1 running', 'determination 1 running'],
      // Five hours were waited.
      deadlines: { determination: { commitment: '2026-03-04T19:00:00.000Z' } },
    });
    expect((await query('select until_at, ended_because from pause order by id')).at(-1)).toEqual({
      until_at: hour(5),
      ended_because: 'the partner answered, no other question goes out',
    });
    const { history } = await shown(ticket);
    expect(history.at(-1)).toMatchObject({ because: expect.stringMatching(/^the ticket has had \d replies already$/) });
    await answer(ticket, 'often', hour(6).toISOString(), ['Thank you, I will ask the customer.']);
    expect((await shown(ticket)).states[1]).toBe('determination 1 running');
  });

  it('an answer whose next question waits for a person ends the pause; released it begins another', async () => {
    const ticket = await arrive({ id: 'limited@mail.example' });
    const outbound = { ...world.ctx.policy.outbound, maxRepliesPerRecipientAndDay: 1 };
    const limited = { ...world.ctx, policy: { ...world.ctx.policy, outbound } };
    const [asked] = await query<{ message_id: string }>('select message_id from reply');
    const again = {
      ...{ id: 'limited-again@mail.example', from: 'Agent <agent@limited.example>', subject: 'Re:' },
      ...{ headers: [`In-Reply-To: ${asked?.message_id}`], lines: ['Super admin email: wrong@unknown.example'] },
    };
    await arrive(again, '2026-03-02T16:00:00Z', limited);
    const [, held] = await query<{ id: string; state: string }>('select id, state from reply order by id');
    expect(held?.state).toBe('held');
    expect((await shown(ticket)).states[1]).toBe('determination 1 running');
    await endHeld(at('2026-03-02T18:00:00Z'), Number(held?.id), 'release');
    expect((await shown(ticket)).states[1]).toBe('determination 1 paused');
    expect(await query('select from_at, until_at, ended_because from pause order by id')).toEqual([
      {
        from_at: new Date(MONDAY),
        until_at: new Date('2026-03-02T16:00:00Z'),
        ended_because: 'the partner answered, no other question goes out',
      },
      { from_at: new Date('2026-03-02T18:00:00Z'), until_at: null, ended_because: null },
    ]);
  });

  it('a pause that the policy does not want any more ends with that reason', async () => {
    const ticket = await arrive({ id: 'switched@mail.example' });
    const pauses = { ...world.ctx.policy.commitment.pauses, whileAsked: false };
    const policy = { ...world.ctx.policy, commitment: { ...world.ctx.policy.commitment, pauses } };
    await decideAgain(at('2026-03-03T15:00:00Z', { ...world.ctx, policy }), {
      ...{ ticketId: ticket, trigger: 'set', by: 'associate', because: 'looked at', superadmin: null },
    });
    expect((await shown(ticket)).decision.missing).toEqual(['superadminEmail']);
    expect((await shown(ticket)).states[1]).toBe('determination 1 running');
    const reason = 'the policy stops nothing for what is missing (missing-superadmin-ask)';
    expect(await query('select ended_because from pause')).toEqual([{ ended_because: reason }]);
  });

  it.each(['by its Message-ID', 'by its recipient'])(
    'a question that bounces has stopped nothing: found %s',
    async (how) => {
      const ticket = await arrive({ id: 'gone@mail.example' });
      await query("update reply set state = 'sent', attempts = 1");
      const [reply] = await query<{ message_id: string; recipient: string }>('select message_id, recipient from reply');
      const report = (status: string, id: string) =>
        [
          'From: Mail Delivery Subsystem <mailer-daemon@mx.example>',
          'To: partner-support@zohocorp.com',
          'Subject: Undelivered Mail Returned to Sender',
          `Message-ID: <${id}@mx.example>`,
          'MIME-Version: 1.0',
          'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
          '',
          '--b',
          'Content-Type: text/plain',
          '',
          'Your message could not be delivered.',
          '--b',
          'Content-Type: message/delivery-status',
          '',
          'Reporting-MTA: dns; mx.example',
          '',
          `Final-Recipient: rfc822; ${how.includes('recipient') ? reply?.recipient : 'rewritten@mx.example'}`,
          `Action: ${status.startsWith('4') ? 'delayed' : 'failed'}`,
          `Status: ${status}`,
          '',
          ...(how.includes('recipient')
            ? []
            : ['--b', 'Content-Type: text/rfc822-headers', '', `Message-ID: ${reply?.message_id}`, '']),
          '--b--',
          '',
        ].join('\r\n');
      await world.receive('late', report('4.4.1', 'late'), '2026-03-03T13:00:00Z');
      expect((await shown(ticket)).states[1], 'it may still arrive').toBe('determination 1 paused');
      await world.receive('dsn', report('5.1.1', 'dsn'), '2026-03-03T14:00:00Z');
      expect(await shown(ticket)).toMatchObject({
        deadlines: S2,
        states: ['firstResponse 1 running', 'determination 1 running'],
      });
      const { history } = await shown(ticket);
      expect(history.map(({ what }) => what).slice(-3)).toEqual([
        'reply delayed',
        'reply did not arrive',
        'clock runs again',
      ]);
      expect(history.at(-2)?.because).toContain('5.1.1');
    },
  );

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
    const pauses = { ...world.ctx.policy.commitment.pauses, whileAsked: false };
    const policy = { ...world.ctx.policy, commitment: { ...world.ctx.policy.commitment, pauses } };
    const ticket = await arrive({ id: 'no-pause@mail.example' }, MONDAY, { ...world.ctx, policy });
    expect((await shown(ticket)).states).toEqual(['firstResponse 1 running', 'determination 1 running']);
  });

  it('what had passed before it paused is still missed for whoever asks to escalate', async () => {
    const ticket = await arrive({
      id: 'missed@mail.example',
      lines: [
        'Customer email address: user@small.example',
        'Description of the issue/question: The report shows wrong results.',
      ],
    });
    await mark(ticket, 'responded', '2026-03-02T15:00:00Z');
    await watchClock(at('2026-03-05T15:00:00Z'));
    await answer(ticket, 'missed', '2026-03-05T16:00:00Z', ['Super admin email: nobody@unknown.example']);
    const due = await world.ctx.db.transaction().execute((tx) => wishes.lockEscalated(tx, ticket));
    expect(due?.due.determination?.commitment).toBe((await shown(ticket)).deadlines.determination?.commitment);
  });

  it('a ticket of an older ledger that waits for its partner goes on waiting', async () => {
    const ticket = await arrive({ id: 'older@mail.example' });
    const { clock } = await shown(ticket);
    await query('delete from deadline');
    await query('delete from pause');
    await query('update ticket set calendars = null');
    await takeUpOlder(at('2026-03-04T15:00:00Z'));
    expect((await shown(ticket)).clock).toEqual(clock);
    await watchClock(at('2026-03-05T15:00:00Z'));
    expect((await shown(ticket)).states).toEqual(['firstResponse 1 breached', 'determination 1 paused']);
  });
});
