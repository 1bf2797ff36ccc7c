/** The real program, started as an operator starts it: bin/partner-intake with an environment that holds nothing but what the test gives. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseEnv } from 'node:util';
import { spawnServer } from './server-process.ts';
import type { Patience } from './wait.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const PROGRAM = join(PROJECT, 'bin/partner-intake');
const DOT_ENV = join(PROJECT, '.env');

export type Environment = Readonly<Record<string, string>>;

export type Daemon = AsyncDisposable & {
  readonly pid: number;
  output(): string;
  says(pattern: RegExp, patience?: Patience): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** What a power cut does: nothing is finished, nothing is closed. */
  kill9(): Promise<void>;
};

/** A developer's .env must not lead a test to real mailboxes: the program reads it, but an empty variable stays empty. */
function emptied(): NodeJS.ProcessEnv {
  if (!existsSync(DOT_ENV)) return {};
  return Object.fromEntries(Object.keys(parseEnv(readFileSync(DOT_ENV, 'utf8'))).map((name) => [name, '']));
}

/** What a program needs of the machine, and nothing of the settings of whoever runs the tests. */
function cleanEnvironment(env: Environment): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  // A third of a command's time is compiling: the next one of the same run has it done already.
  return { ...emptied(), ...Object.fromEntries(kept), NODE_COMPILE_CACHE: join(tmpdir(), 'compiled'), ...env };
}

/** The shipped policy names real people: a daemon of a test has one that names nobody (quickPolicy). */
function namesNobody({ POLICY_DIR }: Environment): void {
  if (!POLICY_DIR) throw new Error('a daemon of a test needs a POLICY_DIR with example contacts: see quickPolicy');
  const contacts = readFileSync(join(POLICY_DIR, 'escalation.yaml'), 'utf8').match(/@[\w.-]+/g) ?? [];
  const real = contacts.filter((domain) => !domain.endsWith('.example'));
  if (real.length > 0) throw new Error(`${POLICY_DIR}/escalation.yaml names people who may exist`);
}

/** Starts `partner-intake start ROLE…`. It is running when this returns, not necessarily ready: await `says` or its console. */
export function startDaemon(env: Environment, roles: readonly string[] = []): Daemon {
  namesNobody(env);
  const server = spawnServer(PROGRAM, ['start', ...roles], { cwd: PROJECT, env: cleanEnvironment(env) });
  return {
    pid: server.pid,
    output: server.output,
    says: server.says,
    stop: () => server.stop('SIGTERM'),
    async kill9() {
      await server.stop('SIGKILL');
    },
    async [Symbol.asyncDispose]() {
      await server.stop('SIGKILL');
    },
  };
}

export type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs one command to its end; `timeout` in milliseconds, after which it is killed and `code` is null. */
export async function run(
  args: readonly string[],
  env: Environment = {},
  { input = '', timeout = 60_000 }: { readonly input?: string; readonly timeout?: number } = {},
): Promise<Outcome> {
  const child = spawn(PROGRAM, args, { cwd: PROJECT, env: cleanEnvironment(env), timeout, killSignal: 'SIGKILL' });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => {}); // a command that does not read its input closes it
  child.stdin.end(input);
  const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}
