/** LICENCES=https: against a real server with every fault: what cannot be asked is never "no licences". */
import { describe, expect, it } from 'vitest';
import { createHttpsDirectory } from '../../src/adapters/licences/licences-https.ts';
import { UserError } from '../../src/errors.ts';
import type { LookupKey } from '../../src/model.ts';
import type { LicenceServiceDouble } from '../support/licence-service.ts';
import { LIMITS, large, licenceWorld, owner, small } from '../support/licence-world.ts';

const world = licenceWorld();
const NOT_ITS_404 =
  "LICENCES: URL answers 404 in words that are not the licence service's: look at its path, and at what stands before it";

describe('a service that is well', () => {
  it('is asked by each key, and says who it is, or that it knows nobody', async () => {
    const directory = world.open();
    const [row] = (await directory.find('superadminEmail', 'Owner@Large.example')).rows;
    expect(row).toEqual({
      ...{
        superadminEmail: 'owner@large.example',
        domains: ['large.example'],
        organisation: 'Large Ltd',
        active: true,
      },
      ...{ zoid: '650000001', country: 'IN', region: null, service: 'Zoho CRM', zgid: '650000002', licences: 120 },
      zuids: ['650000003', '650000004'],
    });
    expect(await owner(directory, 'domain', 'large.example')).toEqual([large.superadminEmail]);
    expect(await owner(directory, 'zuid', '650000004')).toEqual([large.superadminEmail]);
    expect(await owner(directory, 'zoid', '65')).toEqual([small.superadminEmail]);
    expect(await owner(directory, 'zgid', '1')).toEqual([]);
    expect(world.service.asked).toEqual([
      ...['superadminEmail=owner@large.example', 'domain=large.example', 'zuid=650000004', 'zoid=65'],
      ...['superadminEmail=owner@small.example', 'zgid=1'],
    ]);
  });

  it('found by one row, gives the whole account, as a file does', async () => {
    const desk = { ...large, service: 'Zoho Desk', zuids: '777', domain: '', zoid: '', licences: 3 };
    world.service.rows = [large, desk, small];
    const directory = world.open();
    const services = async (key: LookupKey, value: string) =>
      (await directory.find(key, value)).rows.map(({ service, licences }) => `${service} ${licences}`);
    const whole = ['Zoho CRM 120', 'Zoho Desk 3'];
    expect(await services('zuid', '777')).toEqual(whole);
    expect(await services('domain', 'large.example')).toEqual(whole);
    expect(world.service.asked, 'the account is asked for once').toEqual([
      ...['zuid=777', 'superadminEmail=owner@large.example', 'domain=large.example'],
    ]);
  });

  it('half an account is no answer: one row found, the others not to be had', async () => {
    world.service.fault(500, { only: 'superadminEmail' });
    await expect(world.open().find('zoid', '65')).rejects.toMatchObject({ verdict: 'temporary' });
  });

  it('several accounts under one key are asked for, many are not', async () => {
    const sharing = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ ...small, superadminEmail: `owner${at}@x.example` }));
    for (const [count, asked] of [
      [3, 4],
      [4, 1],
    ] as const) {
      world.service.rows = sharing(count);
      world.service.asked.length = 0;
      expect(await owner(world.open(), 'domain', 'small.example')).toHaveLength(count);
      expect(world.service.asked).toHaveLength(asked);
    }
  });

  it.each([404, '404 in JSON', '404 in plain words'] as const)('may say unknown so: %s', async (fault) => {
    world.service.fault(fault);
    expect(await owner(world.open())).toEqual([]);
  });

  it('a customer is asked for as a super admin, which is one question for both', async () => {
    const directory = world.open();
    const keys: LookupKey[] = ['superadminEmail', 'customerEmail', 'superadminEmail'];
    await Promise.all(keys.map((key) => directory.find(key, large.superadminEmail)));
    expect(world.service.asked).toHaveLength(1);
  });

  it('what nobody can have is not asked for', async () => {
    const directory = world.open();
    expect(await owner(directory, 'zuid', '65&domain=large.example')).toEqual([]);
    expect(await owner(directory, 'domain', 'large.example\r\nHost: x')).toEqual([]);
    expect(await owner(directory, 'superadminEmail', `${'a'.repeat(400)}@large.example`)).toEqual([]);
    expect(world.service.asked).toEqual([]);
    // What has a meaning in an address is asked for as it is.
    expect(await owner(directory, 'superadminEmail', 'a+b&domain=large.example#@x.example')).toEqual([]);
    expect(world.service.asked).toEqual(['superadminEmail=a+b&domain=large.example#@x.example']);
  });

  it('has so many questions at once, and no more', async () => {
    world.service.fault('slow', { figure: 20 });
    const directory = world.open({ limits: { concurrency: 3 } });
    await Promise.all(Array.from({ length: 12 }, (_, at) => directory.find('zoid', String(at))));
    expect(world.service.asked).toHaveLength(12);
    expect(world.service.mostAtOnce()).toBe(3);
  });

  it('the time of a question begins with its turn: a slow service that is well answers all of a crowd', async () => {
    world.service.fault('slow', { figure: 60 });
    const directory = world.open({ limits: { concurrency: 2, questionMs: 250, failuresUntilOpen: 1 } });
    const crowd = Array.from({ length: 12 }, (_, at) => owner(directory, 'zoid', String(at)));
    expect((await Promise.all(crowd)).flat()).toEqual([]);
  });

  it('a question whose turn does not come is temporary, and no sign that the service is down', async () => {
    world.service.fault('slow', { figure: 150 });
    const directory = world.open({ limits: { concurrency: 1, waitMs: 50, failuresUntilOpen: 1 } });
    const crowd = Array.from({ length: 4 }, (_, at) =>
      world.failure(directory, `owner${at}@x.example`).catch(() => ''),
    );
    const said = 'LICENCES: URL was not asked: too many questions wait for their turn';
    expect(await Promise.all(crowd)).toEqual(['', said, said, said]);
    expect(world.service.asked).toHaveLength(1);
    expect(await owner(directory)).toEqual([large.superadminEmail]);
  });

  it('is asked again when what it said is old: known after 5 minutes, unknown after one', async () => {
    const directory = world.open();
    const ask = async (value: string) => {
      const before = world.service.asked.length;
      const { asOf } = await directory.find('superadminEmail', value);
      return { age: (world.time - (asOf?.getTime() ?? 0)) / 1_000, asked: world.service.asked.length - before };
    };
    expect(await ask(large.superadminEmail)).toEqual({ age: 0, asked: 1 });
    expect(await ask('nobody@x.example')).toEqual({ age: 0, asked: 1 });
    world.time += 60_000;
    expect(await ask('nobody@x.example')).toEqual({ age: 60, asked: 0 });
    world.time += 1;
    expect(await ask('nobody@x.example')).toEqual({ age: 0, asked: 1 });
    world.time += 4 * 60_000 - 1;
    expect(await ask(large.superadminEmail)).toEqual({ age: 300, asked: 0 });
    world.time += 1;
    expect(await ask(large.superadminEmail)).toEqual({ age: 0, asked: 1 });
  });
});

