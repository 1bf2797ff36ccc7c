/** What the built-in PostgreSQL survives: kill -9, Ctrl-C, root, closed folders. */
import { once } from 'node:events';
import { chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openEmbeddedPostgres } from '../../src/adapters/postgres-embedded.ts';
import {
  copyProject,
  endAll,
  isAlive,
  killHolder,
  killServer,
  newFolder,
  query,
  recalled,
  remember,
  runningPid,
  serverPid,
  spawnHolder,
  startHolder,
  startStranger,
  until,
} from '../support/postgres-processes.ts';

const LIMIT = { timeout: 120_000 };
const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

afterEach(endAll, LIMIT.timeout);

describe('violence', LIMIT, () => {
  test('kill -9 of the process that started it: the next takes the server over', async () => {
    const folder = await newFolder();
    const holder = await startHolder(folder);
    await remember(holder.url);
    const pid = await runningPid(folder);
    await killHolder(holder);
    const next = await startHolder(folder);
    expect(await runningPid(folder)).toBe(pid);
    expect(await recalled(next.url)).toBe(42);
    expect(await next.leave()).toBe(0);
    expect(await isAlive(pid)).toBe(false);
  });

  test('kill -9 of everything, one old backend still at work: the next start waits for it and recovers', async () => {
    const folder = await newFolder();
    const holder = await startHolder(folder);
    await remember(holder.url);
    const busy = `DO $$ BEGIN FOR i IN 1 .. 1000000000 LOOP EXIT WHEN clock_timestamp() > now() + '3 s'; END LOOP; END $$`;
    const orphan = query(holder.url, busy).catch(() => undefined);
    const active = `SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'`;
    await until('the backend is at work', async () => (await query(holder.url, active)).length === 1);
    const backend = Number((await query(holder.url, active))[0]?.pid);
    await killHolder(holder);
    await killServer(folder);
    expect(await isAlive(backend)).toBe(true);

    const next = await openEmbeddedPostgres({ folder });
    expect(await isAlive(backend)).toBe(false);
    expect(await recalled(next.url)).toBe(42);
    await orphan;
    await next.close();
  });

  test('kill -9 of the server under a process that goes on: it comes back under the same URL', async () => {
    const folder = await newFolder();
    const store = await openEmbeddedPostgres({ folder });
    await remember(store.url);
    await killServer(folder);
    await until('the server is back', () =>
      recalled(store.url).then(
        () => true,
        () => false,
      ),
    );
    expect(await recalled(store.url)).toBe(42);
    await store.close();
    expect(await serverPid(folder)).toBeNull();
  });

  test('a dead server whose pid belongs to another program by now', async () => {
    const folder = await newFolder();
    const holder = await startHolder(folder);
    await remember(holder.url);
    await killHolder(holder);
    await killServer(folder);
    // Of the server's own user and no ancestor of ours: PostgreSQL itself sees through the others.
    const stranger = await startStranger((await stat(join(folder, 'data'))).uid);
    const file = join(folder, 'data/postmaster.pid');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^\d+/, String(stranger)));

    const next = await openEmbeddedPostgres({ folder });
    expect(await recalled(next.url)).toBe(42);
    await next.close();
  });

  test('a lock whose holder is dead, though its pid is in use again', async () => {
    const folder = await newFolder();
    await mkdir(folder);
    await writeFile(join(folder, 'lock'), `${process.pid} some-id 12345`);
    const store = await openEmbeddedPostgres({ folder });
    await store.close();
    expect(await readdir(folder)).not.toContain('lock');
  });

  test('kill -9 in the middle of initdb: done again', async () => {
    const folder = await newFolder();
    const child = spawnHolder(folder);
    await until('initdb is in the middle', async () => {
      const names = await readdir(folder).catch((): string[] => []);
      const work = names.find((name) => name.startsWith('unfinished-'));
      return (
        work !== undefined && (await readdir(join(folder, work, 'data')).catch((): string[] => [])).includes('global')
      );
    });
    await killHolder({ child });
    expect(await readdir(folder)).not.toContain('data');

    const store = await openEmbeddedPostgres({ folder });
    await remember(store.url);
    await store.close();
    expect((await readdir(folder)).sort()).toEqual(['data', 'server.log']);
  });

  test('Ctrl-C in a terminal reaches the whole process group, but not the server', async () => {
    const folder = await newFolder();
    const holder = await startHolder(folder, { detached: true });
    const other = await startHolder(folder);
    const pid = await runningPid(folder);
    const exit = once(holder.child, 'exit');
    process.kill(-(holder.child.pid ?? 0), 'SIGINT');
    expect((await exit)[1]).toBe('SIGINT');
    await remember(other.url);
    expect(await runningPid(folder)).toBe(pid);
    expect(await other.leave()).toBe(0);
    expect(await serverPid(folder)).toBeNull();
  });
});

describe.runIf(isRoot)('as root', LIMIT, () => {
  test('in a clone that only root may enter (mode 700), the server is not root and recovers all the same', async () => {
    const project = await copyProject(0o700);
    const folder = join(project, '../postgres');
    const holder = await startHolder(folder, { project });
    await remember(holder.url);
    expect((await stat(`/proc/${await runningPid(folder)}`)).uid).not.toBe(0);
    await killHolder(holder);
    await killServer(folder);
    const next = await startHolder(folder, { project });
    expect(await recalled(next.url)).toBe(42);
    expect(await next.leave()).toBe(0);
    expect(await serverPid(folder)).toBeNull();
  });

  test('a data folder of another user is served as that user', async () => {
    const project = await copyProject(0o755);
    const folder = join(project, '../postgres');
    await mkdir(folder);
    await chown(folder, NOBODY, NOBODY);
    const nobody = { project, uid: NOBODY, gid: NOBODY };
    const own = await startHolder(folder, nobody);
    await remember(own.url);
    expect((await stat(`/proc/${await runningPid(folder)}`)).uid).toBe(NOBODY);
    expect(await own.leave()).toBe(0);

    const root = await startHolder(folder, { project });
    expect((await stat(`/proc/${await runningPid(folder)}`)).uid).toBe(NOBODY);
    expect(await root.leave()).toBe(0);
    const again = await startHolder(folder, nobody);
    expect(await recalled(again.url)).toBe(42);
    expect(await again.leave()).toBe(0);
  });

  test('a data folder that root copied is given to the user who serves it', async () => {
    const folder = await newFolder();
    const first = await openEmbeddedPostgres({ folder });
    await remember(first.url);
    await first.close();
    await chown(join(folder, 'data'), 0, 0);
    await chown(join(folder, 'data/PG_VERSION'), 0, 0);
    const second = await openEmbeddedPostgres({ folder });
    expect(await recalled(second.url)).toBe(42);
    await second.close();
  });
});
