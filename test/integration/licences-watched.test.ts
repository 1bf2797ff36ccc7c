/** A licence or partner file that changes while the daemon runs: exchanged whole, or refused whole with a line that says why. */
import { chmod, mkdir, mkdtemp, rename, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCsvInThread } from '../../src/adapters/licences/csv-reader.ts';
import { openDirectory, openRegister } from '../../src/adapters/licences/directories.ts';
import type { LicenceTable } from '../../src/adapters/licences/licence-table.ts';
import { readLicences } from '../../src/adapters/licences/licences-csv.ts';
import { type WatchedFile, watchFile } from '../../src/adapters/licences/watched-file.ts';
import { IntakeError, UserError } from '../../src/errors.ts';
import { LICENCES, PARTNERS } from '../support/population.ts';
import { until } from '../support/wait.ts';

const HEADER = LICENCES.slice(0, LICENCES.indexOf('\n') + 1);
const row = (name: string, licences: number): string =>
  `owner@${name}.example,${name}.example,,,,,Zoho CRM,,,${licences},active\n`;

let folder: string;
let path: string;
let watched: WatchedFile<LicenceTable>;
let told: string[];
/** How often the file was read by a thread. */
let reads: number;
/** Milliseconds, in the test's hand. */
let time: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'licences-'));
  path = join(folder, 'licences.csv');
  [told, reads, time] = [[], 0, 0];
  await writeFile(path, HEADER + row('first', 1));
  watched = open();
});
afterEach(async () => {
  await watched.close();
  await rm(folder, { recursive: true });
});

/** One that looks only when it is told to. */
function open(during?: () => Promise<unknown>): WatchedFile<LicenceTable> {
  const source = { variable: 'LICENCES', name: path, text: () => HEADER + row('first', 1) };
  return watchFile<LicenceTable>(
    () => readLicences(source),
    {
      ...{ variable: 'LICENCES', path },
      async read(signal) {
        reads += 1;
        const table = await readCsvInThread<LicenceTable>({ variable: 'LICENCES', path }, signal);
        await during?.();
        return table;
      },
      onExchanged: (rows, before) => told.push(before === null ? `${rows} rows` : `${rows} rows of ${before}`),
      onRefused: (problem) => told.push(problem.replace(path, 'FILE')),
    },
    3_600_000,
    () => time,
  );
}

const rows = () => watched.inForce().data.rows;
const refused = () => watched.inForce().refused?.replace(path, 'FILE') ?? null;
async function look(times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) await watched.look();
}

describe('a file that was changed', () => {
  it('is taken up by the second look that finds it alike, and then not read again', async () => {
    await look(3);
    expect(reads).toBe(0);
    await writeFile(path, HEADER + row('first', 1) + row('second', 2));
    await utimes(path, new Date(), new Date('2026-03-03T10:00:00Z'));
    await look();
    expect([rows(), reads]).toEqual([1, 0]);
    await look(3);
    expect([rows(), reads, told]).toEqual([2, 1, ['2 rows']]);
    expect(watched.inForce().writtenAt).toEqual(new Date('2026-03-03T10:00:00Z'));
  });

  it('is waited for while it is being written', async () => {
    let text = HEADER;
    for (const name of ['a', 'b', 'c', 'd']) {
      text += row(name, 1);
      await writeFile(path, text);
      await look();
    }
    expect([rows(), reads]).toEqual([1, 0]);
    await look();
    expect([rows(), told]).toEqual([4, ['4 rows']]);
  });

  it('while it was read, is read again', async () => {
    await watched.close();
    const changes = [HEADER + row('later', 1) + row('last', 1)];
    watched = open(async () => {
      const text = changes.shift();
      if (text) await writeFile(path, text);
    });
    await writeFile(path, HEADER + row('a', 1) + row('b', 1) + row('c', 1));
    await look(2);
    expect([rows(), told]).toEqual([1, []]);
    await look(2);
    expect([rows(), told]).toEqual([2, ['2 rows']]);
  });

  it('by another in its place, of the same size and age', async () => {
    const other = join(folder, 'other.csv');
    const time = new Date('2026-03-03T10:00:00Z');
    await writeFile(path, HEADER + row('aaaaa', 1));
    await utimes(path, time, time);
    await look(2);
    await writeFile(other, HEADER + row('bbbbb', 2));
    await utimes(other, time, time);
    await rename(other, path);
    await look(2);
    expect(told).toEqual(['1 rows', '1 rows']);
  });
});

