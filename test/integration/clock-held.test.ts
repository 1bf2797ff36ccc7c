/** The clock of a ticket whose question is held for a person: it asks nobody until somebody releases it. */
import { expect, it } from 'vitest';
import type { MailSender } from '../../src/ports.ts';
import { endHeld } from '../../src/stages/end-held.ts';
import { sendReply } from '../../src/stages/send-reply.ts';
import { resumeUnasked } from '../../src/stages/tend-clocks.ts';
import { clockWorld, MONDAY, S2 } from '../support/clock-world.ts';

const world = clockWorld();
const { at, query, arrive, answer, shown, told, mark } = world;

const TUESDAY = '2026-03-03T14:00:00.000Z';
const RUNNING = ['firstResponse 1 running', 'determination 1 running'];
const WAITING = ['firstResponse 1 running', 'determination 1 paused'];

/** A mail that is dated so long ago that its question waits for a person. */
const old = (name: string) => arrive({ id: `${name}@mail.example`, date: new Date('2026-02-20T14:00:00Z') });
/** A mail whose question nobody could deliver for two days. */
async function undelivered(name: string): Promise<number> {
  const ticket = await arrive({ id: `${name}@mail.example` });
  await query(`update reply set state = 'held', because = 'tried for 48 hours' where ticket_id = ${ticket}`);
  return ticket;
}
async function end(ticket: number, how: 'release' | 'drop', time = TUESDAY, under = world.ctx): Promise<void> {
  const [reply] = await query<{ id: string }>(`select id from reply where ticket_id = ${ticket}`);
  expect(await endHeld(at(time, under), Number(reply?.id), how)).toBe(true);
  expect(await endHeld(at(time, under), Number(reply?.id), how), 'it is not held any more').toBe(false);
}
const pauses = () => query('select from_at, until_at from pause order by id');

it('a question that is released stops the clock from then on, and the answer moves it by that time only', async () => {
  const ticket = await old('old');
  expect(await shown(ticket)).toMatchObject({ states: RUNNING, deadlines: S2 });
  await end(ticket, 'release');
  expect((await shown(ticket)).states).toEqual(WAITING);
  expect((await shown(ticket)).clock[1]).toMatchObject({
    since: TUESDAY,
    because: 'the partner is asked (missing-superadmin-ask)',
  });
  expect(await query('select state from reply')).toEqual([{ state: 'intended' }]);
  expect(await told(ticket)).toEqual(['clock paused']);
  await answer(ticket, 'old', '2026-03-05T14:00:00Z', ['Super admin email: owner@small.example']);
  expect(await pauses()).toEqual([{ from_at: new Date(TUESDAY), until_at: new Date('2026-03-05T14:00:00Z') }]);
  // 24 of its hours had been spent on Tuesday; two days were waited: 48 hours end on Friday, not on Wednesday.
  expect(await shown(ticket)).toMatchObject({
    states: RUNNING,
    deadlines: { determination: { target: TUESDAY, commitment: '2026-03-06T14:00:00.000Z' } },
  });
});

it('a question that is dropped stops nothing', async () => {
  const ticket = await old('dropped');
  await end(ticket, 'drop');
  expect(await shown(ticket)).toMatchObject({ states: RUNNING, deadlines: S2 });
  expect(await told(ticket)).toEqual([]);
  expect((await shown(ticket)).history.at(-1)).toMatchObject({ what: 'reply dropped', by: 'associate' });
});

it.each(['before the clock looked', 'after the clock looked'])(
  'one that could not be delivered and is released %s counts from then on',
  async (when) => {
    const ticket = await undelivered('undelivered');
    if (when.startsWith('after')) await resumeUnasked(at('2026-03-03T13:00:00Z'));
    await end(ticket, 'release');
    expect((await shown(ticket)).states).toEqual(WAITING);
    const monday = new Date(MONDAY);
    expect(await pauses()).toEqual([
      { from_at: monday, until_at: monday },
      { from_at: new Date(TUESDAY), until_at: null },
    ]);
    expect(await told(ticket)).toEqual(['clock paused', 'clock runs again', 'clock paused']);
  },
);

it('one that could not be delivered and is dropped lets the clock run at once', async () => {
  const ticket = await undelivered('given-up');
  await end(ticket, 'drop');
  expect(await shown(ticket)).toMatchObject({ states: RUNNING, deadlines: S2 });
  expect(await told(ticket)).toEqual(['clock paused', 'clock runs again']);
});

it('nothing waits for a question whose answer is there, on a resolved ticket, or where the policy does not want it', async () => {
  const answered = await old('answered');
  await answer(answered, 'answered', '2026-03-02T15:00:00Z', ['Super admin email: owner@small.example']);
  await end(answered, 'release');
  expect((await shown(answered)).states).toEqual(RUNNING);

  const resolved = await old('resolved');
  await mark(resolved, 'resolved', '2026-03-02T15:00:00Z');
  await end(resolved, 'release');
  expect((await shown(resolved)).states).toEqual(['firstResponse 1 met', 'determination 1 met']);

  const { commitment } = world.ctx.policy;
  const policy = {
    ...world.ctx.policy,
    commitment: { ...commitment, pauses: { ...commitment.pauses, whileAsked: false } },
  };
  const unpaused = await old('unpaused');
  await end(unpaused, 'release', TUESDAY, { ...world.ctx, policy });
  expect((await shown(unpaused)).states).toEqual(RUNNING);
  expect(await pauses()).toEqual([]);
});

it('a question that waits for its mail server asks nobody until it is sent', async () => {
  const ticket = await arrive({ id: 'waiting@mail.example' });
  const waits = ['firstResponse 1 running', 'determination 1 paused'];
  expect((await shown(ticket)).states).toEqual(waits);
  await resumeUnasked(at('2026-03-02T14:10:00Z'));
  expect((await shown(ticket)).states, 'it may go out any minute').toEqual(waits);
  await resumeUnasked(at('2026-03-02T14:20:00Z'));
  expect((await shown(ticket)).states).toEqual(RUNNING);

  const sent: string[] = [];
  const sender: MailSender = {
    send: async ({ messageId }) => String(sent.push(messageId)),
    find: async () => 'unknown',
    check: async () => '',
    close: async () => undefined,
  };
  const [reply] = await query<{ id: string }>(`select id from reply where ticket_id = ${ticket}`);
  await sendReply({ ...at(TUESDAY), senders: { com: sender } }, Number(reply?.id), 1);
  expect(sent).toHaveLength(1);
  expect((await shown(ticket)).states).toEqual(waits);
  expect(await pauses()).toContainEqual({ from_at: new Date(TUESDAY), until_at: null });
});
