/** What keeps replies from becoming a flood, on a real ledger and a real mail server, with the time in hand. */
import { describe, expect, it } from 'vitest';
import {
  outboundDrop,
  outboundList,
  outboundPause,
  outboundRelease,
  outboundResume,
} from '../../src/commands/outbound.ts';
import { createConsole } from '../../src/console/app.ts';
import { IntakeError } from '../../src/errors.ts';
import { replies } from '../../src/ledger/index.ts';
import type { Context } from '../../src/stages/context.ts';
import { digestNotices } from '../../src/stages/digest-notices.ts';
import { sendReply } from '../../src/stages/send-reply.ts';
import { run } from '../support/daemon.ts';
import { DESK, guardedWorld, later } from '../support/guarded.ts';

const { w, under, ask, askAll, rows, count, sentTo, env, said, send, sendOne, breach } = guardedWorld();

describe('a day', () => {
  it('has so many replies for one company and one address, also when all ask at once', async () => {
    const six = ['a', 'b', 'c', 'd', 'e', 'F'].map((name) => `${name}@Big.example`);
    await askAll(six, { maxRepliesPerDomainAndDay: 3 });
    expect([await count('intended'), await count('held')]).toEqual([3, 3]);
    for (const { because } of await rows("state = 'held'"))
      expect(because).toBe('the addresses at big.example have had 3 replies in a day');
    // Everybody at a public mail service is a company of their own.
    await askAll(
      ['a', 'b', 'c', 'd'].map((name) => `${name}@webmail.example`),
      { maxRepliesPerDomainAndDay: 3 },
    );
    expect((await rows("recipient like '%webmail.example'")).map(({ state }) => state)).toEqual(
      Array(4).fill('intended'),
    );
    await askAll(Array(5).fill('one@lone.example'), { maxRepliesPerRecipientAndDay: 2 });
    expect((await rows("recipient = 'one@lone.example' and state = 'intended'")).length).toBe(2);
    await askAll(['a@münchen.example', 'b@xn--mnchen-3ya.example', 'c@MÜNCHEN.example', 'd@münchen.example.'], {
      maxRepliesPerDomainAndDay: 2,
    });
    expect((await rows("recipient like '%nchen%' and state = 'held'")).map(({ because }) => because)).toEqual(
      Array(2).fill('the addresses at xn--mnchen-3ya.example have had 2 replies in a day'),
    );
    // The next day is another one.
    await ask('tomorrow', 'a@big.example', { maxRepliesPerDomainAndDay: 3 }, later(24 * 60 + 1));
    expect((await rows()).at(-1)).toMatchObject({ state: 'intended' });
  });
});

