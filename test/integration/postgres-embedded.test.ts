/** The store that is used when DATABASE_URL is unset: who starts it, who stops it, and what it refuses. */
import { once } from 'node:events';
import { appendFile, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { openEmbeddedPostgres } from '../../src/adapters/postgres-embedded.ts';
import { UserError } from '../../src/errors.ts';
import {
  endAll,
  isAlive,
  newFolder,
  query,
  recalled,
  remember,
  runningPid,
  serverPid,
  spawnHolder,
  startHolder,
} from '../support/postgres-processes.ts';

const LIMIT = { timeout: 120_000 };

afterEach(endAll, LIMIT.timeout);

describe('one process', LIMIT, () => {
  test('starts, stops, and finds its data again under the same URL', async () => {
    const folder = await newFolder();
    const first = await openEmbeddedPostgres({ folder });
    await remember(first.url);
    const pid = await runningPid(folder);
    await first.close();
    await first.close();
    expect(await isAlive(pid)).toBe(false);
    expect(await serverPid(folder)).toBeNull();

    const second = await openEmbeddedPostgres({ folder });
    expect(second.url).toBe(first.url);
    expect(await recalled(second.url)).toBe(42);
    await second.close();
    expect(await serverPid(folder)).toBeNull();
    expect((await readdir(folder)).sort()).toEqual(['data', 'server.log']);
  });

  test('is durable, in UTF-8 and UTC, and open to nobody else', async () => {
    const folder = await newFolder();
    await using store = disposable(await openEmbeddedPostgres({ folder }));
    // What somebody writes into the configuration cannot make the store lose mail.
    await query(store.url, 'ALTER SYSTEM SET fsync = off');
    await query(store.url, 'SELECT pg_reload_conf()');
    const names = `fsync synchronous_commit full_page_writes max_connections server_encoding TimeZone listen_addresses
      unix_socket_directories password_encryption`.split(/\s+/);
    const shown = await Promise.all(names.map(async (name) => [name, (await query(store.url, `SHOW ${name}`))[0]]));
    expect(Object.fromEntries(shown.map(([name, row]) => [name, Object.values(row as object)[0]]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      max_connections: '100',
      server_encoding: 'UTF8',
      TimeZone: 'UTC',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      password_encryption: 'scram-sha-256',
    });
    expect(await query(store.url, `SELECT upper('é') AS upper, 'B' < 'a' AS order`)).toEqual([
      { upper: 'É', order: true },
    ]);

    const wrong = new URL(store.url);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    const file = join(folder, 'data/partner-intake-password');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700);
    expect(store.url).toContain(await readFile(file, 'utf8'));
    expect(await readFile(join(folder, 'server.log'), 'utf8')).not.toContain(await readFile(file, 'utf8'));
  });

  test('stops the server although the connections of the caller are only just closing', async () => {
    const folder = await newFolder();
    const store = await openEmbeddedPostgres({ folder });
    const pool = new pg.Pool({ connectionString: store.url, max: 10 });
    await Promise.all(Array.from({ length: 10 }, () => pool.query('SELECT pg_sleep(0.05)')));
    await Promise.all([pool.end(), store.close()]);
    expect(await serverPid(folder)).toBeNull();
  });

  test('leaves the server to a connection that is not ours', async () => {
    const folder = await newFolder();
    const store = await openEmbeddedPostgres({ folder });
    const guest = new pg.Client({ connectionString: store.url });
    guest.on('error', () => undefined);
    await guest.connect();
    await store.close();
    expect((await guest.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await guest.end();
    await (await openEmbeddedPostgres({ folder })).close();
    expect(await serverPid(folder)).toBeNull();
  });

  test('does not stay alive for the store, and a forgotten store is taken over', async () => {
    const folder = await newFolder();
    const child = spawnHolder(folder, undefined, {}, 'forget');
    expect((await once(child, 'exit'))[0]).toBe(0);
    await runningPid(folder);
    await (await openEmbeddedPostgres({ folder })).close();
    expect(await serverPid(folder)).toBeNull();
  });

  test('takes another port when the last one is taken', async () => {
    const folder = await newFolder();
    const first = await openEmbeddedPostgres({ folder });
    await first.close();
    const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
    await once(squatter, 'listening');
    const second = await openEmbeddedPostgres({ folder });
    expect(second.url).not.toBe(first.url);
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.close();
    squatter.close();
  });
});

describe('several processes', LIMIT, () => {
  test('share one server; the first leaves, the second goes on, the last one stops it', async () => {
    const folder = await newFolder();
    const first = await startHolder(folder);
    const pid = await runningPid(folder);
    const second = await startHolder(folder);
    expect(second.url).toBe(first.url);
    expect(await first.leave()).toBe(0);
    expect(await runningPid(folder)).toBe(pid);
    await remember(second.url);
    expect(await second.leave()).toBe(0);
    expect(await serverPid(folder)).toBeNull();
    expect(await isAlive(pid)).toBe(false);
  });

  test('that open at the same moment get one server', async () => {
    const folder = await newFolder();
    const holders = await Promise.all(Array.from({ length: 4 }, () => startHolder(folder)));
    expect(new Set(holders.map(({ url }) => url)).size).toBe(1);
    expect(await Promise.all(holders.map(({ leave }) => leave()))).toEqual([0, 0, 0, 0]);
    expect(await serverPid(folder)).toBeNull();
    const log = await readFile(join(folder, 'server.log'), 'utf8');
    expect(log.match(/starting PostgreSQL/g)).toHaveLength(1);
  });

  test('that come and go at the same moment never lose the server under their feet', async () => {
    const folder = await newFolder();
    const rounds = async () => {
      for (let round = 0; round < 8; round += 1) {
        const store = await openEmbeddedPostgres({ folder });
        expect(await query(store.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
        await store.close();
      }
    };
    await Promise.all([rounds(), rounds(), rounds()]);
    expect(await serverPid(folder)).toBeNull();
  });
});

describe('what it cannot mend', LIMIT, () => {
  const refusal = (folder: string) =>
    openEmbeddedPostgres({ folder }).then(
      () => expect.unreachable(),
      (error: unknown) => {
        expect(error).toBeInstanceOf(UserError);
        const { message } = error as UserError;
        expect(message).not.toContain('\n');
        expect(message).toContain('or set DATABASE_URL to a PostgreSQL of your own');
        return message;
      },
    );

  test('a folder that holds something else stays as it is', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'data'), { recursive: true });
    await writeFile(join(folder, 'data/thesis.txt'), 'years of work');
    expect(await refusal(folder)).toContain(`${folder}/data is not a PostgreSQL data folder`);
    expect(await readFile(join(folder, 'data/thesis.txt'), 'utf8')).toBe('years of work');
  });

  test('a server that does not start: its own words and where its log is', async () => {
    const folder = await newFolder();
    await (await openEmbeddedPostgres({ folder })).close();
    await appendFile(join(folder, 'data/postgresql.conf'), '\nshared_buffers = plenty\n');
    const message = await refusal(folder);
    expect(message).toContain('configuration file');
    expect(message).toContain(`see ${folder}/server.log`);
  });

  test('a lost password, and a folder that cannot be made', async () => {
    const folder = await newFolder();
    await (await openEmbeddedPostgres({ folder })).close();
    await rename(join(folder, 'data/partner-intake-password'), join(folder, 'away'));
    expect(await refusal(folder)).toContain('partner-intake-password is missing');
    expect(await refusal(join(folder, 'away/postgres'))).toContain('cannot use');
  });
});

const disposable = <T extends { close(): Promise<void> }>(store: T) =>
  Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
