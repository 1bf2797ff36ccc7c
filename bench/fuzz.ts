/**
 * Mutated mails through the reader pool: no crash, no lost body, none slower than the limit. The same seed makes the same mails.
 * node bench/fuzz.ts [mails] [seed]
 * node bench/fuzz.ts show NUMBER [seed]   prints one of them
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createReaderPool } from '../src/adapters/reader-pool.ts';
import { messageOf } from '../src/errors.ts';
import { ParsedMail } from '../src/model.ts';
import { readHeaders } from '../src/pipeline/mime/headers.ts';
import { holdsText } from '../src/pipeline/mime/salvage.ts';
import { loadPolicy } from '../src/policy.ts';
import { filledIn, LAYOUTS, mailWith, templateBody } from '../test/support/template-mails.ts';

const shown = process.argv[2] === 'show' ? Number(process.argv[3]) : null;
const count = shown === null ? Number(process.argv[2] ?? 50_000) : 0;
const seed = Number(process.argv[shown === null ? 3 : 4] ?? 1);
const LARGEST_SEED = 200_000;
const PIECES = [
  ...[
    '\r',
    '\n',
    '\r\n',
    '\0',
    '\r\n\r\n',
    '--',
    '=',
    '=?',
    '?=',
    '=?utf-8?B?',
    '<div>',
    '</td>',
    '<table>',
    '&',
    '> ',
    '\x1b$B',
    '\xff\xfe',
  ],
  ...[
    'Content-Type: multipart/mixed; boundary=x\r\n',
    'Content-Type: message/rfc822\r\n\r\n',
    'Content-Transfer-Encoding: base64\r\n',
    'charset=utf-7',
  ],
  ...[
    'charset=gb2312',
    'charset=iso-2022-jp',
    'charset=utf-16',
    'boundary=',
    'On 3 Mar 2025 at 10:00, Zoho <z@b.example> wrote:\r\n',
    '<blockquote type="cite">',
  ],
  ...[
    'Customer email: ',
    'ZOID: 76006415',
    'begin 644 a\r\n',
    'style="display:none"',
    '-----Original Message-----\r\n',
    'From: a@b.example\r\n',
    '\u202e',
    'ü',
  ],
].map((piece) => Buffer.from(piece));

const root = join(import.meta.dirname, '..');
const policy = loadPolicy(join(root, 'policy'));
const seeds = [...filesIn(join(root, 'examples/mail')), ...filesIn(join(root, '../shared/corpora')), ...templates()];
const random = mulberry(seed);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const place = (bytes: Buffer): number => Math.floor(random() * (bytes.length + 1));

async function work(): Promise<void> {
  while (next < count) {
    const index = next++;
    const raw = mutate(pick(seeds));
    const begun = performance.now();
    try {
      const { mail, pastLimit } = await pool.read(raw);
      ParsedMail.parse(mail);
      tally.read++;
      if (pastLimit !== null) tally.limit++;
      if (/longer|memory/.test(pastLimit ?? '')) report('slow', index, pastLimit ?? '');
      if (mail.degraded) tally.degraded++;
      const hasBody = holdsText(raw.subarray(readHeaders(raw).bodyStart));
      const nothing = mail.text === '' && mail.quoted === '' && mail.attachments.length === 0;
      if (hasBody && nothing) report('lost', index, 'no body');
    } catch (error) {
      report('failed', index, messageOf(error));
    }
    const ms = performance.now() - begun;
    if (ms > slowest.ms) slowest = { ms, index };
  }
}

function report(what: 'lost' | 'slow' | 'failed', index: number, because: string): void {
  if (++tally[what] <= 20) console.log(`${what}: mail ${index}: ${because}`);
}

/** One to six changes to a mail. */
function mutate(source: Buffer): Buffer {
  let bytes = source;
  for (let change = 1 + Math.floor(random() * 6); change > 0; change--) bytes = pick(MUTATIONS)(bytes);
  return bytes;
}

type Mutation = (bytes: Buffer) => Buffer;
function between(bytes: Buffer): [number, number] {
  const start = place(bytes);
  return [start, Math.min(bytes.length, start + Math.floor(random() ** 3 * bytes.length) + 1)];
}
const insert = (bytes: Buffer, at: number, piece: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
const MUTATIONS: readonly Mutation[] = [
  (bytes) => {
    const copy = Buffer.from(bytes);
    for (let flips = 1 + Math.floor(random() * 20); flips > 0; flips--) copy[place(bytes)] = Math.floor(random() * 256);
    return copy;
  },
  (bytes) => insert(bytes, place(bytes), pick(PIECES)),
  (bytes) => insert(bytes, place(bytes), pick(PIECES)),
  (bytes) =>
    insert(
      bytes,
      place(bytes),
      Buffer.from(
        pick(PIECES)
          .toString()
          .repeat(Math.floor(random() * 2_000)),
      ),
    ),
  (bytes) => {
    const [from, to] = between(bytes);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes) => {
    const [from, to] = between(bytes);
    return insert(bytes, place(bytes), bytes.subarray(from, Math.min(to, from + 5_000)));
  },
  (bytes) => bytes.subarray(0, place(bytes)),
  (bytes) => {
    const other = pick(seeds);
    return Buffer.concat([bytes.subarray(0, place(bytes)), other.subarray(place(other))]);
  },
  (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\r\n', pick(['\n', '\r', '\r\r\n'])), 'latin1'),
  (bytes) => Buffer.from(bytes.toString('latin1').replace(/boundary="?./i, '$&x'), 'latin1'),
  (bytes) =>
    Buffer.from(
      bytes
        .toString('latin1')
        .replace(/charset="?[\w-]+/i, `charset=${pick(['utf-16', 'gb2312', 'koi8-r', 'utf-7', 'x'])}`),
      'latin1',
    ),
];

function filesIn(folder: string): Buffer[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)).subarray(0, LARGEST_SEED));
}

function templates(): Buffer[] {
  return Object.entries(policy.labels.languages).flatMap(([code, language]) =>
    LAYOUTS.flatMap((layout) => {
      try {
        return [mailWith(templateBody(language, filledIn(code).written, layout))];
      } catch {
        // Nothing is written in this language.
        return [];
      }
    }),
  );
}

/** Mulberry32: a small generator whose seed makes a run repeatable. */
function mulberry(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (shown !== null) {
  for (let index = 0; index < shown; index++) mutate(pick(seeds));
  process.stdout.write(mutate(pick(seeds)), () => process.exit());
}
const threads = availableParallelism();
const pool = createReaderPool({ policy, threads });
const tally = { read: 0, degraded: 0, limit: 0, slow: 0, lost: 0, failed: 0 };
let slowest = { ms: 0, index: -1 };
// The threads start with their first mail: that is not its time.
await Promise.all(Array.from({ length: 4 * threads }, () => pool.read(seeds[0] as Buffer)));
const start = performance.now();
let next = 0;
await Promise.all(Array.from({ length: threads }, work));
await pool.close();
const seconds = (performance.now() - start) / 1_000;
console.log(
  `${count} mutations of ${seeds.length} mails (seed ${seed}) in ${seconds.toFixed(0)} s: ${tally.read} read, ${tally.degraded} of them degraded; ` +
    `${tally.limit} past a limit, ${tally.slow} of time or memory, ${tally.lost} bodies lost, ${tally.failed} failed; slowest ${slowest.ms.toFixed(0)} ms (mail ${slowest.index})`,
);
if (tally.failed + tally.lost + tally.slow > 0) process.exitCode = 1;
