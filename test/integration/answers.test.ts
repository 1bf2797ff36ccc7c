/** A partner's answer to our question: it joins its ticket by a signed reference only, and what it gives is decided on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Daemon, run, startDaemon } from '../support/daemon.ts';
import { ticketOf } from '../support/json-shapes.ts';
import { historyOf, replyIn, replyNow, settledMail, type TicketSeen, ticketFor } from '../support/ledger-view.ts';
import { LARGE, letter } from '../support/letters.ts';
import { openWorld, type World } from '../support/world.ts';

let world: World;
let daemon: Daemon;

beforeAll(async () => {
  world = await openWorld({ queue: 'redis' });
  daemon = startDaemon(world.env);
});
afterAll(async () => {
  await daemon?.kill9();
  await world?.close();
});

/** A request that we have asked back on: its ticket, and the Message-ID of our question. */
async function asked(name: string): Promise<{ ticket: TicketSeen; question: string }> {
  const id = `${name}@mail.example`;
  const raw = letter({ id, says: 'ask', subject: 'Wrong reports', from: writer(name) });
  await world.deliver([{ mailbox: 'com', raw }]);
  const { kind, message_id } = await replyIn(world, id, ['sent']);
  expect(kind).toBe('missing-superadmin-ask');
  const ticket = await ticketFor(world, id);
  expect(ticket.decision).toMatchObject({ severity: 'S2', provisional: true, missing: ['superadminEmail'] });
  return { ticket, question: message_id };
}

/** Each test has a partner of its own: one recipient gets only so many replies a day. */
const writer = (name: string): string => `Agent <agent@${name.toLowerCase()}.example>`;

type Answer = { headers?: string[]; from?: string; lines: string[]; subject?: string };

async function answer(name: string, to: string, { headers = [], ...rest }: Answer, partner = name) {
  const id = `${name}-answer@mail.example`;
  const raw = letter({
    id,
    subject: 'Re: Wrong reports',
    headers: [`In-Reply-To: ${to}`, ...headers],
    from: writer(partner),
    ...rest,
  });
  await world.deliver([{ mailbox: 'com', raw }]);
  return settledMail(world, id);
}

const ticketNow = async ({ id }: TicketSeen): Promise<TicketSeen | undefined> =>
  (await world.query<TicketSeen>(`select * from ticket where id = ${id}`))[0];

