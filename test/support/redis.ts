/** A real redis-server for one test file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort, spawnServer } from './server-process.ts';

export type RedisServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Loses everything, as a store without persistence does when it restarts. */
  flushall(): Promise<void>;
  stop(): Promise<void>;
};

export type RedisOptions = {
  /** `maxmemory-policy`; anything but noeviction is what the daemon must refuse. */
  readonly policy?: string;
  /** To come back on the port that an earlier one had. */
  readonly port?: number;
};

/** Starts Redis on a free port of 127.0.0.1, empty and without persistence. */
export async function startRedis({ policy = 'noeviction', port }: RedisOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const used = port ?? (await freePort());
  const settings = {
    port: used,
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': policy,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = spawnServer('redis-server', args, { cwd: folder });
  await server.says(/Ready to accept connections/);
  const url = `redis://127.0.0.1:${used}`;
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    url,
    port: used,
    pid: server.pid,
    async flushall() {
      const client = new Redis(url);
      await client.flushall();
      client.disconnect();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
