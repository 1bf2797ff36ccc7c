/** The queue: BullMQ on Redis (`REDIS_URL`) or on the ledger's own PostgreSQL. Same code, two stores. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Queue as BullQueue,
  Worker as BullWorker,
  createPostgresBackend,
  type Job,
  type JobsOptions,
  type PostgresConnectionOptions,
  runMigrations,
  UnrecoverableError,
} from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { IntakeError, messageOf, UserError, verdictOf } from '../errors.ts';
import type { JobHandler, Queue, Stage } from '../ports.ts';
import { STAGES } from '../ports.ts';

const PREFIX = 'partner-intake';
const POSTGRES_SCHEMA = 'bullmq';
const POSTGRES_POOL_SIZE = 12;
const CONNECT_TIMEOUT_MS = 10_000;
/** BullMQ tries as often as this; after that the ledger's sweep wakes the row again. */
const ATTEMPTS = 5;
const DEFAULT_RETRY_MS = 5_000;
/**
 * A job whose worker is silent this long is given to another; handlers are idempotent. Short, since a job whose end could
 * not be written (its connection broke) stays "active" for so long, and swallows what the sweep adds under its id.
 */
const LOCK_MS = 15_000;
const STALLED_CHECK_MS = 5_000;
/** What BullMQ's own closing may take once no handler runs any more: without its store it would never end. */
const CLOSE_TIMEOUT_MS = 1_000;
/** Above any real number of crashes: the ledger decides when to give up, not BullMQ. */
const MAX_STALLED = 1_000;

type Store = {
  queue(name: string): BullQueue;
  worker(name: string, run: (job: Job) => Promise<void>, concurrency: number): BullWorker;
  check(): Promise<string>;
  close(): Promise<void>;
};

export type QueueOptions = {
  readonly redisUrl: string | null;
  /** The ledger's database, used when there is no Redis. */
  readonly databaseUrl: string;
  readonly onError: (error: Error) => void;
};

/**
 * Opens the queue.
 * @throws UserError when Redis may evict keys (anything but `noeviction`) or cannot be reached at start.
 */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const store = options.redisUrl
    ? await redisStore(options.redisUrl, options.onError)
    : await postgresStore(options.databaseUrl, options.onError);
  const queues = new Map(STAGES.map((stage) => [stage, store.queue(stage)]));
  for (const queue of queues.values()) queue.on('error', options.onError);
  const process = randomUUID();
  const queueOf = (stage: Stage): BullQueue => queues.get(stage) as BullQueue;
  return {
    async enqueue(stage, ids) {
      if (ids.length === 0) return;
      try {
        // The job id keeps a row from waiting twice for this process; the job of a process that was killed, locked
        // until it counts as stalled, must not swallow ours. It is no deduplication: the ledger's keys are.
        await queueOf(stage).addBulk(
          ids.map((id) => ({ name: stage, data: { id }, opts: { ...jobOptions, jobId: `${stage}-${id}-${process}` } })),
        );
      } catch (error) {
        options.onError(
          new IntakeError(
            'temporary',
            'enqueue',
            `${stage}: ${messageOf(error)}; the sweep will wake ${ids.length} rows`,
            {},
            { cause: error },
          ),
        );
      }
    },
    work(stage, handler, concurrency) {
      const running = new Set<Promise<void>>();
      const run = (job: Job): Promise<void> => {
        const handled = handle(handler, job).finally(() => running.delete(handled));
        running.add(handled);
        return handled;
      };
      const worker = store.worker(stage, run, concurrency);
      worker.on('error', options.onError);
      return { close: () => closeInTime(worker, running) };
    },
    async depth(stage) {
      const counts = await queueOf(stage).getJobCounts('wait', 'active', 'delayed', 'prioritized');
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    check: () => store.check(),
    async close() {
      await atMost(CLOSE_TIMEOUT_MS, Promise.all([...queues.values()].map((queue) => queue.close())));
      await store.close();
    },
  };
}

// Finished jobs leave at once: a kept job id would swallow the sweep's next wake-up for the same row.
const jobOptions: JobsOptions = {
  attempts: ATTEMPTS,
  backoff: { type: 'custom' },
  removeOnComplete: true,
  removeOnFail: true,
};

/** Waits for handlers in flight, however long they take; not for a store that is gone: by leaving, nothing is lost. */
async function closeInTime(worker: BullWorker, running: ReadonlySet<Promise<void>>): Promise<void> {
  const closed = worker.close();
  while (running.size > 0) await Promise.allSettled(running);
  await atMost(CLOSE_TIMEOUT_MS, closed);
}

