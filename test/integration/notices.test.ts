/** People inside are told what goes wrong: once each, together where several fall together, within the limits of all our mail. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assemble } from '../../src/assemble.ts';
import { readConfig } from '../../src/config.ts';
import { auditLedger } from '../../src/ledger/audit.ts';
import { notices } from '../../src/ledger/index.ts';
import { type Instance, openInstance } from '../../src/ledger/leases.ts';
import type { NewNotice } from '../../src/ledger/notices.ts';
import { listTickets, showTicket } from '../../src/ledger/views.ts';
import type { Context } from '../../src/stages/context.ts';
import { decideMail } from '../../src/stages/decide-mail.ts';
import { digestNotices } from '../../src/stages/digest-notices.ts';
import { readMails } from '../../src/stages/read-mail.ts';
import { sendReply } from '../../src/stages/send-reply.ts';
import { storeArrivals } from '../../src/stages/store.ts';
import { historyOf, replyNow, type TicketSeen, ticketFor } from '../support/ledger-view.ts';
import { LARGE, type Letter, letter } from '../support/letters.ts';
import { openWorld, type World } from '../support/world.ts';

const PARTNER = 'Agent Smith <agent@reseller.example>';
const DESK = 'desk@vendor.example';
const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

let world: World;
let resources: AsyncDisposableStack;
let ctx: Context;
let instance: Instance;
/** A Wednesday noon. */
const BASE = Date.parse('2026-03-04T12:00:00Z');
let time = new Date(BASE);
let leads: string[];
let managers: string[];

beforeAll(async () => {
  resources = new AsyncDisposableStack();
  world = await openWorld({ queue: 'postgresql' });
  resources.defer(() => world.close());
  const env = { ...world.env, LOG_LEVEL: 'silent', ESCALATION_DESK: DESK };
  const assembled = await assemble(readConfig(env), resources);
  ctx = { ...assembled.ctx, now: () => time };
  const { india } = ctx.policy.escalation.contacts;
  leads = india.leads.map(String);
  managers = india.managers.map(String);
  instance = await openInstance(assembled.ledger.url);
  resources.defer(() => instance.close());
});
afterAll(() => resources?.disposeAsync());
/** Another week: what one test has mailed is no limit for the next. */
beforeEach(() => wednesday());

const pass = (ms: number): void => {
  time = new Date(time.getTime() + ms);
};

/** The noon of a Wednesday to come. */
function wednesday(weeks = 1): void {
  time = new Date(BASE + (Math.ceil((time.getTime() - BASE) / WEEK) + weeks) * WEEK);
}

async function stored(one: Letter): Promise<number> {
  const raw = Buffer.from(letter({ from: PARTNER, says: 'nothing', date: time, ...one }));
  const arrival = { locator: one.id, arrivedAt: time, raw, oversized: null };
  const [id] = (await storeArrivals(ctx, 'com', { arrivals: [arrival], cursor: null })).keys();
  return Number(id);
}

async function decided(one: Letter): Promise<TicketSeen> {
  await decideMail(ctx, await stored(one));
  return ticketFor(world, one.id);
}

const breach = (ticket: TicketSeen, over: Partial<NewNotice> = {}) =>
  notices.note(ctx.db, {
    ...{ key: `breach P-${ticket.id} ${over.level ?? 'lead'}`, kind: 'breach', level: 'lead', region: 'india' },
    ...{ mailbox: 'com', ticketId: Number(ticket.id), recipient: null, because: 'first response missed', now: time },
    ...over,
  } as NewNotice);

/** Digests and sends. @returns how many mails were written. */
async function digest(): Promise<number> {
  const ids = await digestNotices(ctx);
  for (const id of ids) await sendReply(ctx, id, instance.id).catch(() => undefined);
  return ids.length;
}

const mailsTo = (recipient: string) =>
  world.sinks.com.messages.filter(({ envelope }) => envelope.to.includes(recipient));
const lastTo = (recipient: string) => mailsTo(recipient).at(-1)?.parsed;
const told = async (ticket: TicketSeen): Promise<string[]> =>
  (await historyOf(world, Number(ticket.id))).map(({ what }) => what);