describe.concurrent('an answer to our question', () => {
  it.each<[name: string, answer: Answer]>([
    [
      'a bare address above the quoted question',
      {
        lines: [
          LARGE,
          '',
          'On Mon, Zoho Partner Support <partner-support@zohocorp.com> wrote:',
          '> SuperAdmin Email Address of the Account:',
          '> Customer email address: someone@nowhere.example',
        ],
      },
    ],
    [
      'the filled-in line, from a colleague',
      {
        from: 'Colleague <colleague@the-filled-in-line-from-a-colleague.example>',
        lines: ['Hello,', '', `SuperAdmin Email Address of the Account: ${LARGE}`, '', 'Regards'],
      },
    ],
    ['a sentence', { lines: [`Hi, the super admin is ${LARGE}, thank you.`] }],
  ])('%s: the field is filled and the ticket decided again', async (name, given) => {
    const key = name.replace(/\W+/g, '-');
    const { ticket, question } = await asked(key);
    const mail = await answer(key, question, given);
    expect(mail).toMatchObject({ state: 'appended', ticket_id: ticket.id });
    expect(await ticketNow(ticket)).toMatchObject({
      superadmin_email: LARGE,
      superadmin_by: 'partner',
      decision: {
        severity: 'S1',
        priorityCustomer: true,
        provisional: false,
        missing: [],
        reply: null,
        account: { superadminEmail: LARGE, matchedBy: 'superadminEmail' },
      },
    });
    const history = await historyOf(world, Number(ticket.id));
    expect(history.map(({ what }) => what)).toEqual(expect.arrayContaining(['clock runs again', 'deadlines moved']));
    expect(history.filter(({ by }) => by === 'partner').slice(-2)).toEqual([
      { by: 'partner', what: 'answered', because: 'it answers a mail of ours, by its signed reference' },
      {
        by: 'partner',
        what: expect.stringContaining('severity S2 -> S1, priorityCustomer false -> true, provisional true -> false'),
        because: expect.stringContaining(`the partner's answer names ${LARGE}`),
      },
    ]);
    expect(history.map(({ what }) => what)).toContain('reply sent');
    // What was decided first is kept beside it, and the clock still starts at the first mail.
    const decisions = await world.query<{ trigger: string; severity: string; due: string }>(
      `select trigger, decision->>'severity' as severity from decision where ticket_id = ${ticket.id} order by id`,
    );
    expect(decisions).toEqual([
      { trigger: 'mail', severity: 'S2' },
      { trigger: 'answer', severity: 'S1' },
    ]);
    expect(await replyNow(world, `${key}-answer@mail.example`), 'thanks are not needed').toBeUndefined();
  });

  it('is in the ticket as others see it', async () => {
    const { ticket, question } = await asked('shown');
    await answer('shown', question, { lines: [LARGE] });
    expect(await ticketOf(world.env, String(ticket.id))).toMatchObject({
      severity: 'S1',
      superadminEmail: LARGE,
      mails: ['<shown@mail.example>', '<shown-answer@mail.example>'],
      replies: [{ kind: 'missing-superadmin-ask', state: 'sent' }],
      enquiry: { fields: { superadminEmail: { value: LARGE }, customerEmail: { value: 'someone@nowhere.example' } } },
    });
  });

  it('by References alone, in both inboxes, counts once', async () => {
    const { ticket, question } = await asked('twice');
    const raw = letter({
      id: 'twice-answer@mail.example',
      lines: [LARGE],
      headers: [`References: ${question}`],
      subject: 'Re: Wrong reports',
      from: writer('twice'),
    });
    await world.deliver([
      { mailbox: 'com', raw },
      { mailbox: 'eu', raw: `Received: by eu.vendor.example\r\n${raw}` },
    ]);
    expect(await settledMail(world, 'twice-answer@mail.example')).toMatchObject({ state: 'appended' });
    expect(await world.query(`select from decision where ticket_id = ${ticket.id}`)).toHaveLength(2);
  });

  it('with another key of the account: it is found by that, and the partner told of the address', async () => {
    const { ticket, question } = await asked('key');
    await answer('key', question, { lines: ['SuperAdmin Email Address of the Account:', 'ZOID: 650000021', ''] });
    expect(await ticketNow(ticket)).toMatchObject({
      superadmin_email: 'owner@found.example',
      superadmin_by: 'daemon',
      decision: { provisional: false, reply: 'missing-superadmin-note', account: { matchedBy: 'zoid' } },
    });
    expect(await replyIn(world, 'key-answer@mail.example', ['sent'])).toMatchObject({
      kind: 'missing-superadmin-note',
    });
  });

  it('that names nobody is kept, and changes nothing', async () => {
    const { ticket, question } = await asked('nobody');
    const mail = await answer('nobody', question, { lines: ['We do not know, sorry. Write to agent@nobody.example.'] });
    expect(mail).toMatchObject({ state: 'appended', ticket_id: ticket.id });
    expect(await ticketNow(ticket)).toEqual(ticket);
    expect((await historyOf(world, Number(ticket.id))).at(-1)).toMatchObject({ by: 'partner', what: 'answered' });
  });

  it('does not overwrite what an associate set', async () => {
    const { ticket, question } = await asked('associate');
    const set = await run(['set', String(ticket.id), 'superadmin', 'owner@small.example'], world.env);
    expect(set).toMatchObject({ code: 0, stderr: '' });
    await answer('associate', question, { lines: [LARGE] });
    expect(await ticketNow(ticket)).toMatchObject({
      superadmin_email: 'owner@small.example',
      superadmin_by: 'associate',
      decision: { severity: 'S2', priorityCustomer: false },
    });
  });

  it('that is wrong is asked about again, but not for ever', async () => {
    const { ticket, question } = await asked('wrong');
    const kinds: (string | undefined)[] = [];
    for (let n = 0; n < 4; n += 1) {
      await answer(`wrong${n}`, question, { lines: [`nobody${n}@unknown.example`] }, 'wrong');
      kinds.push((await replyNow(world, `wrong${n}-answer@mail.example`))?.kind);
    }
    // With the first question that makes 4, the most that a ticket causes.
    expect(kinds).toEqual(['superadmin-unknown', 'superadmin-unknown', 'superadmin-unknown', undefined]);
    expect((await historyOf(world, Number(ticket.id))).at(-1)).toMatchObject({
      what: 'reply superadmin-unknown not sent',
      because: 'the ticket has had 4 replies already',
    });
  });
});

