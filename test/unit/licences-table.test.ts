/** The compact table answers as a plain look through all rows would; the cache and the order of several directories keep their promises. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLicenceCache } from '../../src/adapters/licences/licence-cache.ts';
import { jsonLicenceRow } from '../../src/adapters/licences/licence-row.ts';
import { rowsWith, tableBuilder } from '../../src/adapters/licences/licence-table.ts';
import { createCsvDirectory } from '../../src/adapters/licences/licences-csv.ts';
import { inOrder } from '../../src/adapters/licences/licences-in-order.ts';
import { createCsvRegister } from '../../src/adapters/licences/partners-csv.ts';
import { IntakeError } from '../../src/errors.ts';
import { LOOKUP_KEYS, type LookupKey, type Subscription } from '../../src/model.ts';
import type { LicenceDirectory } from '../../src/ports.ts';
import { row } from '../support/accounts.ts';
import { LICENCES, PARTNERS } from '../support/population.ts';

function tableOf(rows: readonly Subscription[]) {
  const builder = tableBuilder();
  for (const one of rows) builder.add(one);
  return builder.table();
}

/** What the table must answer, found by looking at everything. */
function plainly(rows: readonly Subscription[], key: LookupKey, value: string): Subscription[] {
  const has: Record<LookupKey, (one: Subscription) => readonly string[]> = {
    superadminEmail: (one) => [one.superadminEmail],
    customerEmail: (one) => [one.superadminEmail],
    domain: (one) => one.domains,
    zuid: (one) => one.zuids,
    zoid: (one) => [one.zoid],
    zgid: (one) => [one.zgid],
  };
  const owners = new Set(
    rows.filter((one) => value && has[key](one).includes(value)).map((one) => one.superadminEmail),
  );
  return [...owners].flatMap((owner) => rows.filter((one) => one.superadminEmail === owner));
}

describe('the table', () => {
  it('finds what a look through all rows finds, whatever they hold', () => {
    // Few values, so that rows share them; any text where any may stand.
    const few = fc.constantFrom('a', 'b', '1', '2', 'ü', '日本', '');
    const some = fc.array(fc.constantFrom('a', 'b', '1', '2', '1'), { maxLength: 4 });
    const subscription: fc.Arbitrary<Subscription> = fc
      .record({
        ...{ superadminEmail: few.filter(Boolean), domains: some, zuids: some, zoid: few, zgid: few },
        ...{ organisation: fc.string({ unit: 'binary' }), licences: fc.nat(), active: fc.boolean() },
      })
      .map((fields) => row(fields));
    fc.assert(
      fc.property(fc.array(subscription, { maxLength: 40 }), (rows) => {
        const table = tableOf(rows);
        expect(table.accounts).toBe(new Set(rows.map((one) => one.superadminEmail)).size);
        for (const key of LOOKUP_KEYS)
          for (const value of ['a', 'b', '1', '2', 'ü', '日本', '', 'nobody'])
            expect(rowsWith(table, key, value)).toEqual(plainly(rows, key, value));
      }),
      { numRuns: 200 },
    );
  });

  it('tells values apart that share a hash', () => {
    // FNV-1a of "zoid\0" and these is the same number.
    const collide = collision();
    const rows = collide.map((zoid, at) => row({ superadminEmail: `owner${at}@a.example`, zoid }));
    const table = tableOf(rows);
    expect(new Set(Array.from(table.index, (entry) => Math.floor(entry / 2 ** 21))).size).toBeLessThan(
      table.index.length,
    );
    expect(collide.map((zoid) => rowsWith(table, 'zoid', zoid))).toEqual(rows.map((one) => [one]));
  });

  it('grows with its rows', () => {
    const rows = Array.from({ length: 20_000 }, (_, at) =>
      row({ superadminEmail: `owner${at}@a.example`, domains: [`d${at}.example`, 'shared.example'], zoid: String(at) }),
    );
    const table = tableOf(rows);
    expect(table.rows).toBe(20_000);
    expect(rowsWith(table, 'domain', 'D19999.example')).toEqual([rows[19_999]]);
    expect(rowsWith(table, 'zoid', '0')).toEqual([rows[0]]);
    expect(rowsWith(table, 'domain', 'shared.example')).toHaveLength(20_000);
  });
});

/** Two ids with one hash, found by trying: there is a pair among some hundred thousand. */
function collision(): [string, string] {
  const seen = new Map<number, string>();
  for (let id = 0; ; id += 1) {
    const text = `zoid\0${id}`;
    let hash = 0x811c9dc5;
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    const other = seen.get(hash);
    if (other !== undefined) return [other, String(id)];
    seen.set(hash, String(id));
  }
}