const rows = (where: string) =>
  world.query<{ state: string; recipient: string; because: string | null }>(
    `select state, recipient, because from reply where kind = 'notice' and ${where} order by id`,
  );

describe('breaches', () => {
  it('of three tickets are one mail to each lead, once', async () => {
    const tickets = [await decided({ id: 'b1@n.example' }), await decided({ id: 'b2@n.example' })];
    tickets.push(await decided({ id: 'b3@n.example', subject: 'Nothing <b>works</b>' }));
    for (const ticket of tickets) expect(await breach(ticket)).toBe(true);
    expect(await breach(tickets[0] as TicketSeen)).toBe(false);
    expect(await digest()).toBe(leads.length);
    expect(await digest()).toBe(0);
    pass(HOUR);
    expect(await digest()).toBe(0);
    for (const lead of leads) {
      const mails = mailsTo(lead);
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
    const history = await historyOf(world, Number(tickets[0]?.id));
    const by = history.filter(({ what }) => what === 'lead told').map(({ because }) => because.split(':')[0]);
    expect(by.toSorted()).toEqual(leads.toSorted());
    expect(managers.flatMap(mailsTo)).toEqual([]);
  });

  it("the manager's turn comes with the desk's, and no partner's ticket shows the mail as a reply", async () => {
    const ticket = await decided({ id: 'm1@n.example' });
    await breach(ticket);
    await digest();
    pass(4 * HOUR);
    await breach(ticket, { level: 'manager' });
    expect(await digest()).toBe(managers.length + 1);
    for (const one of [...managers, DESK]) expect(lastTo(one)?.text).toContain(`P-${ticket.id}`);
    expect(await told(ticket)).toContain('manager told');
    expect((await listTickets(ctx.db)).flatMap(({ replies }) => replies.map(({ kind }) => kind))).not.toContain(
      'notice',
    );
    expect((await showTicket(ctx.db, Number(ticket.id)))?.replies).toEqual([]);
    expect(await auditLedger(ctx.db)).toMatchObject({ unexplained: 0, problems: [] });
  });

  it('two clocks at once mail each notice once', async () => {
    await breach(await decided({ id: 'two@n.example' }));
    const before = leads.map((lead) => mailsTo(lead).length);
    const both = await Promise.all([digest(), digest(), digest()]);
    expect(both.toSorted()).toEqual([0, 0, leads.length]);
    expect(leads.map((lead) => mailsTo(lead).length)).toEqual(before.map((count) => count + 1));
  });

  it('a summary of many is in the history of each', async () => {
    const tickets = [await decided({ id: 'sum1@n.example' }), await decided({ id: 'sum2@n.example' })];
    const many = { ticketId: null, tickets: tickets.map(({ id }) => Number(id)), because: 'stood still' };
    await breach(tickets[0] as TicketSeen, { ...many, key: 'standstill', kind: 'standstill' });
    expect(await digest()).toBe(leads.length);
    const text = lastTo(leads[0] ?? '')?.text;
    for (const ticket of tickets) {
      expect(text).toContain(`P-${ticket.id} S1 Request sum`);
      expect((await told(ticket)).filter((what) => what === 'lead told')).toHaveLength(leads.length);
    }
  });

  it('what comes within minutes of a mail waits for the next one', async () => {
    const [lead] = leads as [string];
    await breach(await decided({ id: 'wait1@n.example' }));
    await digest();
    const before = mailsTo(lead).length;
    pass(60_000);
    const tickets = [await decided({ id: 'wait2@n.example' }), await decided({ id: 'wait3@n.example' })];
    for (const ticket of tickets) await breach(ticket);
    expect(await digest()).toBe(0);
    pass(15 * 60_000);
    expect(await digest()).toBe(leads.length);
    expect(mailsTo(lead)).toHaveLength(before + 1);
    expect(lastTo(lead)?.subject).toContain('2 breaches');
  });

  it('a region without a manager says so in the history, and tells the desk', async () => {
    const ticket = await decided({ id: 'nobody@n.example' });
    await breach(ticket, { level: 'manager', region: 'usa-latam' });
    expect(await digest()).toBe(1);
    const without = { ...ctx, escalationDesk: null };
    await breach(ticket, { key: 'another', level: 'manager', region: 'usa-latam' });
    expect(await digestNotices(without)).toEqual([]);
    expect((await historyOf(world, Number(ticket.id))).at(-1)).toMatchObject({
      what: 'manager not told',
      because: 'escalation.yaml names nobody for usa-latam',
    });
  });
});

describe('the mail server', () => {
  it('is down, then up: the notice goes out once', async () => {
    const [lead] = leads as [string];
    const ticket = await decided({ id: 'down@n.example' });
    await breach(ticket);
    const before = mailsTo(lead).length;
    // A pooled connection would outlive a server that only stops listening.
    await world.sinks.com.fail('rcpt-4xx');
    await digest();
    const waiting = await world.query<{ id: number }>(
      `select id from reply where kind = 'notice' and state = 'intended' order by id`,
    );
    expect(waiting).toHaveLength(leads.length);
    expect(await told(ticket)).not.toContain('lead told');
    await world.sinks.com.fail(null);
    for (const { id } of waiting) await sendReply(ctx, Number(id), instance.id);
    expect(mailsTo(lead)).toHaveLength(before + 1);
    expect(await told(ticket)).toContain('lead told');
    expect(await rows(`state <> 'sent'`)).toEqual([]);
  });
});

describe('past the limit of mails to one recipient in a day', () => {
  it('one mail is held for a person, and no heap of them', async () => {
    const most = ctx.policy.outbound.maxRepliesPerRecipientAndDay;
    const recipient = 'many@accounts.example';
    const ticket = await decided({ id: 'limit@n.example' });
    const one = (n: number) => breach(ticket, { key: `limit ${n}`, level: 'account-manager', recipient });
    for (let n = 0; n < most; n += 1) {
      await one(n);
      expect(await digest()).toBe(1);
      pass(15 * 60_000);
    }
    for (const n of [most, most + 1]) {
      await one(n);
      expect(await digest()).toBe(0);
      pass(15 * 60_000);
    }
    expect(mailsTo(recipient)).toHaveLength(most);
    const held = await rows(`recipient = '${recipient}' and state = 'held'`);
    expect(held).toMatchObject([{ because: `the recipient has had ${most} mails in a day` }]);
    expect(await told(ticket)).toContain('account-manager notice held');
    pass(DAY);
    expect(await digest()).toBe(1);
    expect(mailsTo(recipient)).toHaveLength(most + 1);
  });
});

describe("a partner's wish to escalate", () => {
  // Three S1 tickets within a month would be a reason of their own; and the managers' turn after an earlier one is over.
  beforeEach(async () => {
    wednesday(9);
    await digest();
    wednesday();
  });
  const wish = (id: string, more: Partial<Letter> = {}): Letter => ({
    ...{ id, subject: 'We are waiting', lines: ['Dear team,', '', 'Please escalate this.', '', 'Agent Smith'] },
    ...more,
  });

  it('before the time is recorded on the ticket; after it the lead is told, then the manager', async () => {
    const [lead] = leads as [string];
    const ticket = await decided({ id: 'early@n.example', subject: 'Totals' });
    const named = [`Please escalate this: P-${ticket.id}`];
    const before = mailsTo(lead).length;
    const second = await decided(wish('wish1@n.example', { lines: named }));
    expect(await digest()).toBe(0);
    expect(await told(ticket)).toEqual(expect.arrayContaining(['escalation wished', 'escalation too early']));
    expect((await showTicket(ctx.db, Number(ticket.id)))?.decision.tags).toContain('escalation-wished');
    expect((await showTicket(ctx.db, Number(second.id)))?.decision.tags).not.toContain('escalation-wished');

    pass(4 * HOUR);
    await decided(wish('wish2@n.example', { lines: named }));
    expect(await digest()).toBe(leads.length);
    expect(mailsTo(lead)).toHaveLength(before + 1);
    expect(lastTo(lead)?.subject).toBe(`Partner support: 1 escalation (P-${ticket.id})`);
    expect(lastTo(lead)?.text).toContain('the commitment passed');
    expect(await told(ticket)).toContain('lead told');

    await decided(wish('wish3@n.example', { lines: named }));
    pass(3 * HOUR);
    expect(await digest()).toBe(0);
    pass(HOUR);
    expect(await digest()).toBe(managers.length + 1);
    expect(lastTo(managers[0] ?? '')?.text).toContain('the lead was told 2026-');
    expect(mailsTo(lead)).toHaveLength(before + 1);
  });

  it('in an answer to a mail of ours counts for the ticket that was answered', async () => {
    const [lead] = leads as [string];
    const ticket = await decided({ id: 'ask@n.example', says: 'ask' });
    const reply = await replyNow(world, 'ask@n.example');
    const headers = [`In-Reply-To: ${reply?.message_id}`];
    await decided(wish('answer@n.example', { headers }));
    expect(await told(ticket)).toEqual(expect.arrayContaining(['answered', 'escalation wished']));
    expect(await digest()).toBe(0);
    await decided(wish('breach@n.example', { headers, lines: ['Please escalate this: there was a security breach.'] }));
    expect(await digest()).toBe(leads.length);
    expect(lastTo(lead)?.text).toContain('security or risk of data loss: the mail says "security breach"');
    expect((await showTicket(ctx.db, Number(ticket.id)))?.decision.tags).toContain('escalation-wished');
  });

  it('of a sender nobody in the register knows is recorded, not offered, with the reason', async () => {
    const ticket = await decided(wish('stranger@n.example', { from: 'X <x@stranger.example>' }));
    expect(await digest()).toBe(0);
    expect((await historyOf(world, Number(ticket.id))).at(-1)).toMatchObject({
      what: 'escalation not offered',
      because: expect.stringContaining("the sender's domain is not in the partner register"),
    });
  });

  it("a stranger's number of somebody else's ticket counts for nothing", async () => {
    const ticket = await decided({ id: 'theirs@n.example' });
    pass(4 * HOUR);
    await decided(
      wish('thief@n.example', { from: 'X <x@stranger.example>', lines: [`Please escalate P-${ticket.id}`] }),
    );
    expect(await told(ticket)).not.toContain('escalation wished');
    expect(await digest()).toBe(0);
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
    wednesday(9);
    await digest();
    const tickets: TicketSeen[] = [];
    for (let n = 1; n <= 4; n += 1) tickets.push(await decided(question(n)));
    expect(tickets.map(({ decision }) => decision.requestNature)).toEqual(['how-to', 'how-to', 'how-to', 'how-to']);
    expect(await digest()).toBe(0);
    tickets.push(await decided(question(5)));
    expect(await digest()).toBe(1);
    const mail = lastTo(MANAGER);
    expect(mail?.subject).toContain('1 partner with many basic requests');
    expect(mail?.text).toContain('5 basic (how-to) requests from Reseller within 30 days');
    for (const [index, { id }] of tickets.entries()) expect(mail?.text).toContain(`P-${id} S1 Question ${index + 1}`);

    pass(DAY);
    await decided(question(6));
    expect(await digest()).toBe(0);
    expect(mailsTo(MANAGER)).toHaveLength(1);
    pass(31 * DAY);
    for (let n = 7; n <= 10; n += 1) await decided(question(n));
    expect(await digest()).toBe(0);
    await decided(question(11));
    expect(await digest()).toBe(1);
  });

  it('counts mails that are decided at the same moment', async () => {
    wednesday(9);
    await digest();
    for (let n = 21; n <= 23; n += 1) await decided(question(n));
    const both = [await stored(question(24)), await stored(question(25))];
    await readMails(ctx, both);
    await Promise.all(both.map((id) => decideMail(ctx, id)));
    expect(await digest()).toBe(1);
  });
});