async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  const patience = delay(milliseconds, undefined, { signal: stop.signal }).catch(() => undefined);
  await Promise.race([work, patience]).finally(() => stop.abort());
}

/** The stage says when to try again (`retryInMs`), since it wrote the same into the ledger. */
const retryDelay = (_attempts: number, _type?: string, error?: Error): number =>
  error instanceof IntakeError && typeof error.fields.retryInMs === 'number'
    ? error.fields.retryInMs
    : DEFAULT_RETRY_MS;

async function handle(handler: JobHandler, job: Job): Promise<void> {
  try {
    await handler(Number(job.data.id));
  } catch (error) {
    throw withoutContent(error);
  }
}

/** BullMQ keeps an error's text and stack with the job; what a server said may quote a person. The ledger has the words. */
function withoutContent(error: unknown): Error {
  const code = error instanceof IntakeError ? error.code : 'failed';
  const bare =
    verdictOf(error) === 'permanent'
      ? new UnrecoverableError(code)
      : new IntakeError('temporary', code, code, error instanceof IntakeError ? retryOf(error) : {});
  bare.stack = '';
  return bare;
}

const retryOf = ({ fields }: IntakeError): { retryInMs?: number } =>
  typeof fields.retryInMs === 'number' ? { retryInMs: fields.retryInMs } : {};

const workerOptions = (concurrency: number) => ({
  concurrency,
  lockDuration: LOCK_MS,
  stalledInterval: STALLED_CHECK_MS,
  maxStalledCount: MAX_STALLED,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
  settings: { backoffStrategy: retryDelay },
});

async function redisStore(url: string, onError: (error: Error) => void): Promise<Store> {
  // Commands of a producer fail fast: the ledger remembers what could not be enqueued.
  const producer = new Redis(url, { maxRetriesPerRequest: 1, connectTimeout: CONNECT_TIMEOUT_MS, lazyConnect: true });
  const consumer = new Redis(url, {
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    lazyConnect: true,
  });
  // Until it is reached once, what goes wrong is said by the one error that ends the start.
  let reason: Error | null = null;
  let report = (error: Error): void => {
    reason = error;
  };
  for (const client of [producer, consumer]) client.on('error', (error) => report(error));
  const check = async (): Promise<string> => {
    const info = await producer.info();
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'unknown';
    if (policy !== 'noeviction') {
      throw new UserError(`REDIS_URL: Redis may throw jobs away (maxmemory-policy ${policy}): set it to noeviction`);
    }
    return `Redis ${/^redis_version:(\S+)/m.exec(info)?.[1] ?? ''} answers, maxmemory-policy noeviction`;
  };
  try {
    await producer.connect();
    await check();
    await consumer.connect();
    report = onError;
  } catch (error) {
    producer.disconnect();
    consumer.disconnect();
    if (error instanceof UserError) throw error;
    throw new UserError(`REDIS_URL: Redis cannot be reached: ${messageOf(reason ?? error)}`);
  }
  return {
    queue: (name) => new BullQueue(name, { connection: producer, prefix: PREFIX }),
    worker: (name, run, concurrency) =>
      new BullWorker(name, run, { connection: consumer, prefix: PREFIX, ...workerOptions(concurrency) }),
    check,
    async close() {
      producer.disconnect();
      consumer.disconnect();
    },
  };
}

async function postgresStore(url: string, onError: (error: Error) => void): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    max: POSTGRES_POOL_SIZE,
    keepAlive: true,
    options: `-c search_path=${POSTGRES_SCHEMA}`,
  });
  pool.on('error', onError);
  // The pool takes its listener away from a connection in use; one that breaks then would end the process.
  pool.on('connect', (client) => void client.on('error', onError));
  const client = await pool.connect();
  try {
    await runMigrations(client, POSTGRES_SCHEMA);
  } finally {
    client.release();
  }
  const connection = pool as unknown as PostgresConnectionOptions;
  return {
    queue: (name) => new BullQueue(name, { connection, prefix: PREFIX }, createPostgresBackend) as unknown as BullQueue,
    worker: (name, run, concurrency) =>
      new BullWorker(
        name,
        run,
        { connection, prefix: PREFIX, ...workerOptions(concurrency) },
        createPostgresBackend,
      ) as unknown as BullWorker,
    async check() {
      const { rows } = await pool.query('show server_version');
      return `the queue lies in PostgreSQL ${rows[0].server_version}`;
    },
    close: () => pool.end(),
  };
}
