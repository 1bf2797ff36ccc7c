/** People inside write back: an answer to a notice is no request, and none of them is ever answered by itself. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditLedger } from '../../src/ledger/audit.ts';
import { lastDecided } from '../../src/ledger/decided.ts';
import { decideMail } from '../../src/stages/decide-mail.ts';
import { report } from '../support/guarded.ts';
import { historyOf, settledMail } from '../support/ledger-view.ts';
import { DESK, type Notices, openNotices } from '../support/notices.ts';

let n: Notices;

beforeAll(async () => {
  n = await openNotices();
});
afterAll(() => n?.close());
/** Another week: what one test has mailed is no limit for the next. */
beforeEach(() => n.wednesday());

describe('an answer to a notice', () => {
  const answer = async (id: string, from: string, headers: string[]): Promise<void> =>
    await decideMail(
      n.ctx,
      await n.stored({ id, from, headers, says: 'ask', subject: 'Re: Partner support: 1 breach' }),
    );

  it('of somebody who was told makes no ticket and gets no reply; the ticket tells of it', async () => {
    const [lead] = n.leads as [string];
    const ticket = await n.decided({ id: 'told@n.example' });
    await n.breach(ticket);
    await n.digest();
    const row = (await n.rows(`recipient = '${lead}'`)).at(-1);
    const headers = [`In-Reply-To: ${row?.message_id}`, `References: ${row?.message_id}`];
    const before = n.mailsTo(lead).length;
    await answer('lead-answers@n.example', `Lead <${lead}>`, headers);
    expect(await settledMail(n.world, 'lead-answers@n.example')).toMatchObject({
      state: 'suppressed',
      because: 'answer to a notice of ours',
      ticket_id: null,
    });
    expect(await n.told(ticket)).toContain('notice answered');
    expect(n.mailsTo(lead)).toHaveLength(before);
    // It decided nothing: `policy try` has nothing to decide again.
    const [{ id: answered }] = (await n.world.query<{ id: string }>(
      `select id from mail where message_id like '%lead-answers@n.example%'`,
    )) as [{ id: string }];
    const decided = await lastDecided(n.ctx.db, 100);
    expect(decided.map(Number)).not.toContain(Number(answered));
    expect(decided.length).toBeGreaterThan(0);

    // Forwarded to a partner, it is a partner's request all the same.
    await answer('forwarded@n.example', 'X <x@reseller.example>', headers);
    expect((await settledMail(n.world, 'forwarded@n.example')).state).toBe('ticketed');
    // A reference that nobody was told with is no notice of ours.
    await answer('forged@n.example', `Lead <${lead}>`, [`In-Reply-To: <pi-notice.${'0'.repeat(32)}@zohocorp.com>`]);
    expect((await settledMail(n.world, 'forged@n.example')).state).toBe('ticketed');
  });

  it('that comes back is told on the ticket', async () => {
    const [lead] = n.leads as [string];
    const ticket = await n.decided({ id: 'unreached@n.example' });
    await n.breach(ticket);
    await n.digest();
    const row = (await n.rows(`recipient = '${lead}'`)).at(-1);
    const came = report('report@n.example', { recipient: lead, status: '5.1.1', messageId: String(row?.message_id) });
    await decideMail(n.ctx, await n.storedAs('report@n.example', came));
    expect((await settledMail(n.world, 'report@n.example')).state).toBe('suppressed');
    expect(await historyOf(n.world, Number(ticket.id))).toContainEqual(
      expect.objectContaining({ what: 'notice did not arrive', because: expect.stringContaining(`${lead}, 5.1.1`) }),
    );
  });

  it('a new mail of a contact is a ticket, but is never answered by itself', async () => {
    const [lead] = n.leads as [string];
    const ticket = await n.decided({ id: 'of-lead@n.example', from: `Lead <${lead}>`, says: 'ask' });
    expect(ticket.decision.reply).not.toBeNull();
    expect(await n.world.query(`select id from reply where ticket_id = ${ticket.id}`)).toEqual([]);
    expect(await historyOf(n.world, Number(ticket.id))).toContainEqual(
      expect.objectContaining({ because: expect.stringContaining('people inside') }),
    );
  });
});

describe('who gets notices is never answered by itself', () => {
  it.each([
    ['the escalation desk', DESK.toUpperCase(), 'the sender is the escalation desk (ESCALATION_DESK)'],
    ['an account manager', 'Manager@zoho.example', "the sender is a partner's account manager (PARTNERS)"],
    ['somebody who was told once', 'once@told.example', 'notices of ours go to the sender'],
  ])('%s', async (_, address, because) => {
    const name = address.split('@')[0];
    if (address.startsWith('once')) {
      const about = await n.decided({ id: 'about@n.example' });
      await n.breach(about, { key: 'once', level: 'account-manager', recipient: address });
      await n.digest();
    }
    const ticket = await n.decided({ id: `${name}@inside.example`, from: `Desk <${address}>`, says: 'ask' });
    expect(ticket.decision.reply).toBe('missing-superadmin-ask');
    expect(await n.world.query(`select id from reply where ticket_id = ${ticket.id}`)).toEqual([]);
    expect(await historyOf(n.world, Number(ticket.id))).toContainEqual(
      expect.objectContaining({ what: 'reply missing-superadmin-ask not sent', because }),
    );
    expect(await n.told(ticket), 'nobody was asked').not.toContain('clock paused');
  });

  it('a colleague of theirs is a partner like any other', async () => {
    const ticket = await n.decided({ id: 'colleague@n.example', from: 'X <x@told.example>', says: 'ask' });
    expect(await n.world.query(`select kind from reply where ticket_id = ${ticket.id}`)).toHaveLength(1);
  });
});

it('nothing of it is left unexplained', async () => {
  expect(await auditLedger(n.ctx.db)).toMatchObject({ unexplained: 0, problems: [] });
});
