/** What left earlier is looked up in the Sent folder of a real Dovecot. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSentFolder, type SentFolder } from '../../src/adapters/sent-folder-imap.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const PASSWORD = 'secret of the test';
const users = Array.from({ length: 10 }, (_, n) => ({ name: `sender${n}@support.example`, password: PASSWORD }));
const copy = (id: string, ours = true): string =>
  `Message-ID: <${id}>\r\n${ours ? 'X-Partner-Intake-Loop: 1\r\n' : ''}Subject: a reply\r\n\r\nText\r\n`;

describe('the Sent folder', () => {
  let dovecot: Dovecot;
  let proxy: TcpProxy;
  let next = 0;
  const opened: SentFolder[] = [];
  beforeAll(async () => {
    dovecot = await startDovecot({ users });
    proxy = await startTcpProxy(dovecot.port);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((folder) => folder.close()));
    proxy.rewrite(null);
    proxy.refuse(false);
    proxy.stall(false);
  });
  afterAll(async () => {
    await proxy?.stop();
    await dovecot?.stop();
  });
  const someone = (): string => users[next++]?.name ?? '';
  const open = (user: string, password = PASSWORD): SentFolder => {
    const url = `imap://${encodeURIComponent(user)}@127.0.0.1:${proxy.port}/INBOX`;
    const folder = createSentFolder({ url, login: password, limits: { commandTimeoutMs: 300, connectTimeoutMs: 300 } });
    opened.push(folder);
    return folder;
  };
  const file = (user: string, raw: string, date = new Date()): Promise<number> =>
    dovecot.append(user, raw, { folder: 'Sent', date });

  it('finds a mail of ours by its Message-ID, and only that one', async () => {
    const user = someone();
    for (const id of ['r-1.abc@intake.example', 'r-11.abc@intake.example']) await file(user, copy(id));
    const folder = open(user);
    expect(await folder.find('<r-1.abc@intake.example>')).toBe('sent');
    expect(await folder.find('r-11.abc@intake.example')).toBe('sent');
    // Part of an id that is there is no id that is there.
    expect(await folder.find('<1.abc@intake.example>')).toBe('not-sent');
    expect(await folder.find('<r-1.abc@intake>')).toBe('not-sent');
  });

  it('sees a copy that is filed after the first look', async () => {
    const user = someone();
    await file(user, copy('r-1@intake.example'));
    const folder = open(user);
    expect(await folder.find('<r-2@intake.example>')).toBe('not-sent');
    await file(user, copy('r-2@intake.example'));
    expect(await folder.find('<r-2@intake.example>')).toBe('sent');
  });

  it('does not take absence for proof where no mail of ours was ever filed, or none lately', async () => {
    const user = someone();
    const folder = open(user);
    expect(await folder.find('<r-1@intake.example>')).toBe('unknown');
    await file(user, copy('by-a-person@mail.example', false));
    expect(await folder.find('<r-1@intake.example>')).toBe('unknown');
    await file(user, copy('r-0@intake.example'), new Date(Date.now() - 40 * 24 * 60 * 60_000));
    expect(await folder.find('<r-1@intake.example>')).toBe('unknown');
    expect(await folder.find('<r-0@intake.example>')).toBe('sent');
  });

  it('finds the folder by its mark, whatever its name, and says unknown when there is none', async () => {
    const user = someone();
    await file(user, copy('r-1@intake.example'));
    proxy.rewrite((said) => said.replaceAll(' \\Sent', '').replaceAll('Sent', 'Elsewhere'));
    expect(await open(user).find('<r-1@intake.example>')).toBe('unknown');
  });

  it('says unknown when the server cannot be asked, and asks again the next time', async () => {
    const user = someone();
    await file(user, copy('r-1@intake.example'));
    const folder = open(user);
    proxy.refuse(true);
    expect(await folder.find('<r-1@intake.example>')).toBe('unknown');
    proxy.refuse(false);
    proxy.stall(true);
    expect(await folder.find('<r-1@intake.example>')).toBe('unknown');
    proxy.stall(false);
    expect(await folder.find('<r-1@intake.example>')).toBe('sent');
    proxy.rewrite((said) => said.replace(/\* SEARCH[^\r]*\r\n(\w+) OK/, '$1 NO'));
    expect(await folder.find('<r-1@intake.example>')).toBe('unknown');
    expect(await open(user, 'wrong').find('<r-1@intake.example>')).toBe('unknown');
  });

  it('shares one connection between questions asked at once', async () => {
    const user = someone();
    await file(user, copy('r-1@intake.example'));
    const [folder, before] = [open(user), proxy.accepted];
    const answers = await Promise.all(Array.from({ length: 5 }, () => folder.find('<r-1@intake.example>')));
    expect(answers).toEqual(Array(5).fill('sent'));
    expect(proxy.accepted - before).toBe(1);
  });

  it.each(['<a"b@intake.example>', '<a@b>\r\nA1 LOGOUT', '<{5}@intake.example>', '', '<a b@c>', '<a\\@c>', '<ä@c>'])(
    'lets no foreign id near the server: %j',
    async (id) => {
      const before = proxy.accepted;
      await expect(open('nobody@support.example').find(id)).rejects.toMatchObject({ verdict: 'permanent' });
      expect(proxy.accepted).toBe(before);
    },
  );
});
