/** People inside are told what goes wrong: once each, together where several fall together, within the limits of all our mail. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditLedger } from '../../src/ledger/audit.ts';
import { listTickets, showTicket } from '../../src/ledger/views.ts';
import { digestNotices } from '../../src/stages/digest-notices.ts';
import { sendReply } from '../../src/stages/send-reply.ts';
import { historyOf, type TicketSeen } from '../support/ledger-view.ts';
import { DAY, DESK, HOUR, type Notices, openNotices } from '../support/notices.ts';

let n: Notices;

beforeAll(async () => {
  n = await openNotices();
});
afterAll(() => n?.close());
/** Another week: what one test has mailed is no limit for the next. */
beforeEach(() => n.wednesday());

describe('breaches', () => {
  it('of three tickets are one mail to each lead, once', async () => {
    const tickets = [await n.decided({ id: 'b1@n.example' }), await n.decided({ id: 'b2@n.example' })];
    tickets.push(await n.decided({ id: 'b3@n.example', subject: 'Nothing <b>works</b>' }));
    for (const ticket of tickets) expect(await n.breach(ticket)).toBe(true);
    expect(await n.breach(tickets[0] as TicketSeen)).toBe(false);
    expect(await n.digest()).toBe(n.leads.length);
    expect(await n.digest()).toBe(0);
    n.pass(HOUR);
    expect(await n.digest()).toBe(0);
    for (const lead of n.leads) {
      const mails = n.mailsTo(lead);
      expect(mails).toHaveLength(1);
      const numbers = tickets.map(({ id }) => `P-${id}`);
      expect(mails[0]?.parsed.subject).toBe(`Partner support: 3 breaches (${numbers.join(', ')})`);
      for (const number of numbers) expect(mails[0]?.parsed.text).toContain(`partner-intake ticket ${number}`);
      expect(mails[0]?.parsed.text).toContain('Priority Customer - Large User Account, incident, because 120 >= 100');
      expect(mails[0]?.parsed.html).toContain('Nothing &lt;b&gt;works&lt;/b&gt;');
      const headers = mails[0]?.parsed.headers;
      expect(headers?.get('auto-submitted')).toBe('auto-generated');
      expect(headers?.get('x-partner-intake-loop')).toBe('notice');
    }
    const history = await historyOf(n.world, Number(tickets[0]?.id));
    const by = history.filter(({ what }) => what === 'lead told').map(({ because }) => because.split(':')[0]);
    expect(by.toSorted()).toEqual(n.leads.toSorted());
    expect(n.managers.flatMap(n.mailsTo)).toEqual([]);
  });

  it("the manager's turn comes with the desk's, and no partner's ticket shows the mail as a reply", async () => {
    const ticket = await n.decided({ id: 'm1@n.example' });
    await n.breach(ticket);
    await n.digest();
    n.pass(4 * HOUR);
    await n.breach(ticket, { level: 'manager' });
    expect(await n.digest()).toBe(n.managers.length + 1);
    for (const one of [...n.managers, DESK]) expect(n.lastTo(one)?.text).toContain(`P-${ticket.id}`);
    expect(await n.told(ticket)).toContain('manager told');
    expect((await listTickets(n.ctx.db)).flatMap(({ replies }) => replies.map(({ kind }) => kind))).not.toContain(
      'notice',
    );
    expect((await showTicket(n.ctx.db, Number(ticket.id)))?.replies).toEqual([]);
    expect(await auditLedger(n.ctx.db)).toMatchObject({ unexplained: 0, problems: [] });
  });

  it('two clocks at once mail each notice once', async () => {
    await n.breach(await n.decided({ id: 'two@n.example' }));
    const before = n.leads.map((lead) => n.mailsTo(lead).length);
    const both = await Promise.all([n.digest(), n.digest(), n.digest()]);
    expect(both.toSorted()).toEqual([0, 0, n.leads.length]);
    expect(n.leads.map((lead) => n.mailsTo(lead).length)).toEqual(before.map((count) => count + 1));
  });

  it('a summary of many is in the history of each', async () => {
    const tickets = [await n.decided({ id: 'sum1@n.example' }), await n.decided({ id: 'sum2@n.example' })];
    const many = { ticketId: null, tickets: tickets.map(({ id }) => Number(id)), because: 'stood still' };
    await n.breach(tickets[0] as TicketSeen, { ...many, key: 'standstill', kind: 'standstill' });
    expect(await n.digest()).toBe(n.leads.length);
    const text = n.lastTo(n.leads[0] ?? '')?.text;
    for (const ticket of tickets) {
      expect(text).toContain(`P-${ticket.id} S1 Request sum`);
      expect((await n.told(ticket)).filter((what) => what === 'lead told')).toHaveLength(n.leads.length);
    }
  });

  it('what comes within minutes of a mail waits for the next one', async () => {
    const [lead] = n.leads as [string];
    await n.breach(await n.decided({ id: 'wait1@n.example' }));
    await n.digest();
    const before = n.mailsTo(lead).length;
    n.pass(60_000);
    const tickets = [await n.decided({ id: 'wait2@n.example' }), await n.decided({ id: 'wait3@n.example' })];
    for (const ticket of tickets) await n.breach(ticket);
    expect(await n.digest()).toBe(0);
    n.pass(15 * 60_000);
    expect(await n.digest()).toBe(n.leads.length);
    expect(n.mailsTo(lead)).toHaveLength(before + 1);
    expect(n.lastTo(lead)?.subject).toContain('2 breaches');
  });

  it('a region without a manager: the desk is told; without a desk the leads, and every ticket says so', async () => {
    const tickets = [await n.decided({ id: 'nobody1@n.example' }), await n.decided({ id: 'nobody2@n.example' })];
    const [ticket] = tickets as [TicketSeen];
    await n.breach(ticket, { level: 'manager', region: 'usa-latam' });
    expect(await n.digest()).toBe(1);
    expect(await n.told(ticket)).not.toContain('manager not told');
    n.pass(HOUR);
    const without = { ...n.ctx, escalationDesk: null };
    const many = { ticketId: null, tickets: tickets.map(({ id }) => Number(id)), kind: 'standstill' } as const;
    await n.breach(ticket, { ...many, key: 'another', level: 'manager', region: 'usa-latam' });
    const leads = n.ctx.policy.escalation.contacts['usa-latam'].leads.filter((one) => typeof one === 'string');
    const ids = await digestNotices(without);
    expect(ids).toHaveLength(leads.length);
    for (const id of ids) await sendReply(n.ctx, id, n.instance.id);
    for (const one of tickets) {
      expect(await historyOf(n.world, Number(one.id))).toContainEqual(
        expect.objectContaining({
          what: 'manager not told',
          because: `escalation.yaml names no manager for usa-latam, and no ESCALATION_DESK is set: told instead: ${leads.join(', ')}`,
        }),
      );
    }
  });

  it('of a mailbox that cannot send goes out by the other', async () => {
    const { com } = n.ctx.senders;
    const ticket = await n.decided({ id: 'eu@n.example' });
    await n.breach(ticket, { key: 'eu', mailbox: 'eu' });
    const ids = await digestNotices({ ...n.ctx, senders: com ? { com } : {} });
    expect(ids).toHaveLength(n.leads.length);
    const mails = await n.world.query<{ mailbox: string }>(`select mailbox from reply where id in (${ids.join()})`);
    expect(mails.map(({ mailbox }) => mailbox)).toEqual(n.leads.map(() => 'com'));
    for (const id of ids) await sendReply(n.ctx, id, n.instance.id);
  });
});

