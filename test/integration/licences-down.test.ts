/** While the licence service is down: it is left alone, what was known stands in with its age, and other directories answer for their own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDirectory } from '../../src/adapters/licences/directories.ts';
import { LIMITS, large, licenceWorld, owner, small } from '../support/licence-world.ts';
import { until } from '../support/wait.ts';

const world = licenceWorld();

describe('while the service is down', () => {
  it('what was known stands in for a day, with its age; what was unknown does not', async () => {
    const directory = world.open();
    const known = await directory.find('superadminEmail', large.superadminEmail);
    await directory.find('superadminEmail', 'nobody@x.example');
    world.service.fault(500);
    world.time += 24 * 3_600_000;
    expect(await directory.find('superadminEmail', large.superadminEmail)).toEqual(known);
    expect(await world.failure(directory, 'nobody@x.example')).toBe('LICENCES: URL answers 500');
    world.time += 1;
    expect(await world.failure(directory)).toBe('LICENCES: URL answers 500');
  });

  it('it is left alone after some failures: at once from the cache or temporary, one question tries it, and all go on', async () => {
    const directory = world.open({ limits: { openMs: [600, 600] } });
    await directory.find('zoid', '65');
    world.service.fault('hang');
    world.time += 6 * 60_000;
    await Promise.all(Array.from({ length: 4 }, (_, at) => world.failure(directory, `owner${at}@x.example`)));
    const asked = world.service.asked.length;
    const began = performance.now();
    // A backlog of two hundred tickets: nobody is asked, and nobody waits.
    for (let at = 0; at < 200; at += 1)
      expect(await world.failure(directory, `owner-${at}@x.example`)).toMatch(
        /^LICENCES: URL failed 4 times in a row and is left alone for a while: LICENCES: URL did not /,
      );
    expect(await owner(directory, 'zoid', '65')).toEqual([small.superadminEmail]);
    expect(world.service.asked).toHaveLength(asked);
    expect(performance.now() - began, 'quicker than one timeout').toBeLessThan(LIMITS.beginMs);

    world.service.fault(null);
    // Nothing but the way of real time opens it: as soon as it does, everybody is answered.
    const answers = await until(() => Promise.all(['1', '2', '3'].map((zoid) => owner(directory, 'zoid', zoid))));
    expect(answers).toEqual([[], [], []]);
  });

  it('one question alone tries it; while it fails the others are not asked', async () => {
    const directory = world.open({ limits: { openMs: [50, 50], retries: 0 } });
    world.service.fault(500);
    for (let at = 0; at < 4; at += 1) await world.failure(directory, `owner${at}@x.example`);
    expect(world.service.asked).toHaveLength(4);
    await until(async () => {
      await Promise.all(Array.from({ length: 10 }, (_, at) => world.failure(directory, `owner-${at}@x.example`)));
      return world.service.asked.length > 4;
    });
    expect(world.service.asked).toHaveLength(5);
  });
});

describe('CSV first, HTTPS next', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'licences-'));
    path = join(folder, 'few.csv');
    await writeFile(
      path,
      'superadmin_email,domain,organisation,zoid,country,region,service,zgid,zuids,licences,status\nowner@file.example,file.example,,,,,Zoho CRM,,,7,active\n',
    );
  });
  afterEach(() => rm(folder, { recursive: true }));
  const both = () =>
    openDirectory([
      { kind: 'csv', path },
      { kind: 'https', url: world.service.url, token: () => world.token },
    ]);

  it('the service is asked for what the file does not know, and doctor is told of both', async () => {
    const directory = both();
    expect(await owner(directory, 'domain', 'file.example')).toEqual(['owner@file.example']);
    expect(world.service.asked).toEqual([]);
    expect(await owner(directory)).toEqual([large.superadminEmail]);
    expect(await directory.check()).toBe(
      `${path} holds 1 subscriptions of 1 accounts; then ${world.service.url.href} answers`,
    );
  });

  it('a service that comes first and is down is told of when the file answers', async () => {
    const lines: object[] = [];
    const tell = (level: string) => (fields: object) => void lines.push({ level, ...fields });
    const resources = new AsyncDisposableStack();
    const live = { log: { info: tell('info'), warn: tell('warn'), error: tell('error') }, resources };
    const directory = openDirectory(
      [
        { kind: 'https', url: world.service.url, token: () => 'open' },
        { kind: 'csv', path },
      ],
      live,
    );
    for (let time = 0; time < 3; time += 1)
      expect(await owner(directory, 'domain', 'file.example')).toEqual(['owner@file.example']);
    expect(lines).toEqual([{ level: 'warn', cause: expect.stringMatching(/^LICENCES_TOKEN: .* refuses it \(401\)/) }]);
    await resources.disposeAsync();
  });

  it('while the service is down the file answers for its own, and the rest is temporary', async () => {
    const directory = both();
    world.service.fault(403);
    expect(await owner(directory, 'domain', 'file.example')).toEqual(['owner@file.example']);
    await world.failure(directory);
    await expect(directory.check()).rejects.toThrow(
      `LICENCES_TOKEN: ${world.service.url.href} refuses it (403): set LICENCES_TOKEN or LICENCES_TOKEN_FILE to a valid one (fine: ${path} holds 1 subscriptions of 1 accounts)`,
    );
  });
});