describe('a file that is broken is refused whole, and told once', () => {
  it.each([
    ['a row', HEADER + row('a', 1) + row('b', -1), 'LICENCES: FILE: line 3: licences: must be a whole number'],
    ['a header', row('a', 1), /^LICENCES: FILE lacks the column superadmin_email/],
    ['half of it', (HEADER + row('a', 1)).slice(0, -20), /^LICENCES: cannot read FILE: Invalid Record Length/],
    ['nothing', '', /^LICENCES: FILE lacks the column superadmin_email/],
    ['no row any more', HEADER, 'LICENCES: FILE holds no row any more'],
  ])('%s', async (_name, text, line) => {
    await writeFile(path, text);
    await look(5);
    expect(rows()).toBe(1);
    expect(told).toEqual([typeof line === 'string' ? line : expect.stringMatching(line)]);
    expect(refused()).toBe(told[0]);
    expect(reads).toBe(1);
    await writeFile(path, HEADER + row('a', 1) + row('b', 2));
    await look(2);
    expect([rows(), refused(), told.length]).toEqual([2, null, 2]);
  });

  it('one that is gone, and comes back as it was', async () => {
    // As a mount that goes and comes: nothing about the file itself changes.
    const aside = `${folder}-aside`;
    await rename(folder, aside);
    await look(4);
    expect(told).toEqual([expect.stringMatching(/^LICENCES: cannot read FILE: ENOENT/)]);
    await rename(aside, folder);
    await look(2);
    expect([rows(), refused(), told.length, reads]).toEqual([1, null, 1, 1]);
  });

  it('for nothing in it, as for its rights, is read again when these are mended', async () => {
    await refuseOnce(new UserError('LICENCES: cannot read FILE: EACCES'));
    await look(3);
    expect([reads, refused()]).toEqual([1, 'LICENCES: cannot read FILE: EACCES']);
    await chmod(path, 0o640);
    await look(2);
    expect([rows(), refused(), reads]).toEqual([2, null, 2]);
  });

  it('because the machine failed, is read again after a minute though nothing changed', async () => {
    await refuseOnce(new IntakeError('temporary', 'csv-unreadable', 'LICENCES: cannot read FILE: EMFILE'));
    time += 59_999;
    await look(3);
    expect([reads, refused()]).toEqual([1, 'LICENCES: cannot read FILE: EMFILE']);
    time += 1;
    await look();
    expect([rows(), refused(), reads]).toEqual([2, null, 2]);
  });

  it('and stays unreadable, is told once', async () => {
    await unlink(path);
    await mkdir(path);
    await look(3);
    time += 60_000;
    await look(3);
    expect([reads, told]).toEqual([2, [expect.stringMatching(/^LICENCES: cannot read FILE: EISDIR/)]]);
    await expect(readCsvInThread({ variable: 'LICENCES', path }, new AbortController().signal)).rejects.toMatchObject({
      ...{ name: 'IntakeError', verdict: 'temporary', code: 'csv-unreadable' },
    });
    await rm(path, { recursive: true });
  });

  /** Two rows, whose first reading fails so. */
  async function refuseOnce(error: Error): Promise<void> {
    await watched.close();
    const errors = [error];
    watched = open(async () => {
      const next = errors.shift();
      if (next) throw next;
    });
    await writeFile(path, HEADER + row('a', 1) + row('b', 2));
    await look(2);
  }
});