describe('an hour', () => {
  it('has room for so many mails; the others wait, the oldest first, and nothing is held or lost', async () => {
    const figures = { maxMailsPerMailboxAndHour: 2, maxMailsPerHour: 3 };
    for (const name of ['a', 'b', 'c', 'd', 'e']) await ask(name, `${name}@${name}.example`, figures);
    await send(figures);
    expect(sentTo()).toHaveLength(2);
    const waiting = await rows("state = 'intended'");
    expect(waiting.map(({ waiting: waits }) => waits)).toEqual([true, true, true]);
    expect(waiting[0]).toMatchObject({ because: 'mailbox com sends 2 mails in an hour', due: new Date(later(60)) });
    const listed = await said(outboundList);
    expect(listed).toMatch(/^3 wait for an hour that has room for them, the next until 2026-03-02T15:00/);
    // Not yet; a younger one does not overtake; the other mailbox has room for one, until all together have none.
    await ask('f', 'f@f.example', figures, later(30));
    await ask('g', 'g@g.example', figures, later(30));
    await ask('h', 'h@h.example', figures, later(30));
    await w.query("update reply set mailbox = 'eu' where recipient in ('g@g.example', 'h@h.example')");
    await send(figures, later(30));
    expect(sentTo()).toHaveLength(2);
    // What waits longer in another mailbox comes first: only three leave all mailboxes in an hour.
    for (const minutes of [61, 122, 183, 244, 305]) await send(figures, later(minutes));
    expect(
      sentTo()
        .toSorted()
        .map((address) => address[0])
        .join(''),
    ).toBe('abcdefgh');
    expect(await rows("state <> 'sent'")).toEqual([]);
    const left = await w.query<{ at: Date }>('select attempted_at as at from reply order by 1');
    for (const { at } of left)
      expect(
        left.filter((one) => one.at <= at && at.getTime() - one.at.getTime() < 60 * 60_000).length,
      ).toBeLessThanOrEqual(3);
    const told = await w.query<{ n: number }>(
      "select count(*) as n from event where what = 'reply waits' group by ticket_id",
    );
    expect(told.map(({ n }) => Number(n))).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('a mailbox that cannot send keeps no other waiting, and takes no place of the sweep', async () => {
    const figures = { maxMailsPerMailboxAndHour: 2, maxMailsPerHour: 4 };
    for (const name of ['a', 'b', 'c', 'd']) await ask(name, `${name}@${name}.example`, figures);
    await w.query(`update reply set mailbox = 'eu', waiting = true, next_attempt_at = '${later(1)}'`);
    for (const name of ['e', 'f']) await ask(name, `${name}@${name}.example`, figures);
    const both = under(figures, later(2));
    const ctx = { ...both, senders: { com: both.senders.com } as typeof both.senders };
    const [e, f] = (await rows("mailbox = 'com'")).map(({ id }) => Number(id));
    const due = (limit: number, mailboxes: ('com' | 'eu')[]) =>
      replies.unfinishedReplies(ctx.db, new Date(Date.now() + 60_000), ctx.now(), limit, mailboxes);
    expect(await due(2, ['com'])).toEqual([e, f]);
    expect(await due(9, ['com', 'eu'])).toHaveLength(6);
    for (const id of await due(2, ['com'])) await sendReply(ctx, id, 1);
    expect(sentTo()).toEqual(['e@e.example', 'f@f.example']);
    await w.query("update reply set state = 'sending' where mailbox = 'eu'");
    expect(await due(9, ['com'])).toHaveLength(4);
  });

  it('a mail is tried for hours that begin with its first attempt, not with what it waited', async () => {
    const refusing = { send: () => Promise.reject(new IntakeError('temporary', 'refused', '451 later')) };
    const attempt = async (id: number, minutes: number) => {
      const senders = { com: { ...under({}).senders.com, ...refusing } } as Context['senders'];
      await expect(sendReply({ ...under({}, later(minutes)), senders }, id, 1)).rejects.toThrow('451 later');
      return (await rows())[0];
    };
    await ask('a', 'a@a.example', {});
    const [{ id } = { id: 0 }] = await rows();
    expect(await attempt(id, 72 * 60)).toMatchObject({ state: 'intended' });
    expect(await attempt(id, 119 * 60)).toMatchObject({ state: 'intended' });
    await sendReply(
      {
        ...under({}, later(121 * 60)),
        senders: { com: { ...under({}).senders.com, ...refusing } } as Context['senders'],
      },
      id,
      1,
    );
    expect((await rows())[0]).toMatchObject({ state: 'held', because: 'tried for 48 hours: 451 later' });
    await said(() => outboundRelease(String(id), {}));
    expect(await attempt(id, 200 * 60)).toMatchObject({ state: 'intended' });
    await said(() => outboundPause({}));
    await said(outboundResume);
    expect(await attempt(id, 300 * 60)).toMatchObject({ state: 'intended' });
  });

  it('a notice does not wait', async () => {
    const figures = { maxMailsPerMailboxAndHour: 1, maxMailsPerHour: 1 };
    await ask('a', 'a@a.example', figures);
    await send(figures);
    await breach('lead@inside.example');
    await digestNotices(under(figures));
    await ask('b', 'b@b.example', figures);
    await send(figures);
    expect(sentTo()).toEqual(['a@a.example', 'lead@inside.example']);
  });
});

describe('a storm', () => {
  const figures = { storm: { replies: 4, minutes: 10 } };
  const peers = (names: string): string[] => [...names].map((name) => `${name}@${name}.example`);

  it('holds replies and is told once; by hand they are sent or given up, and it ends', async () => {
    for (const peer of peers('abcd')) await ask(peer.slice(0, 1), peer, figures);
    const [first] = await rows();
    await sendOne(first?.id ?? 0, figures);
    expect(sentTo()).toEqual(['a@a.example']);
    // Ten minutes later they would be no storm.
    await askAll(peers('efgh'), figures, later(9));
    await send(figures, later(9));
    expect(sentTo()).toEqual(['a@a.example']);
    const held = await rows("state = 'held'");
    expect(held).toHaveLength(7);
    for (const { because } of held) expect(because).toBe('storm: more than 4 replies in 10 minutes');
    expect(await w.notices()).toEqual([`storm ${later(9)}`]);
    await digestNotices(under(figures, later(10)));
    const told = await w.query<{ recipient: string }>('select recipient from notice_recipient order by 1');
    expect(told.map(({ recipient }) => recipient)).toContain(DESK);
    expect(new Set(told.map(({ recipient }) => recipient)).size).toBe(told.length);
    const mails = await w.query<{ message: { subject: string; text: string } }>(
      "select message from reply where kind = 'notice'",
    );
    expect(mails).toHaveLength(told.length);
    expect(mails[0]?.message.subject).toBe('Partner support: 1 storm of replies');
    expect(mails[0]?.message.text).toContain('more than 4 replies in 10 minutes');
    await w.query("update reply set state = 'failed' where kind = 'notice'");

    const listed = await said(outboundList);
    expect(listed).toMatch(/^A storm of replies since 2026-03-02T14:09:00.000Z \(more than 4 replies in 10 minutes\)/);
    const app = createConsole({ ...under(figures, later(10)), queue: w.ctx.queue });
    expect(await (await app.request('/')).text()).toContain('A storm of replies since 2026-03-02T14:09:00.000Z');
    expect(await (await app.request('/metrics')).text()).toContain('partner_intake_outbound_stopped{by="storm"} 1');
    const ready = await app.request('/health/ready');
    expect(await ready.json()).toMatchObject({
      ready: true,
      outbound: { stormSince: later(9), pausedSince: null, held: 7 },
    });

    expect(await run(['outbound', 'release'], env())).toMatchObject({ code: 2 });
    expect(await run(['outbound', 'release', '1', '--all'], env())).toMatchObject({ code: 2 });
    expect(await said(() => outboundRelease(undefined, { reason: 'no such reason' }))).toMatch(
      /^error: nothing is held because/,
    );
    // By hand one goes out though the storm is on; the clock of a ticket does not matter here.
    expect(await said(() => outboundRelease(String(held[0]?.id), {}))).toContain('the daemon sends it');
    await send(figures, later(11));
    expect(sentTo()).toEqual(['a@a.example', held[0]?.recipient]);
    expect(await said(outboundResume)).toMatch(
      /^The storm since .* is over: new replies go out again\.\n6 mails are held:/,
    );
    expect(await said(outboundResume)).toMatch(/^error: nothing is stopped/);
    expect(await said(() => outboundDrop(String(held[1]?.id), {}))).toContain('dropped');
    expect((await run(['outbound', 'release', '--reason', 'STORM'], env())).stdout).toBe(
      '5 mails: the daemon sends it\n',
    );
    // What a person let go, and what was before, begins no new storm: the policy's replies more do.
    await w.query(`update setting set value = '${later(11)}' where key = 'outbound-resumed'`);
    await ask('i', 'i@i.example', figures, later(12));
    await send(figures, later(12));
    expect(sentTo()).toHaveLength(8);
    expect(await said(() => outboundDrop(undefined, { all: true }))).toMatch(/^error: nothing is held:/);
    await askAll(peers('jklm'), figures, later(13));
    // Those that were decided at once did not see one another: the last look before they leave does.
    await send(figures, later(13));
    expect(sentTo()).toHaveLength(8);
    expect(await count('held')).toBe(4);
    expect(await w.notices()).toEqual([`storm ${later(9)}`, `storm ${later(13)}`]);
  });
});

it('a storm comes also when the clock was set back since a person let the last one go', async () => {
  await w.query(`insert into setting values ('outbound-resumed', '${later(24 * 60)}')`);
  for (const name of ['a', 'b', 'c', 'd'])
    await ask(name, `${name}@${name}.example`, { storm: { replies: 2, minutes: 10 } });
  expect(await count('held')).toBe(2);
});

describe('mail of a list or a machine that holds a filled-in template', () => {
  it.each([
    ['it has list-id', 'Help', ['List-Id: <team.x.example>', 'Precedence: list']],
    ['Precedence is list', 'Help', ['Precedence: list']],
    ['its subject is that of an absence notice', 'Automatic reply: your question', ['In-Reply-To: <k@x.example>']],
  ])('%s: it becomes a ticket, and is not answered', async (sign, subject, headers) => {
    const ticket = await w.arrive({ id: 'list@mail.example', says: 'ask', subject, headers }, later(0), under({}));
    const because = `${sign}: mail of lists and machines is never answered`;
    expect((await w.shown(ticket)).history).toContainEqual(
      expect.objectContaining({ what: 'reply missing-superadmin-ask not sent', because }),
    );
    expect(await rows()).toEqual([]);
  });
});

describe('a pause', () => {
  it('stops every mail for every process until it is ended, and loses none', async () => {
    const figures = {};
    expect((await run(['outbound', 'pause', '--because', 'the server moves'], env())).stdout).toMatch(
      /^All sending is stopped\. /,
    );
    expect(await said(() => outboundPause({}))).toMatch(/^error: .*\(the server moves\)/);
    await ask('a', 'a@a.example', figures);
    await ask('old', 'old@old.example', figures);
    await breach('lead@inside.example');
    await digestNotices(under(figures));
    const ids = (await rows()).map(({ id }) => id);
    for (const id of ids) await sendOne(id, figures);
    await send(figures);
    expect(sentTo()).toEqual([]);
    expect((await rows()).map(({ state }) => state)).toEqual(['intended', 'intended', 'intended']);

    expect(await said(outboundList)).toMatch(
      /^All sending is stopped since \S+ \(the server moves\); 3 wait: .*\nNothing is held\.\n$/,
    );
    const doctor = await run(['doctor'], { DATABASE_URL: w.url, LOG_LEVEL: 'silent' });
    expect(doctor.stdout).toMatch(
      /^note {3}all sending is stopped since \S+ \(the server moves\): partner-intake outbound resume$/m,
    );
    const app = createConsole({ ...under(figures), queue: w.ctx.queue });
    expect(await (await app.request('/')).text()).toMatch(/All sending is stopped since \S+ \(the server moves\)/);
    expect(await (await app.request('/metrics')).text()).toContain('partner_intake_outbound_stopped{by="pause"} 1');
    expect(await (await app.request('/health/ready')).json()).toMatchObject({
      outbound: { pausedSince: expect.any(String) },
    });

    expect(await said(outboundResume)).toMatch(/^The pause since \S+ \(the server moves\) is over: what was written/);
    // The policy's days have passed for one of them.
    await w.query(
      `update mail set arrived_at = arrived_at - interval '8 days' where message_id = '<old@mail.example>'`,
    );
    await send(figures, later(5));
    expect(sentTo().toSorted()).toEqual(['a@a.example', 'lead@inside.example']);
    expect(await rows("recipient = 'old@old.example'")).toMatchObject([
      { state: 'held', because: 'the mail arrived more than 7 days ago' },
    ]);
  });
});
