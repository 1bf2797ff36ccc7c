import { UserError } from '../errors.ts';
import { listKeys, revokeKey, rotateKeys } from '../ledger/keys.ts';
import { say, withLedger } from './support.ts';

const RUNNING = 'a running daemon knows it within a minute';

/** `keys list`: every key that signed or signs thread tokens, oldest first. */
export const keysList = (): Promise<void> =>
  withLedger(async ({ db }) => {
    const keys = await listKeys(db);
    const signing = keys.findLast(({ revokedAt }) => revokedAt === null);
    for (const key of keys) {
      const state = key.revokedAt ? `revoked ${key.revokedAt.toISOString()}` : key === signing ? 'signs' : 'believed';
      say([key.id, `made ${key.createdAt.toISOString()}`, state].join('  '));
    }
    if (keys.length === 0) say('There is none yet: the first reply makes it.');
  });

/** `keys rotate`: a new key signs, the others are still believed. */
export const keysRotate = (): Promise<void> =>
  withLedger(async ({ db }) => say(`key ${await rotateKeys(db)} signs from now on; ${RUNNING}`));

/** `keys revoke ID`: answers to what it signed make tickets of their own. */
export const keysRevoke = (id: string): Promise<void> =>
  withLedger(async ({ db }) => {
    if (!(await revokeKey(db, id)))
      throw new UserError(`there is no key ${id} in use: partner-intake keys list shows what there is`);
    say(`key ${id}: what it signed proves nothing any more; ${RUNNING}`);
  });
