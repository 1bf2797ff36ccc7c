/** A server program that a test starts: its output is kept, it is awaited until ready, and ended by its pid. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Patience, until } from './wait.ts';

export type ServerProcess = {
  readonly pid: number;
  /** Everything it has written so far, both streams in order of arrival. */
  output(): string;
  /** Waits until its output matches. Throws with the output when it ends or takes too long instead. */
  says(pattern: RegExp, patience?: Patience): Promise<void>;
  /** Sends a signal (SIGTERM unless told) and resolves with the exit code, null when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

export type ServerOptions = { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv };

/** Starts `command`; an unknown command shows at the first `says` or `stop`. */
export function spawnServer(command: string, args: readonly string[], options: ServerOptions = {}): ServerProcess {
  let output = '';
  let failed: Error | null = null;
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.once('error', (error) => {
    failed = error;
  });
  const ended = () => failed !== null || child.exitCode !== null || child.signalCode !== null;
  return {
    get pid() {
      if (child.pid === undefined) throw failed ?? new Error(`${command} did not start`);
      return child.pid;
    },
    output: () => output,
    async says(pattern, patience) {
      await until(() => pattern.test(output) || ended(), { what: `${command} to say ${pattern}`, ...patience }).catch(
        (error) => {
          throw new Error(`${error.message}\n${output}`);
        },
      );
      if (!pattern.test(output)) throw failed ?? new Error(`${command} ended without saying ${pattern}:\n${output}`);
    },
    async stop(signal = 'SIGTERM') {
      if (!ended()) {
        const exit = once(child, 'close');
        child.kill(signal);
        await exit;
      }
      return child.exitCode;
    },
  };
}

/** A TCP port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
