/**
 * A licence directory of a million rows: how long it takes to load, here and in a thread beside work, what it costs in memory, how many
 * questions it answers, and what the CSV file's change costs a process that goes on working.
 * node bench/licences.ts [rows]
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readCsvInThread } from '../src/adapters/licences/csv-reader.ts';
import { LICENCE_COLUMNS } from '../src/adapters/licences/licence-row.ts';
import { type LicenceTable, rowsWith } from '../src/adapters/licences/licence-table.ts';
import { LOOKUP_KEYS, type LookupKey } from '../src/model.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
/** Subscriptions of one account. */
const EACH = 3;
const LOOKUPS = 100_000;
const MB = 1024 * 1024;

const keysOf = (account: number): Record<LookupKey, string> => ({
  superadminEmail: `owner${account}@company${account}.example`,
  customerEmail: `owner${account}@company${account}.example`,
  domain: `company${account}.example`,
  zuid: `67${account}`,
  zoid: `65${account}`,
  zgid: `66${account}`,
});

function* lines(): Generator<string> {
  yield `${LICENCE_COLUMNS.join(',')}\n`;
  let batch = '';
  for (let row = 0; row < rows; row += 1) {
    const account = Math.floor(row / EACH);
    const { superadminEmail, domain, zoid, zgid, zuid } = keysOf(account);
    const service = ['Zoho CRM', 'Zoho Desk', 'Zoho Books'][row % EACH];
    batch += `${superadminEmail},${domain},"Company ${account}, Ltd",${zoid},IN,,${service},${zgid},${zuid} 68${row},${row % 300},active\n`;
    if (row % 1_000 === 999 || row === rows - 1) {
      yield batch;
      batch = '';
    }
  }
}

const seconds = async <T>(work: () => Promise<T>): Promise<[T, string]> => {
  const start = performance.now();
  const done = await work();
  return [done, ((performance.now() - start) / 1_000).toFixed(1)];
};

const folder = await mkdtemp(join(tmpdir(), 'licences-'));
try {
  const path = join(folder, 'licences.csv');
  await pipeline(Readable.from(lines()), createWriteStream(path));
  const megabytes = ((await stat(path)).size / MB).toFixed(0);
  const memory = (): string => {
    const { rss, heapUsed } = process.memoryUsage();
    const most = (process.resourceUsage().maxRSS / 1_024).toFixed(0);
    return `RSS ${(rss / MB).toFixed(0)} MB (most ${most}, heap ${(heapUsed / MB).toFixed(0)})`;
  };
  console.log(`${rows} rows of ${Math.ceil(rows / EACH)} accounts, ${megabytes} MB; before: ${memory()}`);

  const load = () => readCsvInThread<LicenceTable>({ variable: 'LICENCES', path }, new AbortController().signal);
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  const [table, first] = await seconds(load);
  const late = (): string =>
    `event loop late by at most ${(delay.max / 1e6).toFixed(0)} ms, 99 % ${(delay.percentile(99) / 1e6).toFixed(0)} ms`;
  console.log(`loaded in a thread: ${first} s, ${late()}; ${memory()}`);

  delay.reset();
  const [again, second] = await seconds(load);
  console.log(`a change, with the old data in force: ${second} s, ${late()}; both: ${memory()}`);
  delay.disable();
  if (again.accounts !== table.accounts) throw new Error('read differently the second time');

  for (const key of LOOKUP_KEYS) {
    const start = performance.now();
    let found = 0;
    for (let lookup = 0; lookup < LOOKUPS; lookup += 1) {
      const account = (lookup * 7_919) % Math.floor(rows / EACH);
      found += rowsWith(table, key, keysOf(account)[key]).length;
    }
    const rate = LOOKUPS / ((performance.now() - start) / 1_000);
    if (found !== LOOKUPS * EACH) throw new Error(`${key}: found ${found} rows`);
    console.log(`${key.padEnd(16)}${Math.round(rate).toLocaleString('en').padStart(10)} lookups/s`);
  }
} finally {
  await rm(folder, { recursive: true });
}
