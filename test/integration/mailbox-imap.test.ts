/** What only IMAP can do to us: holes, a new UIDVALIDITY, cut and silent connections, late bodies, strange answers. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImapLimits } from '../../src/adapters/imap-session.ts';
import { createImapMailbox } from '../../src/adapters/mailbox-imap.ts';
import { IntakeError } from '../../src/errors.ts';
import type { Mailbox } from '../../src/ports.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';
import { createTestMemory, drainInto, subjectsOf, type TestMemory, testMail } from '../support/mailbox-memory.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/wait.ts';

const PASSWORD = 'secret of the test';
const users = Array.from({ length: 30 }, (_, n) => ({ name: `person${n}@support.example`, password: PASSWORD }));
const never = (): AbortSignal => new AbortController().signal;
const failureOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'it did not fail',
    (error) => error,
  );

describe('an IMAP mailbox', () => {
  let dovecot: Dovecot;
  let proxy: TcpProxy;
  let user = '';
  let memory: TestMemory;
  let time = 0;
  let next = 0;
  const opened: Mailbox[] = [];
  beforeAll(async () => {
    dovecot = await startDovecot({ users });
  });
  afterAll(() => dovecot?.stop());
  beforeEach(async () => {
    proxy = await startTcpProxy(dovecot.port);
    user = users[next++]?.name ?? '';
    memory = createTestMemory();
    time = Date.now();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((mailbox) => mailbox.close()));
    await proxy.stop();
  });
  const open = (limits: Partial<ImapLimits> = {}, password = PASSWORD, folder = 'INBOX'): Mailbox => {
    const url = `imap://${encodeURIComponent(user)}@127.0.0.1:${proxy.port}/${folder}`;
    const fast = { emptyBodyWaitMs: 5, ...limits };
    const now = (): Date => new Date(time);
    const mailbox = createImapMailbox({ name: 'com', url, password, now, random: () => 0.5, limits: fast });
    opened.push(mailbox);
    return mailbox;
  };
  const deliver = async (...subjects: string[]): Promise<number[]> => {
    const uids: number[] = [];
    for (const subject of subjects) uids.push(await dovecot.append(user, testMail(subject)));
    return uids;
  };
  const stored = (): string[] => subjectsOf(memory.stored.values());

  it('moves its cursor over holes to the end of what it examined', async () => {
    await deliver('a', 'gone 1', 'b', 'gone 2', 'c', 'gone 3', 'gone 4');
    await dovecot.expunge(user, [2, 4, 6, 7]);
    const mailbox = open({ batchMessages: 2 });
    const batches = await drainInto(mailbox, memory);
    expect(batches.map(({ arrivals, cursor }) => [arrivals.length, cursor?.position])).toEqual([
      [2, 4],
      [1, 7],
    ]);
    expect([...memory.stored.keys()].map((locator) => locator.split(':')[1])).toEqual(['1', '3', '5']);
    await deliver('d');
    await drainInto(mailbox, memory);
    expect(stored()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('moves its cursor when everything new is deleted again or too old', async () => {
    await deliver('a', 'b');
    await dovecot.expunge(user, [1, 2]);
    const mailbox = open();
    const position = async () => (await drainInto(mailbox, memory)).map(({ cursor }) => cursor?.position);
    // Some servers take a FETCH in an empty folder for an error.
    proxy.rewrite((said) => said.replace(/^(\w+) OK Fetch/m, '$1 BAD Invalid messageset: Fetch'));
    expect(await position()).toEqual([2]);
    proxy.rewrite(null);
    expect(await position()).toEqual([]);
    memory = createTestMemory(new Date(Date.now() + 60_000));
    await deliver('c');
    expect(await position()).toEqual([3]);
    expect(stored()).toEqual([]);
  });

  it('is not given the last message again and again, though "n:*" would', async () => {
    await deliver('a', 'b');
    // A server that keeps its next UID to itself leaves only "n:*" to ask.
    proxy.rewrite((said) => said.replace(/\* OK \[UIDNEXT \d+\][^\r]*\r\n/g, ''));
    const mailbox = open();
    expect((await drainInto(mailbox, memory)).map(({ cursor }) => cursor?.position)).toEqual([2]);
    const known = memory.known;
    memory.known = async () => new Set();
    expect(await drainInto(mailbox, memory)).toEqual([]);
    memory.known = known;
    await deliver('c');
    await drainInto(mailbox, memory);
    await dovecot.expunge(user, [1, 2, 3]);
    expect(await drainInto(mailbox, memory)).toEqual([]);
    expect(stored()).toEqual(['a', 'b', 'c']);
  });

  it('bears "\\*" among the flags of the folder, as Zoho sends it', async () => {
    await deliver('a');
    proxy.rewrite((said) => said.replace('* FLAGS (', '* FLAGS (\\* '));
    await drainInto(open(), memory);
    expect(stored()).toEqual(['a']);
  });

  it('reads everything again when the mailbox was made anew, and knows the epochs apart', async () => {
    await deliver('a', 'b', 'c');
    const mailbox = open();
    await drainInto(mailbox, memory);
    const epoch = (await memory.cursor())?.epoch;
    await dovecot.recreateInbox(user);
    await deliver('a', 'b', 'c', 'd');
    // The old session may be told so by a broken connection first.
    await until(async () => {
      await drainInto(mailbox, memory);
      return (await memory.cursor())?.epoch !== epoch;
    });
    await drainInto(mailbox, memory);
    expect(stored()).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'd']);
    expect(await memory.cursor()).toMatchObject({ position: 4 });
  });

  it('goes on where it was when the connection is cut at any moment: nothing missed, nothing doubled', async () => {
    const subjects = Array.from({ length: 60 }, (_, n) => `mail ${n}`);
    await deliver(...subjects);
    const mailbox = open({ batchMessages: 7 });
    const failures: unknown[] = [];
    // Cuts fall into the greeting, the login, the listing and the bodies in turn.
    for (let bytes = 40; memory.stored.size < subjects.length; bytes = Math.round(bytes * 1.4)) {
      proxy.cutAfter(bytes);
      await drainInto(mailbox, memory).catch((error) => failures.push(error));
    }
    expect(stored()).toEqual(subjects);
    expect(failures.length).toBeGreaterThan(8);
    for (const error of failures) expect(error).toMatchObject({ name: 'IntakeError', verdict: 'temporary' });
  });

  it('gives up on a silent connection in time, and connects anew', async () => {
    await deliver('a');
    const mailbox = open({ commandTimeoutMs: 200, connectTimeoutMs: 200, logoutTimeoutMs: 100 });
    await drainInto(mailbox, memory);
    await deliver('b');
    proxy.stall(true);
    const started = performance.now();
    // On the open connection, and then at the greeting of a new one.
    for (let time = 0; time < 2; time++) {
      expect(await failureOf(drainInto(mailbox, memory))).toMatchObject({ verdict: 'temporary' });
    }
    expect(performance.now() - started).toBeLessThan(5_000);
    proxy.stall(false);
    await drainInto(mailbox, memory);
    expect(stored()).toEqual(['a', 'b']);
  });

  it('does not hang in close or wait on a silent connection', async () => {
    const mailbox = open({ pollIntervalMs: 100, logoutTimeoutMs: 100 });
    await drainInto(mailbox, memory);
    proxy.stall(true);
    await mailbox.wait(never());
    await mailbox.close();
    expect(await drainInto(mailbox, memory)).toEqual([]);
  });

  it('wakes when the connection is lost, but not so often that the server would block it', async () => {
    const mailbox = open({ pollIntervalMs: 60_000 });
    await drainInto(mailbox, memory);
    const seconds = [mailbox.wait(never()).then(() => 'woken'), delay(300).then(() => 'asleep')];
    proxy.cut();
    expect(await Promise.race(seconds)).toBe('asleep');
    // An older connection may be replaced at once.
    time += 60_000;
    const started = performance.now();
    await mailbox.wait(never());
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('ends a drain that is aborted in the middle of a command', async () => {
    await deliver('a');
    const mailbox = open({ logoutTimeoutMs: 100 });
    await drainInto(mailbox, memory);
    proxy.stall(true);
    const [stop, heard] = [new AbortController(), proxy.heard];
    const draining = drainInto(mailbox, memory, stop.signal);
    await until(() => proxy.heard > heard);
    stop.abort();
    expect(await draining).toEqual([]);
    await until(() => proxy.open === 0);
  });

  it('opens the folder for reading only: even \\Recent stays for the mail programs of people', async () => {
    await deliver('a');
    await drainInto(open(), memory);
    expect((await dovecot.list(user)).map(({ flags }) => flags)).toEqual([['\\Recent']]);
    await dovecot.flag(user, [1], '\\Seen');
    await drainInto(open(), createTestMemory());
    expect((await dovecot.list(user)).map(({ flags }) => flags)).toContainEqual(expect.arrayContaining(['\\Seen']));
  });

  it('asks for a late body again, reads the others meanwhile, and skips nothing', async () => {
    await deliver('a', 'late', 'c');
    let empty = true;
    proxy.rewrite((said) =>
      empty ? said.replace(/UID 2 BODY\[\]<0> \{(\d+)\}\r\n[\s\S]*?\r\n\)\r\n/, 'UID 2 BODY[]<0> "")\r\n') : said,
    );
    const mailbox = open();
    await drainInto(mailbox, memory);
    expect(stored()).toEqual(['a', 'c']);
    expect(await memory.cursor()).toMatchObject({ position: 1 });
    await deliver('d');
    await drainInto(mailbox, memory);
    expect(stored()).toEqual(['a', 'c', 'd']);
    empty = false;
    await drainInto(mailbox, memory);
    expect(stored()).toEqual(['a', 'c', 'd', 'late']);
    expect(await memory.cursor()).toMatchObject({ position: 4 });
  });

  it('takes a body that is late by a moment in the same pass', async () => {
    await deliver('late');
    let times = 1;
    proxy.rewrite((said) =>
      said.replace(/BODY\[\]<0> \{(\d+)\}\r\n[\s\S]*?\r\n\)\r\n/, (whole) =>
        times-- > 0 ? 'BODY[]<0> NIL)\r\n' : whole,
      ),
    );
    await drainInto(open(), memory);
    expect(stored()).toEqual(['late']);
    expect(times).toBe(-1);
  });

  it('hands over a message that stays empty for hours, so that a person sees it', async () => {
    await deliver('never');
    proxy.rewrite((said) => said.replace(/BODY\[\]<0> \{(\d+)\}\r\n[\s\S]*?\r\n\)\r\n/, 'BODY[]<0> NIL)\r\n'));
    const mailbox = open();
    await drainInto(mailbox, memory);
    expect(memory.stored.size).toBe(0);
    time += 7 * 60 * 60_000;
    await drainInto(mailbox, memory);
    expect([...memory.stored.values()].map(({ raw }) => raw.length)).toEqual([0]);
    expect(await memory.cursor()).toMatchObject({ position: 1 });
  });

  it('is not stopped by one message that the server refuses to give', async () => {
    await deliver('a', 'broken', 'c');
    let refusal = '';
    proxy.rewrite((said) => {
      if (!/UID 2 BODY\[\]/.test(said)) return said;
      const tag = /^(\w+) OK Fetch/m.exec(said)?.[1] ?? '';
      refusal = `${tag} NO [SERVERBUG] Internal error occurred\r\n`;
      return refusal;
    });
    await drainInto(open(), memory);
    expect(refusal).toMatch(/^\w+ NO/);
    expect(stored()).toEqual(['a', 'c']);
    expect(await memory.cursor()).toMatchObject({ position: 1 });
  });

  it('does not believe the size that the server claims', async () => {
    await dovecot.append(user, testMail('lied about', 5_000));
    proxy.rewrite((said) => said.replace(/RFC822\.SIZE \d+/, 'RFC822.SIZE 10'));
    await drainInto(open({ maxMessageBytes: 1_000 }), memory);
    const [arrival] = memory.stored.values();
    expect(arrival?.oversized).toBe(1_001);
    expect(stored()).toEqual(['lied about']);
  });

  it('is not misled by news of flags that arrive among the answers', async () => {
    await deliver('a', 'b');
    const mailbox = open();
    proxy.rewrite((said) => said.replace(/^(\w+ OK Fetch)/m, '* 1 FETCH (FLAGS (\\Seen) UID 1)\r\n$1'));
    await drainInto(mailbox, memory);
    expect(stored()).toEqual(['a', 'b']);
  });

  it.each([
    ['A1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)', 'permanent', 'auth', 'refuses the password of'],
    [
      'A1 NO [ALERT] You are yet to enable IMAP for your account. Please contact your administrator',
      'permanent',
      'config',
      'switch it on in Zoho Mail',
    ],
    [
      'A1 NO [ALERT] The server details you are using seems incorrect. Please check',
      'permanent',
      'config',
      'imappro.zoho.com',
    ],
    [
      'A1 NO [UNAVAILABLE] Temporary authentication failure.',
      'temporary',
      'unavailable',
      'cannot serve the mailbox just now',
    ],
    ['A1 NO [LIMIT] Rejected', 'temporary', 'sessions', 'no further session'],
    ['A1 NO Account temporarily blocked: unusual activity', 'temporary', 'blocked', 'unusual activity'],
  ])('puts "%s" into plain words', async (answer, verdict, code, words) => {
    proxy.rewrite((said) => said.replace(/^(\w+) NO .*AUTHENTICATIONFAILED[^\r]*/m, answer.replace('A1', '$1')));
    const error = await failureOf(open({}, 'not the password').check());
    expect(error).toBeInstanceOf(IntakeError);
    expect(error).toMatchObject({ verdict, code, message: expect.stringContaining(words) });
    expect(String(error)).not.toContain('not the password');
  });

  it('says what is wrong with a password, a folder, a port and a name', async () => {
    expect(await failureOf(drainInto(open({}, 'wrong'), memory))).toMatchObject({ verdict: 'permanent', code: 'auth' });
    expect(await failureOf(open({}, PASSWORD, 'Nowhere').check())).toMatchObject({
      code: 'config',
      message: `${user} has no folder Nowhere`,
    });
    proxy.refuse(true);
    expect(await failureOf(open().check())).toMatchObject({ verdict: 'temporary', code: 'network' });
  });

  it('uses one connection for drains and waits, and says what the server can', async () => {
    await deliver('a');
    const mailbox = open({ pollIntervalMs: 20 });
    for (let time = 0; time < 3; time++) {
      await drainInto(mailbox, memory);
      await mailbox.wait(never());
    }
    expect(proxy.accepted).toBe(1);
    expect(await mailbox.check()).toBe(
      `127.0.0.1:${proxy.port} answers, INBOX holds 1 messages, IDLE yes, UIDPLUS yes`,
    );
    await mailbox.close();
    await until(() => proxy.open === 0);
  });
});