describe('a fault', () => {
  it.each<[Parameters<LicenceServiceDouble['fault']>[0], message: string, tries: number]>([
    [500, 'LICENCES: URL answers 500', 3],
    ['half a body', 'LICENCES: URL cannot be reached: other side closed', 3],
    [429, 'LICENCES: URL wants fewer questions (429)', 3],
    ['garbage', 'LICENCES: URL answers with something that is not JSON', 1],
    ['object', 'LICENCES: URL answers with JSON that is not an array', 1],
    ['redirect', 'LICENCES: URL answers 302: redirects are not followed, write the address itself', 1],
    ['huge', 'LICENCES: URL answers with more than 1048576 bytes', 1],
    ['a page that says 404', NOT_ITS_404, 1],
    ['404 in a lot of words', NOT_ITS_404, 1],
    [400, 'LICENCES: URL does not take the question (400)', 1],
    [403, 'LICENCES_TOKEN: URL refuses it (403): set LICENCES_TOKEN or LICENCES_TOKEN_FILE to a valid one', 1],
  ])('%s is temporary and said in one line', async (fault, message, tries) => {
    world.service.fault(fault);
    expect(await world.failure(world.open())).toBe(message);
    expect(world.service.asked).toHaveLength(tries);
  });

  it('that passes is not noticed', async () => {
    for (const fault of [500, 'half a body', 429] as const) {
      world.service.fault(fault, { times: 2 });
      expect(await owner(world.open())).toEqual([large.superadminEmail]);
    }
  });

  it('a service that hangs is waited for so long, and no longer', async () => {
    world.service.fault('hang');
    const directory = world.open({ limits: { beginMs: 60, questionMs: 1_000, retries: 1 } });
    expect(await world.failure(directory)).toBe('LICENCES: URL did not begin to answer within 60 ms');
    world.service.fault('stall');
    expect(await world.failure(world.open({ limits: { wholeMs: 60, retries: 0 } }))).toBe(
      'LICENCES: URL did not answer within 60 ms',
    );
    world.service.fault('hang');
    const began = performance.now();
    const impatient = world.open({ limits: { beginMs: 10_000, wholeMs: 10_000, questionMs: 100 } });
    expect(await world.failure(impatient)).toMatch(/^LICENCES: URL (did not answer|cannot be reached)/);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('nobody there at all', async () => {
    const directory = world.open();
    await world.service.stop();
    expect(await world.failure(directory)).toMatch(/^LICENCES: URL cannot be reached: connect ECONNREFUSED/);
  });

  it('a row that is wrong refuses the whole answer, with its key, and only this one', async () => {
    const directory = world.open({ limits: { failuresUntilOpen: 1 } });
    world.service.rows = [large, { ...large, licences: 'many' }, small];
    expect(await world.failure(directory)).toBe(
      'LICENCES: URL answers with a row that is wrong: row 2: licences: must be a whole number',
    );
    expect(await owner(directory, 'zoid', '65')).toEqual([small.superadminEmail]);
  });

  it.each<[LookupKey, string]>([
    ['superadminEmail', 'owner@small.example'],
    ['domain', 'small.example'],
    ['zuid', '5'],
    ['zoid', '65'],
    ['zgid', '5'],
  ])('a service that overlooks the query gives nobody a stranger’s account: %s', async (key, value) => {
    world.service.fault('all rows');
    const directory = world.open();
    await expect(directory.find(key, value)).rejects.toThrow(
      new RegExp(`answers with a row that is wrong: row 1: its account does not hold the ${key} that was asked for$`),
    );
    await expect(directory.check()).rejects.toThrow('row 1: its account does not hold the superadminEmail');
  });

  it('a question that the service fails at is not asked again so soon; others are', async () => {
    const directory = world.open({ limits: { failedMs: 40_000 } });
    world.service.fault(500, { only: large.superadminEmail });
    expect(await world.failure(directory)).toBe('LICENCES: URL answers 500');
    const asked = world.service.asked.length;
    expect(await world.failure(directory)).toBe('LICENCES: URL answers 500');
    expect(world.service.asked).toHaveLength(asked);
    expect(await owner(directory, 'zoid', '65')).toEqual([small.superadminEmail]);
    world.service.fault(null);
    world.time += 40_000;
    expect(await owner(directory)).toEqual([large.superadminEmail]);
  });

  it('Retry-After is obeyed by all questions, up to a bound', async () => {
    const directory = world.open();
    world.service.fault(429, { figure: 3_600, times: 1 });
    expect(await world.failure(directory)).toBe('LICENCES: URL wants fewer questions (429)');
    expect(await world.failure(directory, 'owner@small.example')).toBe(
      'LICENCES: URL wants to be left alone for a while',
    );
    world.time += LIMITS.mostHoldMs - 1;
    expect(await world.failure(directory)).toBe('LICENCES: URL wants to be left alone for a while');
    expect(world.service.asked).toHaveLength(1);
    world.time += 1;
    expect(await owner(directory)).toEqual([large.superadminEmail]);
  });

  it('a short Retry-After is waited for', async () => {
    world.service.fault(429, { figure: 1, times: 1 });
    const began = performance.now();
    expect(await owner(world.open({ limits: { questionMs: 4_000 } }))).toEqual([large.superadminEmail]);
    expect(performance.now() - began).toBeGreaterThan(950);
  });
});

describe('the token', () => {
  it('that was exchanged is read anew, and the question asked again', async () => {
    const directory = world.open();
    await directory.find('zoid', '1');
    world.service.token = world.token = 'a new one';
    expect(await owner(directory)).toEqual([large.superadminEmail]);
    expect(world.service.asked).toHaveLength(3);
  });

  it('that was exchanged while many questions were under way, too', async () => {
    const directory = world.open();
    await directory.find('zoid', '1');
    world.service.token = world.token = 'a new one';
    const keys = Array.from({ length: 20 }, (_, at) => directory.find('zgid', String(at)));
    expect((await Promise.all(keys)).flatMap(({ rows }) => rows)).toEqual([]);
  });

  it('whose file cannot be read is said in one line', async () => {
    const token = () => {
      throw new UserError('LICENCES_TOKEN_FILE: cannot be read: gone');
    };
    expect(await world.failure(createHttpsDirectory({ url: world.service.url, token }))).toBe(
      'LICENCES_TOKEN_FILE: cannot be read: gone',
    );
    expect(world.service.asked).toEqual([]);
  });

  it('that is wrong is said in one line, and is no lack of licences', async () => {
    world.service.token = 'another';
    const line = 'LICENCES_TOKEN: URL refuses it (401): set LICENCES_TOKEN or LICENCES_TOKEN_FILE to a valid one';
    expect(await world.failure(world.open())).toBe(line);
    await expect(world.open().check()).rejects.toThrow(line.replace('URL', world.service.url.href));
  });
});
