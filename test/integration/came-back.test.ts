/** What a report that a mail of ours came back does, and what no report does, on a real ledger and a real mail server. */
import { describe, expect, it } from 'vitest';
import { outboundSuppressed, outboundUnsuppress } from '../../src/commands/outbound.ts';
import { run } from '../support/daemon.ts';
import { guardedWorld, later, report } from '../support/guarded.ts';

const { w, ask, rows, said, send } = guardedWorld();

describe('an address that mail came back from', () => {
  const figures = {};
  /** Asks, sends, and lets the reply come back. */
  async function comesBack(
    name: string,
    status: string,
    over: { messageId?: string; recipient?: string; action?: string } = {},
  ) {
    const address = `${name}@${name}.example`;
    const ticket = await ask(name, address, figures);
    await send(figures);
    const [reply] = await w.query<{ message_id: string }>(`select message_id from reply where ticket_id = ${ticket}`);
    const id = `dsn-${name}@mx.example`;
    await w.receive(
      id,
      report(id, { recipient: address, status, messageId: reply?.message_id ?? '', ...over }),
      later(1),
    );
    return ticket;
  }

  it('for good gets no more replies until a person wants it; a report that proves nothing keeps nobody back', async () => {
    const gone = await comesBack('gone', '5.1.1');
    await comesBack('full', '5.2.2');
    await comesBack('late', '4.4.1');
    const forged = await comesBack('forged', '5.1.1', {
      messageId: '<pi.k1.1001.abc.0123456789abcdef.00@zohocorp.com>',
    });
    expect((await w.shown(forged)).history.map(({ what }) => what)).not.toContain('reply did not arrive');
    expect(await w.query(`select until_at from pause where ticket_id = ${forged}`)).toEqual([{ until_at: null }]);
    await comesBack('forwards', '5.1.1', { recipient: 'colleague@elsewhere.example' });
    expect(await said(outboundSuppressed)).toMatch(
      /^gone@gone\.example {2}since \S+ {2}gone@gone\.example, 5\.1\.1, 550 no such user\n$/,
    );

    const view = await w.shown(gone);
    const bounced = { at: later(1), because: 'gone@gone.example, 5.1.1, 550 no such user' };
    expect(view.replies).toMatchObject([{ state: 'sent', bounced }]);
    expect(view.history.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['reply did not arrive', 'no more replies to this address']),
    );
    const shown = await run(['ticket', `P-${gone}`], { DATABASE_URL: w.url });
    expect(shown.stdout).toContain(`sent, came back ${later(1)}: gone@gone.example, 5.1.1, 550 no such user`);
    const back = await w.query<{ recipient: string }>(
      'select recipient from reply where bounced_at is not null order by id',
    );
    expect(back.map(({ recipient }) => recipient.split('@')[0])).toEqual(['gone', 'full', 'forwards']);

    for (const name of ['gone', 'full', 'late', 'forged', 'forwards'])
      await ask(`${name}-2`, `${name[0]?.toUpperCase()}${name.slice(1)}@${name}.example`, figures, later(2));
    const again = await rows("recipient not like '%@mx.example' and state <> 'sent'");
    expect(again.map(({ recipient, state }) => [recipient.split('@')[0], state])).toEqual([
      ['Gone', 'held'],
      ['Full', 'intended'],
      ['Late', 'intended'],
      ['Forged', 'intended'],
      ['Forwards', 'intended'],
    ]);
    expect(again[0]?.because).toBe('mail to the recipient came back: gone@gone.example, 5.1.1, 550 no such user');
    expect(await said(() => outboundUnsuppress('GONE@gone.example'))).toBe(
      'Replies to GONE@gone.example go out again; 1 held mails to it wait for partner-intake outbound release.\n',
    );
    expect(await said(() => outboundUnsuppress('gone@gone.example'))).toMatch(
      /^error: mail to gone@gone.example is not/,
    );
  });

  it.each([
    ['failed', '4.4.7', 'reply did not arrive'],
    ['delayed', '5.0.0', 'reply delayed'],
    ['delivered', '2.0.0', null],
    ['relayed', '5.0.0', null],
  ])('%s with status %s: %s', async (action, status, told) => {
    const { history, replies: shown } = await w.shown(await comesBack('back', status, { action }));
    const whats = history.map(({ what }) => what);
    expect(whats.filter((what) => /delayed|did not arrive/.test(what))).toEqual(told === null ? [] : [told]);
    expect(shown[0]?.bounced === undefined).toBe(told !== 'reply did not arrive');
    const open = await w.query('select from pause where until_at is null');
    expect(open).toHaveLength(told === 'reply did not arrive' ? 0 : 1);
  });

  it('without any Message-ID in its report is the one whose question a ticket waits on', async () => {
    const ticket = await comesBack('bare', '5.1.1', { messageId: '' });
    expect((await w.shown(ticket)).history.map(({ what }) => what)).toContain('reply did not arrive');
    expect(await said(outboundSuppressed)).not.toContain('bare');
  });

  it('is the same however its domain is spelt', async () => {
    await comesBack('gone', '5.1.1');
    await w.query("update suppressed set address = 'gone@xn--mnchen-3ya.example'");
    for (const [name, domain] of [
      ['1', 'münchen.example'],
      ['2', 'xn--mnchen-3ya.example.'],
    ])
      await ask(`idn-${name}`, `gone@${domain}`, figures);
    expect((await rows("recipient like 'gone@%nchen%'")).map(({ state }) => state)).toEqual(['held', 'held']);
  });

  it('while a reply to it waits: that one is held too', async () => {
    await ask('soon-2', 'soon@soon.example', figures);
    const [{ id } = { id: 0 }] = await rows();
    await w.query(`update reply set state = 'held' where id = ${id}`);
    await comesBack('soon', '5.1.1');
    await w.query(`update reply set state = 'intended' where id = ${id}`);
    await send(figures);
    expect(await rows(`id = ${id}`)).toMatchObject([{ state: 'held', because: expect.stringContaining('came back') }]);
  });
});
