/** The receipt: who gets one, what it says and keeps to itself, and how rarely. */
import { describe, expect, it } from 'vitest';
import { IntakeError } from '../../src/errors.ts';
import type { Policy } from '../../src/policy.ts';
import type { Context } from '../../src/stages/context.ts';
import { decidePending } from '../../workers/clock.ts';
import { clockWorld, known, MONDAY, small } from '../support/clock-world.ts';
import type { Letter } from '../support/letters.ts';

const world = clockWorld();
const { at, query, arrive, shown } = world;

type Sent = { kind: string; state: string; text: string; subject: string; html: string };
const repliesOn = (ticket: number): Promise<Sent[]> =>
  query<Sent>(`select kind, state, message->>'text' as text, message->>'subject' as subject, message->>'html' as html
    from reply where ticket_id = ${ticket} order by id`);
const receiptOn = async (ticket: number): Promise<Sent> => {
  const [reply, ...more] = await repliesOn(ticket);
  if (!reply || more.length > 0) throw new Error(`${more.length + (reply ? 1 : 0)} replies on ${ticket}`);
  expect(reply).toMatchObject({ kind: 'receipt', state: 'intended' });
  return reply;
};
const under = (
  receipt: Policy['outbound']['receipt'],
  change: (policy: Policy) => Policy = (same) => same,
): Context => {
  const { policy } = world.ctx;
  return { ...world.ctx, policy: change({ ...policy, outbound: { ...policy.outbound, receipt } }) };
};
const later = (days: number): string => new Date(Date.parse(MONDAY) + days * 86_400_000).toISOString();
/** A partner in India. */
const from = 'Agent <agent@reseller.example>';
const partner = (name: string): Letter => ({ ...small(name), from });
const whyNone = async (ticket: number): Promise<string | undefined> =>
  (await shown(ticket)).history.find(({ what }) => what === 'reply receipt not sent')?.because;

describe('a receipt', () => {
  it('tells severity, time in the partner’s zone and the words that decided, for a new ticket only', async () => {
    expect(world.ctx.policy.outbound.receipt).toBe('off');
    expect(await repliesOn(await arrive(partner('off')))).toEqual([]);
    const on = under('on');
    const ticket = await arrive(partner('impact'), MONDAY, on);
    const { text, subject, html } = await receiptOn(ticket);
    expect(subject).toBe(`Re: Request impact@mail.example [P-${ticket}]`);
    expect(text).toContain('Severity: S2. By your description the impact is moderate');
    expect(text).toContain('- “wrong results”');
    expect(text).toContain('First response by: Tuesday, March 3, 2026 at 07:30 (India Standard Time)');
    expect(text + html, 'nothing of the directory').not.toMatch(/owner@|\b59\b|Small|Berlin|Central European/);
    const { states, history } = await shown(ticket);
    expect(states, 'it asks for nothing and answers nothing').toEqual([
      'firstResponse 1 running',
      'determination 1 running',
    ]);
    expect(history.map(({ what }) => what)).toContain('reply intended');
    const references = [
      `In-Reply-To: ${(await query<{ message_id: string }>('select message_id from reply'))[0]?.message_id}`,
    ];
    const answer = {
      id: 'thanks@mail.example',
      from,
      subject: `Re: ${subject}`,
      headers: references,
      lines: ['Thank you! All is clear.'],
    };
    expect(await arrive(answer, later(1), on)).toBe(ticket);
    expect(await repliesOn(ticket)).toHaveLength(1);
  });

  it('gives its reason for every severity, and no figure of the account', async () => {
    const on = under('on');
    const tell = async (name: string, lines: string[]) =>
      (await receiptOn(await arrive({ id: `${name}@mail.example`, from, lines }, MONDAY, on))).text;
    const large = await receiptOn(await arrive({ id: 'large@mail.example', from, ...known }, MONDAY, on));
    expect(large.text).toContain('Severity: S1. Your customer has a large user account');
    expect(large.text + large.html).not.toMatch(/\b120\b|owner@|wrong results”/);
    const owner = 'Super admin email: owner@small.example';
    expect(await tell('how', [owner, 'How do I export a report to PDF?'])).toContain(
      'It is a question about how to do',
    );
    const feature = await tell('feature', [owner, 'Please add dark mode to Zoho CRM; it would be a nice new feature.']);
    expect(feature).toContain('You ask for a new feature.');
    expect(feature).not.toContain('First response by');
    const office = await tell('office', [owner, 'Type of support request: Payments Renewal', 'Please renew the plan.']);
    expect(office).toContain('Partner Operations');
    expect(office).not.toMatch(/Severity|First response by|\bS[123]\b/);
  });

  it('tells a stranger no severity, gives way to a question, and comes in time or not at all', async () => {
    const on = under('on');
    const stranger = await receiptOn(await arrive({ id: 'stranger@mail.example', ...known }, MONDAY, on));
    expect(stranger.text).not.toMatch(/Severity|First response by|\bS[123]\b|large/);
    const asked = await arrive({ id: 'asked@mail.example', from }, MONDAY, on);
    expect(await repliesOn(asked)).toMatchObject([{ kind: 'missing-superadmin-ask' }]);
    const old = await arrive({ ...partner('old'), date: new Date(later(-9)) }, MONDAY, on);
    expect(await repliesOn(old)).toEqual([]);
    expect(await whyNone(old)).toBe('the mail is dated more than 7 days ago');
  });

  it('waits for the directory, whose question would find the mail answered', async () => {
    const on = under('on');
    const find = () => Promise.reject(new IntakeError('temporary', 'unreachable', 'the directory is down'));
    const down = { ...on, directory: { ...on.directory, find } };
    const fine = await arrive(partner('fine'), MONDAY, down);
    const unknown = await arrive({ id: 'unknown@mail.example', from, says: 'unknown' }, MONDAY, down);
    expect(await repliesOn(fine)).toEqual([]);
    expect(await repliesOn(unknown)).toEqual([]);
    // Past the commitment: what was promised then is promised no more.
    await decidePending(at(later(1), on));
    const { text } = await receiptOn(fine);
    expect(text).toContain('Severity: S2');
    expect(text).not.toContain('First response by');
    expect(await repliesOn(unknown)).toMatchObject([{ kind: 'superadmin-unknown' }]);
  });

  it('for the wrong mailbox goes to who strayed, once in the days of a note', async () => {
    expect(await repliesOn(await arrive(partner('right'), MONDAY, under('wrong-mailbox')))).toEqual([]);
    const elsewhere = under('wrong-mailbox', (policy) => {
      const { regions } = policy.regions;
      const india = { ...regions.india, mailbox: 'eu' as const };
      return { ...policy, regions: { ...policy.regions, regions: { ...regions, india } } };
    });
    const first = await receiptOn(await arrive(partner('first'), MONDAY, elsewhere));
    expect(first.text).toContain('The address for your region is partner-support@eu.zohocorp.com');
    const second = await arrive(partner('second'), later(6), elsewhere);
    expect(await repliesOn(second)).toEqual([]);
    expect(await whyNone(second)).toBe('the partner was told on 2026-03-02: once in 7 days');
    await receiptOn(await arrive(partner('third'), later(8), elsewhere));
  });
});
