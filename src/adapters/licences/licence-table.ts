/**
 * A licence directory in memory, good for a million rows: rows are bytes, and an index of hashes leads to them. Nothing of it lies in
 * JavaScript's heap, so it costs the collector nothing and moves from thread to thread without a copy.
 */
import { UserError } from '../../errors.ts';
import type { LookupKey, Subscription } from '../../model.ts';

/** An index entry is a 32-bit hash and a row number in one number of 53 bits: more rows do not fit. */
const ROW_NUMBERS = 2 ** 21;
const MOST_ROWS = 2_000_000;
/** A UTF-16 unit becomes at most three bytes. */
const BYTES_PER_UNIT = 3;

export type LicenceTable = {
  readonly rows: number;
  readonly accounts: number;
  /** Rows, one after the other, each as a JSON array. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each row starts, and where the last one ends. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** hash * ROW_NUMBERS + row, sorted. */
  readonly index: Float64Array<ArrayBuffer>;
};

export type TableBuilder = { add(row: Subscription): void; table(): LicenceTable };

/** Collects rows. @throws UserError when there are more than fit. */
export function tableBuilder(): TableBuilder {
  const encoder = new TextEncoder();
  const owners = new Set<string>();
  let bytes = new Uint8Array(64 * 1024);
  let starts = new Uint32Array(1024);
  let index = new Float64Array(8 * 1024);
  let [used, rows, entries] = [0, 0, 0];
  const enter = (key: LookupKey, value: string): void => {
    if (value === '') return;
    if (entries === index.length) index = new Float64Array(index.buffer.transfer(index.byteLength * 2));
    index[entries++] = hashOf(key, value) * ROW_NUMBERS + rows;
  };
  return {
    add(row) {
      if (rows === MOST_ROWS) throw new UserError(`it has more than ${MOST_ROWS} rows`);
      const text = pack(row);
      const room = used + text.length * BYTES_PER_UNIT;
      if (room > bytes.length) bytes = new Uint8Array(bytes.buffer.transfer(Math.max(room, bytes.length * 2)));
      if (rows + 1 === starts.length) starts = new Uint32Array(starts.buffer.transfer(starts.byteLength * 2));
      used += encoder.encodeInto(text, bytes.subarray(used)).written;
      starts[rows + 1] = used;
      owners.add(row.superadminEmail);
      for (const [key, value] of keysOf(row)) enter(key, value);
      rows += 1;
    },
    table: () => ({
      rows,
      accounts: owners.size,
      bytes: new Uint8Array(bytes.buffer.transfer(used)),
      starts: new Uint32Array(starts.buffer.transfer((rows + 1) * Uint32Array.BYTES_PER_ELEMENT)),
      index: new Float64Array(index.buffer.transfer(entries * Float64Array.BYTES_PER_ELEMENT)).sort(),
    }),
  };
}

/** All rows of the accounts that have a row with this value: in the order of the file, account by account. */
export function rowsWith(table: LicenceTable, key: LookupKey, value: string): Subscription[] {
  // A customer who is a super admin is found as one.
  const asked = key === 'customerEmail' ? 'superadminEmail' : key;
  const owners = new Set(entriesOf(table, asked, value.toLowerCase()).map((row) => row.superadminEmail));
  return [...owners].flatMap((owner) => entriesOf(table, 'superadminEmail', owner));
}

/** Two values may share a hash: each row is looked at. */
function entriesOf(table: LicenceTable, key: LookupKey, value: string): Subscription[] {
  const { index } = table;
  const from = hashOf(key, value) * ROW_NUMBERS;
  const found: Subscription[] = [];
  for (let at = firstFrom(index, from); at < index.length && (index[at] ?? 0) < from + ROW_NUMBERS; at += 1) {
    const number = (index[at] ?? 0) - from;
    const row = unpack(table, number);
    if (keysOf(row).some(([its, has]) => its === key && has === value)) found.push(row);
  }
  return found;
}

function firstFrom(index: Float64Array, wanted: number): number {
  let [low, high] = [0, index.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((index[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

const keysOf = (row: Subscription): (readonly [key: LookupKey, value: string])[] => [
  ['superadminEmail', row.superadminEmail],
  ...row.domains.map((domain) => ['domain', domain] as const),
  ...row.zuids.map((zuid) => ['zuid', zuid] as const),
  ['zoid', row.zoid],
  ['zgid', row.zgid],
];

/** FNV-1a: the index needs spread, not secrecy. */
function hashOf(key: LookupKey, value: string): number {
  const text = `${key}\0${value}`;
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

const pack = (row: Subscription): string =>
  JSON.stringify([
    ...[row.superadminEmail, row.domains, row.organisation, row.zoid, row.country, row.region],
    ...[row.service, row.zgid, row.zuids, row.licences, row.active],
  ]);

function unpack({ bytes, starts }: LicenceTable, row: number): Subscription {
  const [superadminEmail, domains, organisation, zoid, country, region, service, zgid, zuids, licences, active] =
    JSON.parse(Buffer.from(bytes.buffer, starts[row], (starts[row + 1] ?? 0) - (starts[row] ?? 0)).toString());
  return { superadminEmail, domains, organisation, zoid, country, region, service, zgid, zuids, licences, active };
}
