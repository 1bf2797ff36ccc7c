/** What happens to connections: cut, silent, refused, aborted, kept. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { failureOf, imapWorld, never } from '../support/imap-world.ts';
import { drainInto } from '../support/mailbox-memory.ts';
import { until } from '../support/wait.ts';

describe('the connection of an IMAP mailbox', () => {
  const world = imapWorld();
  const { open, deliver, stored } = world;

  it('goes on where it was when the connection is cut at any moment: nothing missed, nothing doubled', async () => {
    const subjects = Array.from({ length: 60 }, (_, n) => `mail ${n}`);
    await deliver(...subjects);
    const mailbox = open({ batchMessages: 7 });
    const failures: unknown[] = [];
    // Cuts fall into the greeting, the login, the listing and the bodies in turn.
    for (let bytes = 40; world.memory.stored.size < subjects.length; bytes = Math.round(bytes * 1.4)) {
      world.proxy.cutAfter(bytes);
      await drainInto(mailbox, world.memory).catch((error) => failures.push(error));
    }
    expect(stored()).toEqual(subjects);
    expect(failures.length).toBeGreaterThan(8);
    for (const error of failures) expect(error).toMatchObject({ name: 'IntakeError', verdict: 'temporary' });
  });

  it('gives up on a silent connection in time, and connects anew', async () => {
    await deliver('a');
    const mailbox = open({ commandTimeoutMs: 200, connectTimeoutMs: 200, logoutTimeoutMs: 100 });
    await drainInto(mailbox, world.memory);
    await deliver('b');
    world.proxy.stall(true);
    const started = performance.now();
    // On the open connection, and then at the greeting of a new one.
    for (let turn = 0; turn < 2; turn++) {
      expect(await failureOf(drainInto(mailbox, world.memory))).toMatchObject({ verdict: 'temporary' });
    }
    expect(performance.now() - started).toBeLessThan(5_000);
    world.proxy.stall(false);
    await drainInto(mailbox, world.memory);
    expect(stored()).toEqual(['a', 'b']);
  });

  it('does not hang in close or wait on a silent connection', async () => {
    const mailbox = open({ pollIntervalMs: 100, logoutTimeoutMs: 100 });
    await drainInto(mailbox, world.memory);
    world.proxy.stall(true);
    await mailbox.wait(never());
    await mailbox.close();
    expect(await drainInto(mailbox, world.memory)).toEqual([]);
  });

  it('wakes when the connection is lost, but not so often that the server would block it', async () => {
    const mailbox = open({ pollIntervalMs: 60_000 });
    await drainInto(mailbox, world.memory);
    const seconds = [mailbox.wait(never()).then(() => 'woken'), delay(300).then(() => 'asleep')];
    world.proxy.cut();
    expect(await Promise.race(seconds)).toBe('asleep');
    // An older connection may be replaced at once.
    world.time += 60_000;
    const started = performance.now();
    await mailbox.wait(never());
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('ends a drain that is aborted in the middle of a command', async () => {
    await deliver('a');
    const mailbox = open({ logoutTimeoutMs: 100 });
    await drainInto(mailbox, world.memory);
    world.proxy.stall(true);
    const [stop, heard] = [new AbortController(), world.proxy.heard];
    const draining = drainInto(mailbox, world.memory, stop.signal);
    await until(() => world.proxy.heard > heard);
    stop.abort();
    expect(await draining).toEqual([]);
    await until(() => world.proxy.open === 0);
  });

  it('says what is wrong with a password, a folder, a port and a name', async () => {
    expect(await failureOf(drainInto(open({}, { password: 'wrong' }), world.memory))).toMatchObject({
      verdict: 'permanent',
      code: 'auth',
    });
    expect(await failureOf(open({}, { folder: 'Nowhere' }).check())).toMatchObject({
      code: 'config',
      message: `${world.user} has no folder Nowhere`,
    });
    world.proxy.refuse(true);
    expect(await failureOf(open().check())).toMatchObject({ verdict: 'temporary', code: 'network' });
  });

  it('uses one connection for drains and waits, and says what the server can', async () => {
    await deliver('a');
    const mailbox = open({ pollIntervalMs: 20 });
    for (let turn = 0; turn < 3; turn++) {
      await drainInto(mailbox, world.memory);
      await mailbox.wait(never());
    }
    expect(world.proxy.accepted).toBe(1);
    expect(await mailbox.check()).toBe(
      `127.0.0.1:${world.proxy.port} answers, INBOX holds 1 messages, IDLE yes, UIDPLUS yes`,
    );
    await mailbox.close();
    await until(() => world.proxy.open === 0);
  });
});
