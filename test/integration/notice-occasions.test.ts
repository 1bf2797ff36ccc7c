/** Who is told when a partner wants to escalate, or asks very many basic questions. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { showTicket } from '../../src/ledger/views.ts';
import { decideMail } from '../../src/stages/decide-mail.ts';
import { readMails } from '../../src/stages/read-mail.ts';
import { historyOf, replyNow, type TicketSeen } from '../support/ledger-view.ts';
import { LARGE, type Letter } from '../support/letters.ts';
import { DAY, HOUR, type Notices, openNotices } from '../support/notices.ts';

let n: Notices;

beforeAll(async () => {
  n = await openNotices();
});
afterAll(() => n?.close());
/** Another week: what one test has mailed is no limit for the next. */
beforeEach(() => n.wednesday());

describe("a partner's wish to escalate", () => {
  // Three S1 tickets within a month would be a reason of their own; and the managers' turn after an earlier one is over.
  beforeEach(async () => {
    n.wednesday(9);
    await n.digest();
    n.wednesday();
  });
  const wish = (id: string, more: Partial<Letter> = {}): Letter => ({
    ...{ id, subject: 'We are waiting', lines: ['Dear team,', '', 'Please escalate this.', '', 'Agent Smith'] },
    ...more,
  });

  it('before the time is recorded on the ticket; after it the lead is told, then the manager', async () => {
    const [lead] = n.leads as [string];
    const ticket = await n.decided({ id: 'early@n.example', subject: 'Totals' });
    const named = [`Please escalate this: P-${ticket.id}`];
    const before = n.mailsTo(lead).length;
    const second = await n.decided(wish('wish1@n.example', { lines: named }));
    expect(await n.digest()).toBe(0);
    expect(await n.told(ticket)).toEqual(expect.arrayContaining(['escalation wished', 'escalation too early']));
    expect((await showTicket(n.ctx.db, Number(ticket.id)))?.decision.tags).toContain('escalation-wished');
    expect((await showTicket(n.ctx.db, Number(second.id)))?.decision.tags).not.toContain('escalation-wished');

    n.pass(4 * HOUR);
    await n.decided(wish('wish2@n.example', { lines: named }));
    expect(await n.digest()).toBe(n.leads.length);
    expect(n.mailsTo(lead)).toHaveLength(before + 1);
    expect(n.lastTo(lead)?.subject).toBe(`Partner support: 1 escalation (P-${ticket.id})`);
    expect(n.lastTo(lead)?.text).toContain('the commitment passed');
    expect(await n.told(ticket)).toContain('lead told');

    await n.decided(wish('wish3@n.example', { lines: named }));
    n.pass(3 * HOUR);
    expect(await n.digest()).toBe(0);
    n.pass(HOUR);
    expect(await n.digest()).toBe(n.managers.length + 1);
    expect(n.lastTo(n.managers[0] ?? '')?.text).toContain('the lead was told 2026-');
    expect(n.mailsTo(lead)).toHaveLength(before + 1);
  });

  it('again after an answer, or after the manager, is told again; in between it is not', async () => {
    const [lead] = n.leads as [string];
    const ticket = await n.decided({ id: 'again@n.example', subject: 'Totals' });
    const lines = [`Please escalate this: P-${ticket.id}. There was a security breach.`];
    const before = n.mailsTo(lead).length;
    let count = 0;
    const wished = async (): Promise<number> => {
      count += 1;
      await n.decided(wish(`again${count}@n.example`, { lines }));
      n.pass(HOUR);
      await n.digest();
      return n.mailsTo(lead).length - before;
    };
    expect(await wished()).toBe(1);
    expect(await wished()).toBe(1);
    expect(await historyOf(n.world, Number(ticket.id))).toContainEqual(
      expect.objectContaining({ what: 'lead not told again' }),
    );
    await n.world.query(
      `update deadline set met_at = '${n.ctx.now().toISOString()}', next_at = null
       where ticket_id = ${ticket.id} and what = 'firstResponse'`,
    );
    n.pass(HOUR);
    expect(await wished()).toBe(2);
    n.pass(4 * HOUR);
    await n.digest();
    expect(n.mailsTo(n.managers[0] ?? '').at(-1)?.parsed.text).toContain(`P-${ticket.id}`);
    expect(await wished()).toBe(3);
  });

  it('counts whatever type of request the template names, but not when it is taken back', async () => {
    const ticket = await n.decided({ id: 'typed@n.example', subject: 'Totals' });
    const number = `P-${ticket.id}`;
    const typed = (type: string, words: string) =>
      n.decided(
        wish(`${type.split(' ')[0]}-${words.length}@n.example`, {
          lines: [
            `Type of support request: ${type}`,
            `Super admin: ${LARGE}`,
            `Description of the issue/question: ${words}`,
          ],
        }),
      );
    await typed('Payments Renewal', `We do not want to escalate ${number} to your manager.`);
    expect(await n.told(ticket)).not.toContain('escalation wished');
    for (const type of ['Payments Renewal', 'Product Management Related']) {
      const { decision } = await typed(type, `We want to escalate ${number} to your manager.`);
      expect(decision.requestNature).not.toBe('escalation');
    }
    expect((await n.told(ticket)).filter((what) => what === 'escalation wished')).toHaveLength(2);
  });

  it('in an answer to a mail of ours counts for the ticket that was answered', async () => {
    const [lead] = n.leads as [string];
    const ticket = await n.decided({ id: 'ask@n.example', says: 'ask' });
    const reply = await replyNow(n.world, 'ask@n.example');
    const headers = [`In-Reply-To: ${reply?.message_id}`];
    await n.decided(wish('answer@n.example', { headers, subject: 'Re:' }));
    expect(await n.told(ticket)).toEqual(expect.arrayContaining(['answered', 'escalation wished']));
    expect(await n.digest()).toBe(0);
    await n.decided(
      wish('breach@n.example', {
        headers,
        subject: 'Re:',
        lines: ['Please escalate this: there was a security breach.'],
      }),
    );
    expect(await n.digest()).toBe(n.leads.length);
    expect(n.lastTo(lead)?.text).toContain('security or risk of data loss: the mail says "security breach"');
    expect((await showTicket(n.ctx.db, Number(ticket.id)))?.decision.tags).toContain('escalation-wished');
  });

  it('counts what failed for recurring incidents: no questions of a large account, and not the mail that wishes', async () => {
    const [lead] = n.leads as [string];
    const before = n.mailsTo(lead).length;
    const large = (what: string) => [`Super admin email: ${LARGE}`, `Description of the issue/question: ${what}`];
    const send = (id: string, what: string) =>
      n.decided({ id: `${id}@n.example`, subject: 'Zoho CRM', lines: large(what) });
    for (const one of [1, 2, 3]) await send(`question${one}`, 'How do I add a column to a report?');
    for (const one of [1, 2]) await send(`incident${one}`, 'The report shows wrong results.');
    const early = await send('wish-early', 'The report shows wrong results. Please escalate this.');
    expect(await n.told(early)).toContain('escalation too early');
    await send('incident3', 'The report shows wrong results.');
    const third = await send('wish-third', 'The report shows wrong results. Please escalate this.');
    expect(await n.told(third)).toContain('escalation justified');
    await n.digest();
    expect(n.mailsTo(lead)).toHaveLength(before + 1);
    expect(n.lastTo(lead)?.text).toContain('recurring: 3 S1 tickets of the partner in 30 days');
  });

  it('of a sender nobody in the register knows is recorded, not offered, with the reason', async () => {
    const ticket = await n.decided(wish('stranger@n.example', { from: 'X <x@stranger.example>' }));
    expect(await n.digest()).toBe(0);
    expect((await historyOf(n.world, Number(ticket.id))).at(-1)).toMatchObject({
      what: 'escalation not offered',
      because: expect.stringContaining("the sender's domain is not in the partner register"),
    });
  });

  it("a stranger's number of somebody else's ticket counts for nothing", async () => {
    const ticket = await n.decided({ id: 'theirs@n.example' });
    n.pass(4 * HOUR);
    await n.decided(
      wish('thief@n.example', { from: 'X <x@stranger.example>', lines: [`Please escalate P-${ticket.id}`] }),
    );
    expect(await n.told(ticket)).not.toContain('escalation wished');
    expect(await n.digest()).toBe(0);
  });
});

