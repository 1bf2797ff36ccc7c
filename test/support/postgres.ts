/** A real, throw-away PostgreSQL server for tests of DATABASE_URL: the embedded store's own, with a folder that goes afterwards. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { openEmbeddedPostgres } from '../../src/adapters/postgres-embedded.ts';

export type PostgresServer = AsyncDisposable & {
  /** The administrator's database. */
  readonly url: string;
  /** The URL of a new, empty database. */
  freshDatabase(): Promise<string>;
  /** Close your connections first: the server stays up for a connection that stays. */
  stop(): Promise<void>;
};

/** Starts PostgreSQL on a free port of 127.0.0.1. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  const server = await openEmbeddedPostgres({ folder });
  const stop = async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    url: server.url,
    async freshDatabase() {
      const name = `test_${randomBytes(6).toString('hex')}`;
      const client = new Client({ connectionString: server.url });
      await client.connect();
      try {
        await client.query(`CREATE DATABASE ${name}`);
      } finally {
        await client.end();
      }
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
