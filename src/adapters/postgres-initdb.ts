/** Makes the data folder of the built-in PostgreSQL: whole or not at all. */
import { randomBytes } from 'node:crypto';
import { chown, lchown, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { type Binaries, finished, type Launcher, OR_YOUR_OWN, type Owner } from './postgres-launch.ts';

/** The one role and the one database of the built-in PostgreSQL. */
export const NAME = 'partner_intake';

/** Lies in the data folder, so that both appear in one step and are moved or restored together. */
const PASSWORD_FILE = 'partner-intake-password';
const UNFINISHED = 'unfinished-';
const PASSWORD_BYTES = 24;
const THROW_AWAY = { recursive: true, force: true, maxRetries: 10, retryDelay: 20 } as const;

/**
 * The password of the data folder; makes that folder when there is none. initdb works in a folder beside it that is
 * renamed when all is done, so a data folder is always complete; what a killed initdb left is thrown away (no server
 * ever ran there). Call it while holding the lock.
 * @throws UserError when initdb fails, or `data` holds something else.
 */
export async function ensureCluster(
  folder: string,
  data: string,
  binaries: Binaries,
  launcher: Launcher,
  log: (line: string) => void,
): Promise<string> {
  for (const name of await readdir(folder)) {
    // An initdb that outlived its parent may still be writing into it; it gives up when its files are gone.
    if (name.startsWith(UNFINISHED)) await rm(join(folder, name), THROW_AWAY).catch(() => undefined);
  }
  const content = await readdir(data).catch((): string[] => []);
  if (content.length === 0) {
    log(`making a PostgreSQL data folder in ${data}`);
    await initialise(folder, data, binaries, launcher);
  } else if (!content.includes('PG_VERSION')) {
    throw new UserError(`${data} is not a PostgreSQL data folder: move it away, ${OR_YOUR_OWN}`);
  }
  return readFile(join(data, PASSWORD_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new UserError(`${join(data, PASSWORD_FILE)} is missing: put it back from a backup, ${OR_YOUR_OWN}`);
  });
}

async function initialise(folder: string, data: string, binaries: Binaries, launcher: Launcher): Promise<void> {
  const workshop = await mkdtemp(join(folder, UNFINISHED));
  const [fresh, password] = [join(workshop, 'data'), join(workshop, PASSWORD_FILE)];
  try {
    await mkdir(fresh, { mode: 0o700 });
    await writeFile(password, randomBytes(PASSWORD_BYTES).toString('base64url'), { mode: 0o600, flush: true });
    if (launcher.owner !== null) await giveTo(launcher.owner, workshop, fresh, password);
    const args = [
      `--pgdata=${fresh}`,
      `--username=${NAME}`,
      `--pwfile=${password}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The locale that PostgreSQL brings along: the same order and upper case on every machine, whatever it has installed.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
    ];
    const { code, said } = await finished(launcher.spawn(binaries.initdb, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
    if (code !== 0) throw new UserError(`initdb failed in ${folder} (${reasonIn(said)}): mend that, ${OR_YOUR_OWN}`);
    await rename(password, join(fresh, PASSWORD_FILE));
    await sync(fresh);
    await rename(fresh, data);
    await sync(folder);
  } finally {
    await rm(workshop, THROW_AWAY);
  }
}

const reasonIn = (said: string): string =>
  /(?:error|FATAL|could not|cannot)[^\n]*/.exec(said)?.[0] ?? (said.trim().split('\n').at(-1) || 'it was killed');

async function giveTo({ uid, gid }: Owner, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) await chown(path, uid, gid);
}

/** A data folder that root copied or restored belongs to root; PostgreSQL wants its own. */
export async function giveTree({ uid, gid }: Owner, root: string): Promise<void> {
  for (const name of await readdir(root, { recursive: true })) await lchown(join(root, name), uid, gid);
  await lchown(root, uid, gid);
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
