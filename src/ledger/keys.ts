/** The keys that sign thread tokens: made on first use, the same for every process on this ledger, changed without losing an answer. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { UserError } from '../errors.ts';
import type { Db } from './schema.ts';

const SECRET_BYTES = 32;
/** How long a process goes on with the keys it knows: a revoked key is believed no longer than this. */
const KNOWN_FOR_MS = 60_000;
/** A name that is not among them may be newer, or invented by a forger, who must not cause a query for each mail. */
const ASKED_AGAIN_MS = 1_000;
const RADIX = 36;
const KEY_NAME = /^[0-9a-z]{1,5}$/;

export type Key = { readonly id: string; readonly secret: string };
export type KeyState = { readonly id: string; readonly createdAt: Date; readonly revokedAt: Date | null };

/** The keys as a process holds them. Give it the transaction you are in, where you are in one. */
export type Keyring = {
  /** The one that signs. */
  current(db: Db): Promise<Key>;
  /** Those with these names, by name, that are not revoked. */
  named(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, Key>>;
};

/** @param now in milliseconds, of a clock that only goes forward */
export function openKeyring(now: () => number = () => performance.now()): Keyring {
  let known: { readonly at: number; readonly keys: readonly Key[] } | null = null;
  const keysOf = async (db: Db, maxAgeMs: number): Promise<readonly Key[]> => {
    if (known && now() - known.at < maxAgeMs) return known.keys;
    const keys = await usableKeys(db);
    known = { at: now(), keys };
    return keys;
  };
  return {
    async current(db) {
      // Never from memory: what a revoked key signs now would be nobody's tomorrow.
      const [newest] = await usableKeys(db);
      if (newest) return newest;
      await addKey(db);
      const [made] = await usableKeys(db);
      if (!made) throw new UserError('there is no thread key in use: partner-intake keys rotate makes one');
      return made;
    },
    async named(db, ids) {
      // Most mails show no token: they must not fix what is known before the first key is made.
      if (ids.length === 0) return new Map();
      const has = (keys: readonly Key[]) => ids.every((id) => keys.some((key) => key.id === id));
      let keys = await keysOf(db, KNOWN_FOR_MS);
      if (!has(keys)) keys = await keysOf(db, ASKED_AGAIN_MS);
      return new Map(keys.filter(({ id }) => ids.includes(id)).map((key) => [key.id, key]));
    },
  };
}

/** The newest first. */
async function usableKeys(db: Db): Promise<Key[]> {
  const rows = await db
    .selectFrom('thread_key')
    .select(['id', 'secret'])
    .where('revoked_at', 'is', null)
    .orderBy('id', 'desc')
    .execute();
  return rows.map(({ id, secret }) => ({ id: id.toString(RADIX), secret }));
}

/** Makes a key, which signs from now on (in a running process within a minute); the others are still believed. Its name. */
export async function rotateKeys(db: Db): Promise<string> {
  const made = await addKey(db);
  if (made === undefined)
    throw new UserError('another process made a key at this moment: partner-intake keys list shows it');
  return made;
}

async function addKey(db: Db): Promise<string | undefined> {
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  // Two processes that make one at once make the same name, and one of them none.
  const { rows } = await sql<{ id: number }>`
    insert into thread_key (id, secret)
    select coalesce(max(id), 0) + 1, ${secret} from thread_key
    on conflict do nothing returning id`.execute(db);
  return rows[0] && Number(rows[0].id).toString(RADIX);
}

/** All keys there ever were, oldest first, without their secrets. */
export async function listKeys(db: Db): Promise<KeyState[]> {
  const rows = await db.selectFrom('thread_key').select(['id', 'created_at', 'revoked_at']).orderBy('id').execute();
  return rows.map((row) => ({ id: row.id.toString(RADIX), createdAt: row.created_at, revokedAt: row.revoked_at }));
}

/**
 * From now on (in a running process within a minute) what this key signed proves nothing; where it was the last, another signs.
 * False when there is no such key in use.
 */
export async function revokeKey(db: Db, id: string): Promise<boolean> {
  if (!KEY_NAME.test(id)) return false;
  const row = await db
    .updateTable('thread_key')
    .set({ revoked_at: sql`now()` })
    .where('id', '=', Number.parseInt(id, RADIX))
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
