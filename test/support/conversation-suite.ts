/** Ask, answer, decided again, shown; and what an answer may change: whatever the ticket system is. */
import { describe, expect, it } from 'vitest';
import { conversationThreads } from './conversation-threads.ts';
import { agent, type Conversations } from './conversation-world.ts';
import { type Language, WAYS, WORDS } from './conversations.ts';
import { run } from './daemon.ts';
import { historyOf, replyNow, settledMail } from './ledger-view.ts';
import { LARGE, letter } from './letters.ts';

export function conversationSuite(c: Conversations, languages: readonly Language[]): void {
  const { send, asked, ticketNow } = c;

  describe.concurrent.each(languages)('a conversation in %s', (language) => {
    it.each(Object.entries(WAYS))('answered by %s', async (way, write) => {
      const words = WORDS[language];
      const name = `${way.replaceAll(' ', '-')}-${language}`;
      const { ticket, question, subject } = await asked(name, language);
      expect(ticket).toMatchObject({ decision: { severity: 'S2', provisional: true, missing: ['superadminEmail'] } });
      const from = way === 'a colleague' ? `Colleague <colleague@${name}.example>` : agent(name);
      const given = { from, subject: `${words.answered}: ${subject} [P-${ticket.id}]`, lines: write(words) };
      const mail = await send(`${name}-answer`, { ...given, headers: [`In-Reply-To: ${question}`] });
      expect(mail).toMatchObject({ state: 'appended', ticket_id: ticket.id });
      expect(await ticketNow(ticket)).toMatchObject({
        superadmin_email: LARGE,
        superadmin_by: 'partner',
        decision: { severity: 'S1', priorityCustomer: true, provisional: false, missing: [], reply: null },
      });
      const changed = (await historyOf(c.world, Number(ticket.id))).filter(({ by }) => by === 'partner').at(-1);
      expect(changed?.what).toContain('severity S2 -> S1, priorityCustomer false -> true, provisional true -> false');
      expect(changed?.because).toContain(`the partner's answer names ${LARGE}`);
      expect(await replyNow(c.world, `${name}-answer@mail.example`)).toBeUndefined();
    });

    it('a thank-you changes nothing, and asks for nothing again', async () => {
      const { ticket, question, subject, name } = await asked(`thanks-${language}`, language);
      const headers = [`In-Reply-To: ${question}`];
      const mail = await send(`${name}-answer`, {
        from: agent(name),
        subject,
        headers,
        lines: [WORDS[language].thanks],
      });
      expect(mail).toMatchObject({ state: 'appended', ticket_id: ticket.id });
      expect(await ticketNow(ticket)).toEqual(ticket);
      expect(await replyNow(c.world, `${name}-answer@mail.example`)).toBeUndefined();
    });
  });

  conversationThreads(c);

  describe.concurrent('what an answer may change', () => {
    it('not a ticket that asks for nothing: a filled-in template is a request of its own', async () => {
      const { ticket, name, subject, question } = await asked('settled');
      const headers = [`In-Reply-To: ${question}`];
      await send(`${name}-answer`, { from: agent(name), subject, headers, lines: [LARGE] });
      await c.world.deliver([
        { mailbox: 'com', raw: letter({ id: 'settled-new@mail.example', from: agent(name), subject: 'Re:', headers }) },
      ]);
      const mail = await settledMail(c.world, 'settled-new@mail.example');
      expect(mail.state).toBe('ticketed');
      expect(mail.ticket_id).not.toBe(ticket.id);
    });

    it("nobody's: a mail of a pseudonym, or without a sender, joins nothing", async () => {
      const { ticket, name } = await asked('erased');
      await c.world.query(`update ticket set sender = 'erased-1@erased.invalid' where id = ${ticket.id}`);
      const given = { subject: `Re: [P-${ticket.id}]`, lines: [LARGE] };
      for (const [n, from] of ['x@erased.invalid', 'erased-1@erased.invalid', '<>'].entries()) {
        const mail = await send(`${name}-${n}`, { ...given, from });
        expect(mail.ticket_id, from).not.toBe(ticket.id);
      }
    });

    it('not what an associate set: the conflict is shown', async () => {
      const { ticket, name, subject, question } = await asked('hand');
      await run(['set', String(ticket.id), 'superadmin', 'owner@small.example'], c.world.env);
      const headers = [`In-Reply-To: ${question}`];
      await send(`${name}-answer`, { from: agent(name), subject, headers, lines: [LARGE] });
      expect(await ticketNow(ticket)).toMatchObject({
        superadmin_email: 'owner@small.example',
        superadmin_by: 'associate',
      });
      expect(await historyOf(c.world, Number(ticket.id))).toContainEqual({
        by: 'partner',
        what: 'conflict: another super admin is named',
        because: `the partner names ${LARGE} as super admin; an associate set owner@small.example, which stays`,
      });
    });

    it('not what was not asked for', async () => {
      const { ticket, name, subject, question } = await asked('unasked');
      const headers = [`In-Reply-To: ${question}`];
      await send(`${name}-answer`, { from: agent(name), subject, headers, lines: [LARGE] });
      const lines = ['The super admin is owner@small.example.'];
      await send(`${name}-again`, { from: agent(name), subject, headers, lines });
      expect(await ticketNow(ticket)).toMatchObject({ superadmin_email: LARGE });
      expect((await historyOf(c.world, Number(ticket.id))).map(({ what }) => what)).toContain(
        'conflict: another super admin is named',
      );
    });

    it("a labelled customer's address is the customer's: the account is found by its domain", async () => {
      const { ticket, name, subject, question } = await asked('customer');
      const headers = [`In-Reply-To: ${question}`];
      const lines = ['Customer email address: user@large.example'];
      await send(`${name}-answer`, { from: agent(name), subject, headers, lines });
      expect(await ticketNow(ticket)).toMatchObject({
        decision: { severity: 'S1', account: { superadminEmail: LARGE, matchedBy: 'domain' } },
      });
    });

    it('the same is not asked twice: an answer that leads nowhere is left to an associate', async () => {
      const { ticket, name, subject, question } = await asked('nowhere');
      const headers = [`In-Reply-To: ${question}`];
      const mail = await send(`${name}-answer`, { from: agent(name), subject, headers, lines: ['ZOID: 699999999'] });
      expect(mail).toMatchObject({ state: 'appended' });
      expect(await ticketNow(ticket)).toMatchObject({
        decision: { provisional: true, reply: 'missing-superadmin-ask' },
      });
      expect(await historyOf(c.world, Number(ticket.id))).toContainEqual(
        expect.objectContaining({
          what: 'reply missing-superadmin-ask not sent',
          because: expect.stringMatching(/^the same was asked on .*: once in 14 days$/),
        }),
      );
      expect(await replyNow(c.world, `${name}-answer@mail.example`)).toBeUndefined();
    });
  });
}