describe('the mail server', () => {
  it('is down, then up: the notice goes out once', async () => {
    const [lead] = n.leads as [string];
    const ticket = await n.decided({ id: 'down@n.example' });
    await n.breach(ticket);
    const before = n.mailsTo(lead).length;
    // A pooled connection would outlive a server that only stops listening.
    await n.world.sinks.com.fail('rcpt-4xx');
    await n.digest();
    const waiting = await n.world.query<{ id: number }>(
      `select id from reply where kind = 'notice' and state = 'intended' order by id`,
    );
    expect(waiting).toHaveLength(n.leads.length);
    expect(await n.told(ticket)).not.toContain('lead told');
    await n.world.sinks.com.fail(null);
    for (const { id } of waiting) await sendReply(n.ctx, Number(id), n.instance.id);
    expect(n.mailsTo(lead)).toHaveLength(before + 1);
    expect(await n.told(ticket)).toContain('lead told');
    expect(await n.rows(`state <> 'sent'`)).toEqual([]);
  });
});

describe('past the limit of mails to one recipient in a day', () => {
  it('what is told waits, is said to wait once, and goes out by itself when the limit allows', async () => {
    const most = n.ctx.policy.outbound.maxRepliesPerRecipientAndDay;
    const recipient = 'many@accounts.example';
    const ticket = await n.decided({ id: 'limit@n.example' });
    const one = (number: number) =>
      n.breach(ticket, { key: `limit ${number}`, because: `no. ${number}`, level: 'account-manager', recipient });
    for (let number = 0; number < most; number += 1) {
      await one(number);
      expect(await n.digest()).toBe(1);
      n.pass(15 * 60_000);
    }
    for (const number of [most, most + 1]) {
      await one(number);
      expect(await n.digest()).toBe(0);
      n.pass(15 * 60_000);
    }
    expect(n.mailsTo(recipient)).toHaveLength(most);
    expect((await n.told(ticket)).filter((what) => what === 'account-manager notice waits')).toHaveLength(2);
    n.pass(DAY);
    expect(await n.digest()).toBe(1);
    expect(n.mailsTo(recipient)).toHaveLength(most + 1);
    for (const number of [most, most + 1]) expect(n.lastTo(recipient)?.text).toContain(`no. ${number}`);
    expect(await n.rows(`recipient = '${recipient}' and state <> 'sent'`)).toEqual([]);
  });
});

