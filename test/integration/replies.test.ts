/** I4: every reply goes out once, whatever the mail server does and whenever we die. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { historyOf, replyIn, replyNow, ticketFor } from '../support/ledger-view.ts';
import { letter } from '../support/letters.ts';
import { quickPolicy } from '../support/quick-policy.ts';
import { type Fault, type SmtpSink, startSmtpSink } from '../support/smtp-sink.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/wait.ts';
import { openWorld, type World } from '../support/world.ts';

let world: World;
/** Between us and the com sink, which files what it accepts in Sent. */
let proxy: TcpProxy;
/** The way out of eu: it never files a copy anywhere. */
let forgetful: SmtpSink;
let env: Record<string, string>;
let daemon: Daemon;

beforeAll(async () => {
  world = await openWorld({ queue: 'redis' });
  proxy = await startTcpProxy(world.sinks.com.port);
  forgetful = await startSmtpSink();
  env = {
    ...world.env,
    SMTP_COM: `smtp://127.0.0.1:${proxy.port}`,
    SMTP_EU: forgetful.url,
    POLICY_DIR: await quickPolicy(world.env.VAR_DIR ?? ''),
  };
  daemon = startDaemon(env);
  await ask('first@mail.example');
  await replyIn(world, 'first@mail.example', ['sent']);
});
afterAll(async () => {
  await daemon?.kill9();
  await proxy?.stop();
  await forgetful?.stop();
  await world?.close();
});

const ask = (id: string, mailbox: 'com' | 'eu' = 'com') =>
  world.deliver([{ mailbox, raw: letter({ id, says: 'ask' }) }]);

/** How often a reply to this mail was accepted. */
const acceptedFor = (id: string, sink: SmtpSink = world.sinks.com) =>
  sink.messages.filter(({ parsed }) => parsed.inReplyTo === `<${id}>`).length;

describe('the mail server says', () => {
  it.each<[fault: Fault, times: number]>([
    ['rcpt-4xx', 2],
    ['data-4xx', 2],
    ['greet-421', 2],
    ['refuse', 2],
  ])('not now (%s): it is tried again and sent once', async (fault, times) => {
    const id = `${fault}@mail.example`;
    // A pooled connection would not be greeted again.
    proxy.cut();
    await world.sinks.com.fail(fault, times);
    await ask(id);
    await until(async () => ((await replyNow(world, id))?.attempts ?? 0) >= 2);
    if (fault === 'refuse') await world.sinks.com.fail(null);
    const reply = await replyIn(world, id, ['sent', 'failed', 'held']);
    expect(reply).toMatchObject({ state: 'sent', because: expect.stringMatching(/^accepted: 250/) });
    expect(reply.attempts).toBeGreaterThanOrEqual(times);
    expect(acceptedFor(id)).toBe(1);
    const tries = (await historyOf(world, (await ticketFor(world, id)).id)).filter(({ what }) =>
      what.startsWith('reply '),
    );
    expect(tries.slice(0, 2).map(({ what }) => what)).toEqual(['reply intended', 'reply intended']);
    expect(tries.at(-1)?.what).toBe('reply sent');
  });

  it.each<[fault: Fault, words: string]>([
    ['rcpt-5xx', '550 as the test wants it'],
    ['data-5xx', '554 as the test wants it'],
  ])('never (%s): it fails at once, with its words', async (fault, words) => {
    const id = `${fault}@mail.example`;
    await world.sinks.com.fail(fault);
    await ask(id);
    const reply = await replyIn(world, id, ['sent', 'failed', 'held']);
    await world.sinks.com.fail(null);
    expect(reply).toMatchObject({ state: 'failed', attempts: 1, because: expect.stringContaining(words) });
    expect((await historyOf(world, (await ticketFor(world, id)).id)).at(-1)).toMatchObject({
      by: 'daemon',
      what: 'reply failed',
      because: expect.stringContaining(words),
    });
    expect(acceptedFor(id)).toBe(0);
  });

  it('nothing any more, before the message came: it is sent once', async () => {
    const id = 'drop-before-data@mail.example';
    await world.sinks.com.fail('drop-before-data', 1);
    await ask(id);
    expect(await replyIn(world, id, ['sent', 'failed', 'held'])).toMatchObject({ state: 'sent', attempts: 2 });
    expect(acceptedFor(id)).toBe(1);
  });

  it.concurrent('nothing any more, after it accepted: the copy in Sent tells, and it is not sent again', async () => {
    const id = 'accept-and-drop@mail.example';
    await world.sinks.com.fail('accept-and-drop', 1);
    await ask(id);
    const reply = await replyIn(world, id, ['sent', 'failed', 'held']);
    expect(reply).toMatchObject({
      state: 'sent',
      attempts: 1,
      because: 'found among the sent mail: it had been accepted',
    });
    expect(acceptedFor(id)).toBe(1);
  });

  it.concurrent('nothing any more, and no copy is ever filed: a person has to look, it is not sent again', async () => {
    const id = 'no-copy@mail.example';
    await forgetful.fail('accept-and-drop', 1);
    await ask(id, 'eu');
    expect(await replyIn(world, id, ['sent', 'failed', 'held'])).toMatchObject({
      state: 'held',
      attempts: 1,
      because: 'it may have been sent: look in the Sent folder, then release or drop it',
    });
    // Another reply goes its way meanwhile; the held one stays where it is.
    await ask('after-no-copy@mail.example', 'eu');
    await replyIn(world, 'after-no-copy@mail.example', ['sent']);
    expect(acceptedFor(id, forgetful)).toBe(1);
  });
});

describe('kill -9 while replies are being sent', () => {
  const taken = 'taken@mail.example';
  const lost = 'lost@mail.example';

  it('each arrives once: the one that was accepted, and the one that was not', async () => {
    await world.sinks.com.fail({ slow: 60_000 }, 1);
    await ask(taken);
    await until(() => acceptedFor(taken) === 1);
    proxy.stall(true);
    await ask(lost);
    await replyIn(world, lost, ['sending']);
    expect(await replyNow(world, taken)).toMatchObject({ state: 'sending' });
    await daemon.kill9();
    proxy.cut();
    proxy.stall(false);
    await world.sinks.com.fail(null);
    expect(acceptedFor(lost)).toBe(0);

    // A reply is left alone for a while after its sender has gone: that time has passed.
    await world.query("update reply set updated_at = now() - interval '1 minute' where state = 'sending'");
    daemon = startDaemon(env);
    expect(await replyIn(world, taken, ['sent', 'failed', 'held'])).toMatchObject({
      state: 'sent',
      attempts: 1,
      because: 'found among the sent mail: it had been accepted',
    });
    expect(await replyIn(world, lost, ['sent', 'failed', 'held'])).toMatchObject({ state: 'sent', attempts: 2 });
    expect(acceptedFor(taken)).toBe(1);
    expect(acceptedFor(lost)).toBe(1);
  });
});

describe('when all is done', () => {
  it('no Message-ID was ever accepted twice, and SIGTERM ends with 0', async () => {
    expect(await daemon.stop()).toBe(0);
    for (const sink of [world.sinks.com, forgetful])
      for (const [messageId, count] of sink.countByMessageId()) expect([messageId, count]).toEqual([messageId, 1]);
    expect(await world.query("select message_id from reply where state in ('intended', 'sending')")).toEqual([]);
  });
});
