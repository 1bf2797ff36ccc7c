/** What is held for a person, and what they do with it by hand. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listHeld } from '../../src/ledger/outbound.ts';
import { digestNotices } from '../../src/stages/digest-notices.ts';
import { sendReply } from '../../src/stages/send-reply.ts';
import { run } from '../support/daemon.ts';
import { historyOf } from '../support/ledger-view.ts';
import { HOUR, type Notices, openNotices } from '../support/notices.ts';

let n: Notices;

beforeAll(async () => {
  n = await openNotices();
});
afterAll(() => n?.close());

describe('a notice that is held', () => {
  it('is listed; released it goes out, dropped it never does, and the ticket says so', async () => {
    const recipient = 'held@accounts.example';
    const ticket = await n.decided({ id: 'held@n.example' });
    const held = async (key: string): Promise<number> => {
      await n.breach(ticket, { key, level: 'account-manager', recipient });
      const [id] = await digestNotices(n.ctx);
      await n.world.query(`update reply set state = 'held', because = 'tried for 24 hours' where id = ${id}`);
      n.pass(HOUR);
      return Number(id);
    };
    const [first, second] = [await held('held 1'), await held('held 2')];
    const own = (await listHeld(n.ctx.db)).filter((mail) => mail.recipient === recipient);
    expect(own).toMatchObject([
      { id: first, kind: 'notice', tickets: [`P-${ticket.id}`], because: 'tried for 24 hours' },
      { id: second, subject: expect.stringContaining('1 breach') },
    ]);
    const listed = await run(['outbound', 'list'], n.world.env);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toMatch(
      new RegExp(`^${first} .*notice .*to ${recipient} .*P-${ticket.id} .*tried for 24 hours`, 'm'),
    );
    expect(await run(['outbound', 'release', String(first)], n.world.env)).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['outbound', 'release', String(first)], n.world.env)).toEqual({
      code: 1,
      stdout: '',
      stderr: `partner-intake: mail ${first} is not held: partner-intake outbound list shows what is\n`,
    });
    expect(await run(['outbound', 'drop', String(second)], n.world.env)).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['outbound', 'drop', 'P-1'], n.world.env)).toMatchObject({ code: 2 });
    for (const id of [first, second]) await sendReply(n.ctx, id, n.instance.id);
    expect(n.mailsTo(recipient)).toHaveLength(1);
    expect(await n.rows(`recipient = '${recipient}'`)).toMatchObject([{ state: 'sent' }, { state: 'failed' }]);
    expect((await listHeld(n.ctx.db)).filter((mail) => mail.recipient === recipient)).toEqual([]);
    const history = await historyOf(n.world, Number(ticket.id));
    for (const what of ['notice released', 'notice dropped'])
      expect(history).toContainEqual(expect.objectContaining({ what, by: 'associate' }));
  });
});
