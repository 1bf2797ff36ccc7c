/** Which ticket an answer finds, and all that must not join one. */
import { describe, expect, it } from 'vitest';
import { replyAddress, replyMessageId } from '../../src/pipeline/reply/thread.ts';
import { agent, type Conversations, daysAgo } from './conversation-world.ts';
import { WORDS } from './conversations.ts';
import { run } from './daemon.ts';
import { ticketOf } from './json-shapes.ts';
import { historyOf, replyNow, settledMail } from './ledger-view.ts';
import { LARGE, letter } from './letters.ts';

const print = 'ab'.repeat(32);

export function conversationThreads(c: Conversations): void {
  const { send, asked, ticketNow, signingKey, expectApart } = c;

  describe.concurrent('an answer finds its ticket', () => {
    it('by the address it was sent to, where the mail program leaves out the references', async () => {
      const { ticket, name } = await asked('address');
      const sent = c.world.accepted().find(({ parsed }) => parsed.inReplyTo === '<address@mail.example>');
      const to = sent?.parsed.replyTo?.value[0]?.address ?? '';
      expect(to).toMatch(/^partner-support\+pi-[0-9a-z-]+@zohocorp\.com$/);
      const mail = await send(`${name}-answer`, { from: agent(name), to, subject: '', lines: [LARGE] });
      expect(mail).toMatchObject({ state: 'appended', ticket_id: ticket.id });
      expect((await ticketNow(ticket))?.superadmin_email).toBe(LARGE);
    });

    it("by the partner's own mail that it goes on from, or an ancestor both have", async () => {
      const headers = ['References: <root@partner.example> <second@partner.example>'];
      const first = { from: agent('ancestor'), subject: 'Slow', lines: WORDS.en.request, headers };
      const { ticket_id } = await send('ancestor', first);
      const own = { from: agent('ancestor'), subject: 'Re: Slow', lines: ['One more thing: it is the new report.'] };
      for (const [id, reference] of [
        ['own', '<ancestor@mail.example>'],
        ['root', '<root@partner.example>'],
      ]) {
        const mail = await send(`ancestor-${id}`, { ...own, headers: [`References: ${reference}`] });
        expect(mail, id).toMatchObject({ state: 'appended', ticket_id });
      }
      const stranger = { ...own, from: 'x@elsewhere.example', headers: ['References: <root@partner.example>'] };
      expect(await send('ancestor-stranger', stranger)).toMatchObject({ state: 'ticketed' });
    });

    it('that was made of another subject on an old thread, whatever else that thread refers to', async () => {
      const one = await asked('split');
      const own = { from: agent('split'), subject: 'Payroll of March', lines: ['How do I close the month?'] };
      const apart = await send('split-b', { ...own, headers: [`In-Reply-To: ${one.question}`] });
      expect(apart.ticket_id).not.toBe(one.ticket.id);
      const headers = [
        'In-Reply-To: <associate@desk.example>',
        `References: ${one.question} <split-b@mail.example> <associate@desk.example>`,
      ];
      const later = { ...own, subject: 'Re: Payroll of March', lines: ['And of April?'], headers };
      expect(await send('split-b2', later)).toMatchObject({ state: 'appended', ticket_id: apart.ticket_id });
      const nearest = { from: agent('split'), subject: `Re: ${one.subject}`, lines: ['Thank you, we wait.'] };
      const first = await send('split-a2', { ...nearest, headers: ['In-Reply-To: <split@mail.example>'] });
      expect(first).toMatchObject({ state: 'appended', ticket_id: one.ticket.id });
    });

    it('by the number in its subject, from whoever is known there', async () => {
      const { ticket, name, subject } = await asked('number');
      const mail = { from: 'Colleague <other@number.example>', subject: `${subject} (P-${ticket.id})`, lines: [LARGE] };
      expect(await send(`${name}-answer`, mail)).toMatchObject({ state: 'appended', ticket_id: ticket.id });
    });

    it('a month later, on a ticket that is resolved: noted, and nothing is reopened by itself', async () => {
      const { ticket, name, subject } = await asked('month');
      expect(await run(['mark', String(ticket.id), 'resolved'], c.world.env)).toMatchObject({ code: 0 });
      const question = replyMessageId(await signingKey(), Number(ticket.id), print, 'zohocorp.com', daysAgo(31));
      const headers = [`In-Reply-To: ${question}`];
      const mail = await send(`${name}-answer`, { from: agent(name), subject, headers, lines: ['It is back again.'] });
      expect(mail).toMatchObject({ state: 'appended', ticket_id: ticket.id });
      const late = { from: agent(name), subject, headers, lines: ['The super admin is nobody@unknown.example.'] };
      expect(await send(`${name}-late`, late)).toMatchObject({ state: 'appended', ticket_id: ticket.id });
      expect(
        await replyNow(c.world, `${name}-late@mail.example`),
        'nobody is asked about a resolved ticket',
      ).toBeUndefined();
      expect(await ticketOf(c.world.env, String(ticket.id))).toMatchObject({ status: 'resolved' });
      expect((await historyOf(c.world, Number(ticket.id))).map(({ what }) => what)).toContain(
        'answered after it was resolved',
      );
    });

    it('after its key was followed by another', async () => {
      const { ticket, name, subject, question } = await asked('rotated');
      expect(await run(['keys', 'rotate'], c.world.env)).toMatchObject({ code: 0, stderr: '' });
      const headers = [`In-Reply-To: ${question}`];
      const mail = await send(`${name}-answer`, { from: agent(name), subject, headers, lines: [LARGE] });
      expect(mail).toMatchObject({ state: 'appended', ticket_id: ticket.id });
      const list = await run(['keys', 'list'], c.world.env);
      expect(list.stdout.trim().split('\n').at(-1)).toMatch(/signs$/);
      expect(list.stdout).not.toContain((await signingKey()).secret);
    });
  });

  describe.concurrent('what only seems to answer makes a ticket of its own, with a note', () => {
    it('a forged reference, though its sender is known and quotes the number', async () => {
      const one = await asked('forgery');
      const subject = `Re: ${one.subject} [P-${one.ticket.id}]`;
      const headers = [`In-Reply-To: ${one.question.replace(/[0-9a-f]{4}@/, '0000@')}`];
      const mail = await send('forgery-answer', { from: agent('forgery'), subject, headers, lines: [LARGE] });
      await expectApart(one, mail, /^its signed reference is not one of ours$/);
    });

    it('a reference that is too old', async () => {
      const one = await asked('expired');
      const key = await signingKey();
      const question = replyMessageId(key, Number(one.ticket.id), print, 'zohocorp.com', daysAgo(181));
      const mail = {
        from: agent('expired'),
        subject: one.subject,
        headers: [`References: ${question}`],
        lines: [LARGE],
      };
      await expectApart(one, await send('expired-answer', mail), /older than 180 days/);
      expect((await historyOf(c.world, Number(one.ticket.id))).at(-1)?.what).toMatch(
        /^ticket P-\d+ was made of a mail from here$/,
      );
    });

    it('a stranger with our reference, our address, or the number', async () => {
      const one = await asked('quoted');
      const to = replyAddress(await signingKey(), Number(one.ticket.id), 'partner-support@zohocorp.com', new Date());
      const mails = [
        { headers: [`In-Reply-To: ${one.question}`] },
        { to },
        { subject: `Re: ${one.subject} [P-${one.ticket.id}]` },
        { headers: ['References: <quoted@mail.example>'] },
      ];
      for (const [n, mail] of mails.entries()) {
        const given = { subject: one.subject, from: 'x@evil.example', lines: [`Super admin: ${LARGE}`], ...mail };
        await expectApart(one, await send(`quoted-${n}`, given), /its sender is not known there/);
      }
      const events = (await historyOf(c.world, Number(one.ticket.id))).map(({ what }) => what);
      expect(
        events.filter((what) => /was made of a mail/.test(what)),
        'no stranger writes into its history',
      ).toEqual([]);
    });

    it('another subject on an old thread, and a forward to us', async () => {
      const one = await asked('subject');
      const headers = [`In-Reply-To: ${one.question}`];
      const other = {
        from: agent('subject'),
        headers,
        subject: 'Payroll of March',
        lines: ['A new matter: how do I close the month?'],
      };
      await expectApart(one, await send('subject-other', other), /its subject is another than that of ticket P-/);
      const forward = { ...other, subject: `Fwd: ${one.subject}`, lines: ['FYI, please handle.'] };
      await expectApart(one, await send('subject-forward', forward), /it forwards mail of ticket P-/);
      expect(
        (await historyOf(c.world, Number(one.ticket.id))).filter(({ what }) => /was made of a mail/.test(what)),
      ).toHaveLength(2);
    });

    it('a new request that was begun by answering an old mail', async () => {
      const one = await asked('anew');
      const headers = ['References: <anew@mail.example>'];
      const mail = letter({ id: 'anew-2@mail.example', from: agent('anew'), subject: `Re: ${one.subject}`, headers });
      await c.world.deliver([{ mailbox: 'com', raw: mail }]);
      // The first mail had no template: its words are no description to compare with, this one has another.
      await expectApart(
        one,
        await settledMail(c.world, 'anew-2@mail.example'),
        /fills in the template with another request/,
      );
    });
  });
}