describe('a file with less than half of the rows', () => {
  const four = HEADER + ['a', 'b', 'c', 'd'].map((name) => row(name, 1)).join('');
  beforeEach(async () => {
    await writeFile(path, four);
    await look(2);
    told.length = 0;
  });

  it('whose writer stalls at the end of a line is waited for', async () => {
    await writeFile(path, HEADER + row('a', 1));
    await look(3);
    time += 29_999;
    await look(2);
    expect([rows(), told]).toEqual([4, []]);
    await writeFile(path, four + row('e', 1));
    await look(2);
    expect([rows(), told]).toEqual([5, ['5 rows']]);
  });

  it('is taken when it stayed so for half a minute, and told as such', async () => {
    await writeFile(path, HEADER + row('a', 1));
    await look(5);
    expect(reads, 'not read each time').toBe(2);
    time += 30_000;
    await look(2);
    expect([rows(), reads, told]).toEqual([1, 3, ['1 rows of 4']]);
  });

  it('half of them are no reason to wait', async () => {
    await writeFile(path, HEADER + row('a', 1) + row('b', 1));
    await look(2);
    expect([rows(), told]).toEqual([2, ['2 rows']]);
  });
});

describe('as the daemon has it', () => {
  type Line = readonly [level: string, fields: unknown];
  const live = () => {
    const lines: Line[] = [];
    const log = {
      info: (fields: object) => void lines.push(['info', fields]),
      warn: (fields: object) => void lines.push(['warn', fields]),
      error: (fields: object) => void lines.push(['error', fields]),
    };
    return { lines, log, resources: new AsyncDisposableStack(), lookEveryMs: 20 };
  };

  it('licences and partners follow their files, doctor says what was refused, and nothing is left when it ends', async () => {
    const handles = () =>
      process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort|FSReq|Watch/.test(name));
    const before = handles().length;
    const partnersPath = join(folder, 'partners.csv');
    await writeFile(partnersPath, PARTNERS);
    const daemon = live();
    const directory = openDirectory([{ kind: 'csv', path }], daemon);
    const register = openRegister(partnersPath, daemon);
    await writeFile(path, HEADER + row('first', 1) + row('second', 2));
    await writeFile(partnersPath, PARTNERS.replaceAll('reseller', 'dealer'));
    await until(async () => (await directory.find('domain', 'second.example')).rows.length);
    await until(() => register.find('dealer.example'));
    expect(await register.find('reseller.example')).toBeNull();
    await writeFile(partnersPath, PARTNERS.replace('premium', 'platinum'));
    await until(() => daemon.lines.some(([level]) => level === 'error'));
    expect(await register.check()).toMatch(
      / holds 1 partners; it was changed and refused: PARTNERS: .*: line 2: tier: /,
    );
    expect(await register.find('dealer.example')).not.toBeNull();
    expect(daemon.lines).toEqual([
      ...[...Array(2)].map(() => ['info', expect.objectContaining({ rows: expect.any(Number) })]),
      ['error', { variable: 'PARTNERS', cause: expect.stringMatching(/line 2: tier/) }],
    ]);
    await daemon.resources.disposeAsync();
    expect(handles()).toHaveLength(before);
    const told = daemon.lines.length;
    await unlink(path);
    expect(daemon.lines).toHaveLength(told);
  });

  it('ends at once though a large file is being read, and reading it keeps nobody waiting', async () => {
    const daemon = live();
    openDirectory([{ kind: 'csv', path }], daemon);
    const many = Array.from({ length: 40_000 }, (_, at) => row(`company${at}`, at % 200)).join('');
    await writeFile(path, HEADER + many);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const table = await readCsvInThread<LicenceTable>({ variable: 'LICENCES', path }, new AbortController().signal);
    delay.disable();
    expect(table.rows).toBe(40_000);
    // Reading it takes half a second: this thread has other things to do.
    expect(delay.mean / 1e6).toBeLessThan(100);
    const closing = new AbortController();
    const cut = readCsvInThread({ variable: 'LICENCES', path }, closing.signal);
    setImmediate(() => closing.abort());
    await expect(cut).rejects.toThrow('was ended');
    await daemon.resources.disposeAsync();
  });
});