describe('the audit', () => {
  it('names what nobody was told', async () => {
    expect((await auditLedger(n.ctx.db)).problems).toEqual([]);
    const ticket = await n.decided({ id: 'audit@n.example' });
    const mailed = async (key: string, change: string): Promise<number> => {
      await n.breach(ticket, { key, level: 'account-manager', recipient: `${key}@accounts.example` });
      const [id] = await digestNotices(n.ctx);
      await n.world.query(`update reply set ${change} where id = ${id}`);
      return Number(id);
    };
    const untried = await mailed('untried', `updated_at = now() - interval '2 hours'`);
    const held = await mailed('forgotten', `state = 'held', updated_at = now() - interval '2 days'`);
    await n.breach(ticket, { key: 'to nobody' });
    const [nobody] = await n.world.query<{ id: number }>(
      `update notice set addressed = true where key = 'to nobody' returning id`,
    );
    await n.world.query(
      `update deadline set breached_at = now() where ticket_id = ${ticket.id} and what = 'firstResponse'`,
    );
    const missed = `ticket P-${ticket.id} has a missed commitment, but no lead was to be told`;
    expect((await auditLedger(n.ctx.db)).problems.toSorted()).toEqual(
      [
        `notice ${nobody?.id} is called addressed, but to nobody`,
        `notice mail ${held} is held for more than a day: partner-intake outbound release ${held}, or drop ${held}`,
        `notice mail ${untried} has not been tried for an hour: is there an SMTP server for its mailbox?`,
        missed,
      ].toSorted(),
    );
    // A summary that names the ticket tells of it, too.
    const [{ now }] = (await n.world.query<{ now: Date }>('select now()')) as [{ now: Date }];
    const summary = { ticketId: null, tickets: [Number(ticket.id)], kind: 'standstill', now } as const;
    await n.breach(ticket, { ...summary, key: 'summed up' });
    expect((await auditLedger(n.ctx.db)).problems).not.toContain(missed);
  });
});