describe('a CSV file', () => {
  const open = (text: string) => createCsvDirectory({ variable: 'LICENCES', name: 'a.csv', text: () => text });
  const HEADER = LICENCES.slice(0, LICENCES.indexOf('\n') + 1);

  it.each([
    [
      '',
      `LICENCES: a.csv lacks the column ${HEADER.trim().replaceAll(',', ', ')}: its first line must name ${HEADER.trim()}`,
    ],
    [
      HEADER.replace('zoid,', '').replace(',status', ''),
      `LICENCES: a.csv lacks the column zoid, status: its first line must name ${HEADER.trim()}`,
    ],
    [
      HEADER.replace('zgid', 'zoid').replace('zuids', 'zuids,zgid'),
      `LICENCES: a.csv has the column zoid twice: its first line must name ${HEADER.trim()}`,
    ],
    [LICENCES.slice(0, -4), 'LICENCES: a.csv: line 4: status: Invalid option: expected one of "active"|"inactive"'],
    [LICENCES.slice(0, -12), expect.stringMatching(/^LICENCES: cannot read a\.csv: Invalid Record Length: .*line 4/)],
    [`${LICENCES}"`, expect.stringMatching(/^LICENCES: cannot read a\.csv: Quote Not Closed/)],
    [
      LICENCES.replaceAll(/,(120|59|20),/g, ',many,'),
      'LICENCES: a.csv: line 2: licences: must be a whole number | line 3: licences: must be a whole number | line 4: licences: must be a whole number',
    ],
  ])('that is broken is refused whole, with its line', (text, line) => {
    expect(() => open(text)).toThrow(expect.objectContaining({ name: 'UserError', message: line }));
  });

  it('shows the first wrong lines and counts the others', () => {
    const bad = `${HEADER}${'x,,,,,,,,,1,active\n'.repeat(8)}`;
    expect(() => open(bad)).toThrow(/^LICENCES: a\.csv: line 2: [^|]*(\| line [3-6]: [^|]*){4} \(and 3 more\)$/);
  });

  it('may hold no row yet, byte-order mark and Windows line ends', async () => {
    expect(await open(HEADER).check()).toBe('a.csv holds 0 subscriptions of 0 accounts');
    expect(await open(`\ufeff${LICENCES.replaceAll('\n', '\r\n')}`).check()).toBe(
      'a.csv holds 3 subscriptions of 3 accounts',
    );
  });

  it('partners are refused likewise', () => {
    const text = PARTNERS.replace('premium', 'platinum');
    expect(() => createCsvRegister({ variable: 'PARTNERS', name: 'p.csv', text: () => text })).toThrow(
      /^PARTNERS: p\.csv: line 2: tier: /,
    );
  });
});

describe('a row of the licence service', () => {
  const whole = { superadminEmail: 'Owner@Large.example', service: 'Zoho CRM', licences: 7, status: 'active' };

  it('may leave out what is not used, write ids as numbers, and hold keys that nobody knows', () => {
    expect(jsonLicenceRow.parse({ ...whole, zoid: 65, domain: null, plan: { deep: true } })).toEqual(
      row({ superadminEmail: 'owner@large.example', licences: 7, zoid: '65', country: '' }),
    );
    const lists = { domain: ['Large.example'], zuids: '1 2', licences: '7', country: 'in', region: 'india' };
    expect(jsonLicenceRow.parse({ ...whole, ...lists })).toMatchObject({
      ...{ domains: ['large.example'], zuids: ['1', '2'], licences: 7, country: 'IN', region: 'india' },
    });
  });

  it.each<[object, string]>([
    [{ superadminEmail: 'nobody' }, 'superadminEmail'],
    [{ licences: -1 }, 'licences'],
    [{ licences: 1.5 }, 'licences'],
    [{ licences: null }, 'licences'],
    [{ status: 'gone' }, 'status'],
    [{ service: '' }, 'service'],
    [{ region: 'atlantis' }, 'region'],
    [{ zoid: 2 ** 60 }, 'zoid'],
  ])('%j is refused by its key', (wrong, key) => {
    const { error } = jsonLicenceRow.safeParse({ ...whole, ...wrong });
    expect(error?.issues.map(({ path }) => path[0])).toEqual([key]);
  });
});

