/** The servers that the other suites rely on: each does what its page says, faults included. */
import { connect } from 'node:net';
import { Redis } from 'ioredis';
import nodemailer, { type SendMailOptions } from 'nodemailer';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import { type SinkOptions, startSmtpSink } from '../support/smtp-sink.ts';
import { until } from '../support/wait.ts';

describe('until', () => {
  it('says what it waited for and what it saw last', async () => {
    await expect(until(() => 0, { timeout: 20, every: 5, what: 'the third mail' })).rejects.toThrow(
      'waited 20 ms for the third mail; the last answer was 0',
    );
    const broken = () => {
      throw new Error('no route');
    };
    await expect(until(broken, { timeout: 20, every: 5 })).rejects.toThrow('the last try threw no route');
  });

  it('returns the answer as soon as there is one', async () => {
    let asked = 0;
    expect(await until(() => (++asked === 3 ? 'here' : null), { every: 1 })).toBe('here');
  });
});

describe('redis', () => {
  it('has the policy asked for, forgets on flushall and is gone after stop', async () => {
    const server = await startRedis({ policy: 'allkeys-lru' });
    const client = new Redis(server.url, { maxRetriesPerRequest: 1, retryStrategy: () => null });
    client.on('error', () => {});
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'allkeys-lru']);
    await client.set('a', '1');
    await server.flushall();
    expect(await client.get('a')).toBeNull();
    client.disconnect();
    await server.stop();
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');

    await using again = await startRedis({ port: server.port });
    expect(again.url).toBe(server.url);
  });
});

describe('postgres', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it('gives each test an empty database of its own', async () => {
    const tables: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      const client = new Client({ connectionString: await server.freshDatabase() });
      await client.connect();
      const { rows } = await client.query("select count(*)::int as n from pg_tables where schemaname = 'public'");
      tables.push(rows[0].n);
      await client.query('create table mails (id int)');
      await client.end();
    }
    expect(tables).toEqual([0, 0]);
  });

  it('is the version that the embedded store has', async () => {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query('show server_version_num');
    await client.end();
    expect(Math.floor(rows[0].server_version_num / 10_000)).toBe(18);
  });
});

describe('smtp sink', () => {
  const mail: SendMailOptions = {
    from: 'support@vendor.example',
    to: ['a@partner.example', 'b@partner.example'],
    messageId: '<one@vendor.example>',
    subject: 'Grüße',
    text: 'hello',
  };
  async function sinkAndSender(options: SinkOptions = {}) {
    const sink = await startSmtpSink(options);
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: sink.port,
      secure: options.secure ?? false,
      tls: { rejectUnauthorized: false },
      ...(options.login ? { auth: options.login } : {}),
    });
    return { sink, send: () => transport.sendMail(mail), [Symbol.asyncDispose]: sink.stop };
  }

  it('keeps what it accepts, and counts by Message-ID', async () => {
    await using to = await sinkAndSender();
    await to.send();
    await to.send();
    expect(to.sink.countByMessageId()).toEqual(new Map([['<one@vendor.example>', 2]]));
    expect(to.sink.messages[0]).toMatchObject({
      envelope: { from: 'support@vendor.example', to: mail.to },
      parsed: { subject: 'Grüße' },
    });
    expect(to.sink.messages[0]?.raw.toString()).toContain('\r\n\r\nhello');
  });

  it.each([
    ['refuse', 'ECONNREFUSED', undefined, 0],
    ['greet-421', 'EPROTOCOL', 421, 0],
    ['rcpt-4xx', 'EENVELOPE', 451, 0],
    ['rcpt-5xx', 'EENVELOPE', 550, 0],
    ['data-4xx', 'EMESSAGE', 451, 0],
    ['data-5xx', 'EMESSAGE', 554, 0],
    ['drop-before-data', 'ECONNECTION', undefined, 0],
    ['accept-and-drop', 'ECONNECTION', undefined, 1],
  ] as const)('fails with %s, and heals', async (fault, code, responseCode, kept) => {
    await using to = await sinkAndSender();
    await to.sink.fail(fault);
    const error = await to.send().then(
      () => null,
      (thrown: { code: string; responseCode?: number }) => thrown,
    );
    expect(error?.responseCode).toBe(responseCode);
    expect(error?.code === 'ESOCKET' ? code : error?.code).toBe(code);
    expect(to.sink.messages).toHaveLength(kept);
    await to.sink.fail(null);
    await to.send();
    expect(to.sink.messages).toHaveLength(kept + 1);
  });

  it('fails only as often as told', async () => {
    await using to = await sinkAndSender();
    await to.sink.fail('data-4xx', 1);
    await expect(to.send()).rejects.toThrow();
    await to.send();
    expect(to.sink.messages).toHaveLength(1);
  });

  it('files the copy before it answers, and answers late when slow', async () => {
    let filed = 0;
    await using to = await sinkAndSender({ onAccept: () => void filed++ });
    await to.sink.fail({ slow: 60_000 });
    const sending = to.send().catch(() => 'cut off');
    await until(() => filed === 1);
    await to.sink.stop();
    expect(await sending).toBe('cut off');
  });

  it('speaks TLS and knows its one login', async () => {
    const login = { user: 'support@vendor.example', pass: 'right' };
    await using to = await sinkAndSender({ secure: true, login });
    await to.send();
    expect(to.sink.messages).toHaveLength(1);
    const stranger = nodemailer.createTransport({
      host: '127.0.0.1',
      port: to.sink.port,
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { ...login, pass: 'wrong' },
    });
    await expect(stranger.sendMail(mail)).rejects.toMatchObject({ responseCode: 535 });
  });

  it('is gone after stop', async () => {
    const sink = await startSmtpSink();
    await sink.stop();
    await expect(
      new Promise((resolve, reject) => {
        connect(sink.port, '127.0.0.1').on('connect', resolve).on('error', reject);
      }),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
