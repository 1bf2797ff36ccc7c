/** What an IMAP server may say: holes, a new UIDVALIDITY, late bodies, strange and untrue answers, refusals. */
import { describe, expect, it } from 'vitest';
import { IntakeError } from '../../src/errors.ts';
import { failureOf, imapWorld } from '../support/imap-world.ts';
import { createTestMemory, drainInto, testMail } from '../support/mailbox-memory.ts';
import { until } from '../support/wait.ts';

describe('an IMAP mailbox', () => {
  const world = imapWorld();
  const { open, deliver, stored } = world;

  it('moves its cursor over holes to the end of what it examined', async () => {
    await deliver('a', 'gone 1', 'b', 'gone 2', 'c', 'gone 3', 'gone 4');
    await world.dovecot.expunge(world.user, [2, 4, 6, 7]);
    const mailbox = open({ batchMessages: 2 });
    const batches = await drainInto(mailbox, world.memory);
    expect(batches.map(({ arrivals, cursor }) => [arrivals.length, cursor?.position])).toEqual([
      [2, 4],
      [1, 7],
    ]);
    expect([...world.memory.stored.keys()].map((locator) => locator.split(':')[1])).toEqual(['1', '3', '5']);
    await deliver('d');
    await drainInto(mailbox, world.memory);
    expect(stored()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('moves its cursor when everything new is deleted again or too old', async () => {
    await deliver('a', 'b');
    await world.dovecot.expunge(world.user, [1, 2]);
    const mailbox = open();
    const position = async () => (await drainInto(mailbox, world.memory)).map(({ cursor }) => cursor?.position);
    // Some servers take a FETCH in an empty folder for an error.
    world.proxy.rewrite((said) => said.replace(/^(\w+) OK Fetch/m, '$1 BAD Invalid messageset: Fetch'));
    expect(await position()).toEqual([2]);
    world.proxy.rewrite(null);
    expect(await position()).toEqual([]);
    world.memory = createTestMemory(new Date(Date.now() + 60_000));
    await deliver('c');
    expect(await position()).toEqual([3]);
    expect(stored()).toEqual([]);
  });

  it('is not given the last message again and again, though "n:*" would', async () => {
    await deliver('a', 'b');
    // A server that keeps its next UID to itself leaves only "n:*" to ask.
    world.proxy.rewrite((said) => said.replace(/\* OK \[UIDNEXT \d+\][^\r]*\r\n/g, ''));
    const mailbox = open();
    expect((await drainInto(mailbox, world.memory)).map(({ cursor }) => cursor?.position)).toEqual([2]);
    const known = world.memory.known;
    world.memory.known = async () => new Set();
    expect(await drainInto(mailbox, world.memory)).toEqual([]);
    world.memory.known = known;
    await deliver('c');
    await drainInto(mailbox, world.memory);
    await world.dovecot.expunge(world.user, [1, 2, 3]);
    expect(await drainInto(mailbox, world.memory)).toEqual([]);
    expect(stored()).toEqual(['a', 'b', 'c']);
  });

  it('bears "\\*" among the flags of the folder, as Zoho sends it', async () => {
    await deliver('a');
    world.proxy.rewrite((said) => said.replace('* FLAGS (', '* FLAGS (\\* '));
    await drainInto(open(), world.memory);
    expect(stored()).toEqual(['a']);
  });

  it('reads everything again when the mailbox was made anew, and knows the epochs apart', async () => {
    await deliver('a', 'b', 'c');
    const mailbox = open();
    await drainInto(mailbox, world.memory);
    const epoch = (await world.memory.cursor())?.epoch;
    await world.dovecot.recreateInbox(world.user);
    await deliver('a', 'b', 'c', 'd');
    // The old session may be told so by a broken connection first.
    await until(async () => {
      await drainInto(mailbox, world.memory);
      return (await world.memory.cursor())?.epoch !== epoch;
    });
    await drainInto(mailbox, world.memory);
    expect(stored()).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'd']);
    expect(await world.memory.cursor()).toMatchObject({ position: 4 });
  });

  it('opens the folder for reading only: even \\Recent stays for the mail programs of people', async () => {
    await deliver('a');
    await drainInto(open(), world.memory);
    expect((await world.dovecot.list(world.user)).map(({ flags }) => flags)).toEqual([['\\Recent']]);
    await world.dovecot.flag(world.user, [1], '\\Seen');
    await drainInto(open(), createTestMemory());
    expect((await world.dovecot.list(world.user)).map(({ flags }) => flags)).toContainEqual(
      expect.arrayContaining(['\\Seen']),
    );
  });

  it('asks for a late body again, reads the others meanwhile, and skips nothing', async () => {
    await deliver('a', 'late', 'c');
    let empty = true;
    world.proxy.rewrite((said) =>
      empty ? said.replace(/UID 2 BODY\[\]<0> \{(\d+)\}\r\n[\s\S]*?\r\n\)\r\n/, 'UID 2 BODY[]<0> "")\r\n') : said,
    );
    const mailbox = open();
    await drainInto(mailbox, world.memory);
    expect(stored()).toEqual(['a', 'c']);
    expect(await world.memory.cursor()).toMatchObject({ position: 1 });
    await deliver('d');
    await drainInto(mailbox, world.memory);
    expect(stored()).toEqual(['a', 'c', 'd']);
    empty = false;
    await drainInto(mailbox, world.memory);
    expect(stored()).toEqual(['a', 'c', 'd', 'late']);
    expect(await world.memory.cursor()).toMatchObject({ position: 4 });
  });

  it('takes a body that is late by a moment in the same pass', async () => {
    await deliver('late');
    let times = 1;
    world.proxy.rewrite((said) =>
      said.replace(/BODY\[\]<0> \{(\d+)\}\r\n[\s\S]*?\r\n\)\r\n/, (whole) =>
        times-- > 0 ? 'BODY[]<0> NIL)\r\n' : whole,
      ),
    );
    await drainInto(open(), world.memory);
    expect(stored()).toEqual(['late']);
    expect(times).toBe(-1);
  });

  it('hands over a message that stays empty for hours, so that a person sees it', async () => {
    await deliver('never');
    world.proxy.rewrite((said) => said.replace(/BODY\[\]<0> \{(\d+)\}\r\n[\s\S]*?\r\n\)\r\n/, 'BODY[]<0> NIL)\r\n'));
    const mailbox = open();
    await drainInto(mailbox, world.memory);
    expect(world.memory.stored.size).toBe(0);
    world.time += 7 * 60 * 60_000;
    await drainInto(mailbox, world.memory);
    expect([...world.memory.stored.values()].map(({ raw }) => raw.length)).toEqual([0]);
    expect(await world.memory.cursor()).toMatchObject({ position: 1 });
  });

  it('is not stopped by one message that the server refuses to give', async () => {
    await deliver('a', 'broken', 'c');
    let refusal = '';
    world.proxy.rewrite((said) => {
      if (!/UID 2 BODY\[\]/.test(said)) return said;
      const tag = /^(\w+) OK Fetch/m.exec(said)?.[1] ?? '';
      refusal = `${tag} NO [SERVERBUG] Internal error occurred\r\n`;
      return refusal;
    });
    await drainInto(open(), world.memory);
    expect(refusal).toMatch(/^\w+ NO/);
    expect(stored()).toEqual(['a', 'c']);
    expect(await world.memory.cursor()).toMatchObject({ position: 1 });
  });

  it('does not believe the size that the server claims', async () => {
    await world.dovecot.append(world.user, testMail('lied about', 5_000));
    world.proxy.rewrite((said) => said.replace(/RFC822\.SIZE \d+/, 'RFC822.SIZE 10'));
    await drainInto(open({ maxMessageBytes: 1_000 }), world.memory);
    const [arrival] = world.memory.stored.values();
    expect(arrival?.oversized).toBe(1_001);
    expect(stored()).toEqual(['lied about']);
  });

  it('is not misled by news of flags that arrive among the answers', async () => {
    await deliver('a', 'b');
    const mailbox = open();
    world.proxy.rewrite((said) => said.replace(/^(\w+ OK Fetch)/m, '* 1 FETCH (FLAGS (\\Seen) UID 1)\r\n$1'));
    await drainInto(mailbox, world.memory);
    expect(stored()).toEqual(['a', 'b']);
  });

  it.each([
    ['A1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)', 'permanent', 'auth', 'refuses the password of'],
    ['A1 NO Invalid credentials, please try again', 'permanent', 'auth', 'refuses the password of'],
    ['A1 NO [AUTHENTICATIONFAILED] Please try again later', 'permanent', 'auth', 'refuses the password of'],
    ['A1 NO Rejected', 'permanent', 'auth', 'refuses the password of'],
    ['A1 NO Please try again later', 'temporary', 'unavailable', 'cannot serve the mailbox just now'],
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
    world.proxy.rewrite((said) => said.replace(/^(\w+) NO .*AUTHENTICATIONFAILED[^\r]*/m, answer.replace('A1', '$1')));
    const error = await failureOf(open({}, { password: 'not the password' }).check());
    expect(error).toBeInstanceOf(IntakeError);
    expect(error).toMatchObject({ verdict, code, message: expect.stringContaining(words) });
    expect(String(error)).not.toContain('not the password');
  });
});