describe('the cache', () => {
  const limits = { freshMs: 100, unknownMs: 10, staleMs: 1_000, entries: 3, rows: 5 };
  const at = (ms: number) => new Date(1_000_000 + ms);
  const answer = (rows: number, ms = 0) => ({ rows: Array.from({ length: rows }, () => row()), asOf: at(ms) });

  it('what is known is fresh for a while and stale for longer; what is unknown is neither for long', () => {
    const cache = createLicenceCache(limits);
    cache.keep('known', answer(1));
    cache.keep('unknown', answer(0));
    expect([cache.fresh('known', at(100)), cache.fresh('known', at(101))]).toEqual([answer(1), undefined]);
    expect([cache.stale('known', at(1_000)), cache.stale('known', at(1_001))]).toEqual([answer(1), undefined]);
    expect([cache.fresh('unknown', at(10)), cache.fresh('unknown', at(11))]).toEqual([answer(0), undefined]);
    expect(cache.stale('unknown', at(11))).toBeUndefined();
    expect(cache.fresh('known', at(-1))).toBeUndefined();
  });

  it('is bounded by answers and by rows; the longest unused goes', () => {
    const cache = createLicenceCache(limits);
    for (const name of ['a', 'b', 'c']) cache.keep(name, answer(1));
    cache.fresh('a', at(1));
    cache.keep('d', answer(1));
    expect(['a', 'b', 'c', 'd'].filter((name) => cache.fresh(name, at(1)))).toEqual(['a', 'c', 'd']);
    cache.keep('e', answer(4));
    expect(['a', 'c', 'd', 'e'].filter((name) => cache.fresh(name, at(1)))).toEqual(['d', 'e']);
    expect(cache.size()).toEqual({ entries: 2, rows: 5 });
    cache.keep('e', answer(0));
    expect(cache.size()).toEqual({ entries: 2, rows: 1 });
  });
});

describe('several directories in order', () => {
  const asked: string[] = [];
  const directory = (name: string, rows: number, asOf: string | null = null): LicenceDirectory => ({
    async find() {
      asked.push(name);
      return {
        rows: Array.from({ length: rows }, () => row({ organisation: name })),
        asOf: asOf ? new Date(asOf) : null,
      };
    },
    check: async () => `${name} is well`,
  });
  const down = (name: string): LicenceDirectory => {
    const fail = async () => {
      asked.push(name);
      throw new IntakeError('temporary', 'down', `${name} is down`);
    };
    return { find: fail, check: fail };
  };
  const find = async (...directories: LicenceDirectory[]) => {
    asked.length = 0;
    const { rows, asOf } = await inOrder(directories).find('domain', 'a.example');
    return { known: rows[0]?.organisation ?? null, asOf: asOf?.toISOString() ?? null, asked: [...asked] };
  };
  const OLD = '2026-01-01T00:00:00.000Z';
  const NEW = '2026-02-01T00:00:00.000Z';

  it('the first that knows answers, and the others are not asked', async () => {
    expect(await find(directory('a', 1, OLD), down('b'))).toEqual({ known: 'a', asOf: OLD, asked: ['a'] });
    expect(await find(directory('a', 0, OLD), directory('b', 1, NEW))).toEqual({
      known: 'b',
      asOf: NEW,
      asked: ['a', 'b'],
    });
  });

  it('one that is down is passed over when a later one knows', async () => {
    expect(await find(down('a'), directory('b', 1))).toEqual({ known: 'b', asOf: null, asked: ['a', 'b'] });
  });

  it('what was passed over is told, once for each and minute', async () => {
    const told: string[] = [];
    let time = 0;
    const knows = inOrder(
      [down('a'), down('b'), directory('c', 1)],
      (cause) => told.push(cause),
      () => time,
    );
    const ask = () => knows.find('domain', 'a.example');
    await ask();
    time += 59_999;
    await ask();
    expect(told).toEqual(['a is down', 'b is down']);
    time += 1;
    await ask();
    expect(told).toEqual(['a is down', 'b is down', 'a is down', 'b is down']);
  });

  it('nobody is unknown because one was down', async () => {
    await expect(find(down('a'), directory('b', 0))).rejects.toMatchObject({
      verdict: 'temporary',
      message: 'a is down',
    });
    await expect(find(directory('a', 0), down('b'))).rejects.toMatchObject({ verdict: 'temporary' });
  });

  it('that nobody knows is as old as the oldest of their data', async () => {
    expect(await find(directory('a', 0, NEW), directory('b', 0, OLD), directory('c', 0))).toMatchObject({
      known: null,
      asOf: OLD,
    });
  });

  it('the check names each', async () => {
    expect(await inOrder([directory('a', 0), directory('b', 0)]).check()).toBe('a is well; then b is well');
    await expect(inOrder([directory('a', 0), down('b')]).check()).rejects.toThrow('b is down (fine: a is well)');
  });
});