describe.concurrent('what only looks like an answer', () => {
  it('a reference that was tampered with makes a ticket of its own', async () => {
    const { ticket, question } = await asked('forged');
    const [, start = '', number = '', day = '', mail = '', signature = ''] =
      /^(<pi\.\w+)\.(\d+)\.(\w+)\.([0-9a-f]+)\.([0-9a-f]+)@/.exec(question) ?? [];
    const host = 'zohocorp.com';
    const flipped = signature.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const forgeries = [
      `${start}.${number}.${day}.${mail}.${flipped}@${host}>`,
      `${start}.${Number(number) - 1}.${day}.${mail}.${signature}@${host}>`,
      `${start}.${number}.${day}.${mail.replace(/^./, (first) => (first === '0' ? '1' : '0'))}.${signature}@${host}>`,
      `${start}.${number}.${day}.${mail}.@${host}>`,
    ];
    for (const [n, forgery] of forgeries.entries()) {
      const given = { lines: [LARGE], subject: `Re: Wrong reports [P-${number}]` };
      const settled = await answer(`forged${n}`, forgery, given, 'forged');
      expect(settled).toMatchObject({ state: 'ticketed' });
      expect(settled.ticket_id).not.toBe(ticket.id);
    }
    expect(await ticketNow(ticket)).toEqual(ticket);
  });

  it('a stranger who holds our reference inherits nothing: a ticket of its own, with a note', async () => {
    const { ticket, question } = await asked('stranger');
    const settled = await answer('stranger', question, { from: 'x@evil.example', lines: [`Super admin: ${LARGE}`] });
    expect(settled).toMatchObject({ state: 'ticketed' });
    expect(settled.ticket_id).not.toBe(ticket.id);
    expect(await ticketNow(ticket)).toEqual(ticket);
    expect(await historyOf(world, Number(settled.ticket_id))).toContainEqual(
      expect.objectContaining({ what: 'not appended', because: expect.stringContaining(`P-${ticket.id}`) }),
    );
  });

  it("an address in a signature, or of the sender's own company, is no super admin", async () => {
    const { ticket, question } = await asked('signature');
    await answer('signature', question, {
      lines: [
        'Hello, thank you for your message. I will ask the customer and come back to you.',
        '',
        'sales@other.example',
      ],
    });
    await answer('company', question, { lines: ['boss@sender.example'] });
    expect(await ticketNow(ticket)).toEqual(ticket);
  });

  it.each([
    ['an absence notice', ['Auto-Submitted: auto-replied']],
    ['a bounce', ['Return-Path: <>']],
    ['a mailing list', ['List-Id: <list.sender.example>']],
  ])('%s changes nothing, whatever it says', async (name, headers) => {
    const key = name.replace(/\W+/g, '-');
    const { ticket, question } = await asked(key);
    expect(await answer(key, question, { lines: [`Super admin: ${LARGE}`], headers })).toMatchObject({
      state: 'suppressed',
      ticket_id: null,
    });
    expect(await ticketNow(ticket)).toEqual(ticket);
    expect(await replyNow(world, `${key}-answer@mail.example`)).toBeUndefined();
  });
});