describe('too many basic requests', () => {
  const MANAGER = 'manager@zoho.example';
  const question = (n: number): Letter => ({
    id: `how${n}@n.example`,
    subject: `Question ${n}`,
    lines: ['Dear team,', '', `Super admin: ${LARGE}`, '', `How do I create report number ${n}? Where can I find it?`],
  });

  it('the fifth tells the account manager, once per window, with the list', async () => {
    n.wednesday(9);
    await n.digest();
    const tickets: TicketSeen[] = [];
    for (let no = 1; no <= 4; no += 1) tickets.push(await n.decided(question(no)));
    expect(tickets.map(({ decision }) => decision.requestNature)).toEqual(['how-to', 'how-to', 'how-to', 'how-to']);
    expect(await n.digest()).toBe(0);
    tickets.push(await n.decided(question(5)));
    expect(await n.digest()).toBe(1);
    const mail = n.lastTo(MANAGER);
    expect(mail?.subject).toContain('1 partner with many basic requests');
    expect(mail?.text).toContain('5 basic (how-to) requests from Reseller within 30 days');
    for (const [index, { id }] of tickets.entries()) expect(mail?.text).toContain(`P-${id} S1 Question ${index + 1}`);

    n.pass(DAY);
    await n.decided(question(6));
    expect(await n.digest()).toBe(0);
    expect(n.mailsTo(MANAGER)).toHaveLength(1);
    n.pass(31 * DAY);
    for (let no = 7; no <= 10; no += 1) await n.decided(question(no));
    expect(await n.digest()).toBe(0);
    await n.decided(question(11));
    expect(await n.digest()).toBe(1);
  });

  it('counts mails that are decided at the same moment', async () => {
    n.wednesday(9);
    await n.digest();
    for (let no = 21; no <= 23; no += 1) await n.decided(question(no));
    const both = [await n.stored(question(24)), await n.stored(question(25))];
    await readMails(n.ctx, both);
    await Promise.all(both.map((id) => decideMail(n.ctx, id)));
    expect(await n.digest()).toBe(1);
  });
});
