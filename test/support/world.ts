/** Everything the daemon talks to, for real, on this machine: Dovecot, PostgreSQL, Redis and an SMTP server that files copies in Sent. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Environment } from './daemon.ts';
import { type Dovecot, startDovecot } from './dovecot.ts';
import { LICENCES, type Message, PARTNERS } from './population.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { QUICK, quickPolicy } from './quick-policy.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { type SmtpSink, startSmtpSink } from './smtp-sink.ts';

const PASSWORD = 'secret';
const USERS = { com: 'com', eu: 'eu' } as const;

export type World = {
  readonly dovecot: Dovecot;
  readonly sinks: { readonly com: SmtpSink; readonly eu: SmtpSink };
  readonly redis: RedisServer | null;
  readonly databaseUrl: string;
  readonly env: Environment;
  deliver(messages: readonly Message[]): Promise<void>;
  /** All replies that were accepted, from both senders. */
  accepted(): SmtpSink['messages'];
  query<T extends pg.QueryResultRow>(text: string): Promise<T[]>;
  close(): Promise<void>;
};

/** @param imapPort another port to reach IMAP by: a proxy's. */
export async function openWorld(options: {
  queue: 'redis' | 'postgresql';
  /** Whether the SMTP server files a copy of what it accepts in Sent, as Zoho does. */
  fileSent?: boolean;
  imapPort?: (port: number) => Promise<number>;
}): Promise<World> {
  await using building = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'world-'));
  building.defer(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'licences.csv'), LICENCES);
  await writeFile(join(folder, 'partners.csv'), PARTNERS);
  const dovecot = await startDovecot({ users: Object.values(USERS).map((name) => ({ name, password: PASSWORD })) });
  building.defer(() => dovecot.stop());
  const postgres: PostgresServer = await startPostgres();
  building.defer(() => postgres.stop());
  const databaseUrl = await postgres.freshDatabase();
  const redis = options.queue === 'redis' ? await startRedis() : null;
  if (redis) building.defer(() => redis.stop());
  const sink = async (user: keyof typeof USERS): Promise<SmtpSink> => {
    const onAccept = async (raw: Buffer): Promise<void> => void (await dovecot.append(user, raw, { folder: 'Sent' }));
    const started = await startSmtpSink(options.fileSent === false ? {} : { onAccept });
    building.defer(() => started.stop());
    return started;
  };
  const sinks = { com: await sink('com'), eu: await sink('eu') };
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => undefined);
  building.defer(() => pool.end());
  const imapPort = (await options.imapPort?.(dovecot.port)) ?? dovecot.port;
  const env: Environment = {
    MAILBOX_COM: `imap://com@127.0.0.1:${imapPort}/INBOX`,
    MAILBOX_COM_PASSWORD: PASSWORD,
    MAILBOX_EU: `imap://eu@127.0.0.1:${imapPort}/INBOX`,
    MAILBOX_EU_PASSWORD: PASSWORD,
    SMTP_COM: sinks.com.url,
    SMTP_EU: sinks.eu.url,
    DATABASE_URL: databaseUrl,
    ...(redis ? { REDIS_URL: redis.url } : {}),
    LICENCES: `csv:${join(folder, 'licences.csv')}`,
    PARTNERS: `csv:${join(folder, 'partners.csv')}`,
    // The mail server files its copy before it answers: absence can be believed soon.
    POLICY_DIR: await quickPolicy(folder, { believeAbsenceAfterSeconds: QUICK.believeAbsenceAfterSeconds }),
    VAR_DIR: folder,
    CONSOLE_PORT: '0',
    LOG_LEVEL: 'info',
  };
  const resources = building.move();
  return {
    dovecot,
    sinks,
    redis,
    databaseUrl,
    env,
    async deliver(messages) {
      for (const { mailbox, raw } of messages) await dovecot.append(USERS[mailbox], raw);
    },
    accepted: () => [...sinks.com.messages, ...sinks.eu.messages],
    query: async <T extends pg.QueryResultRow>(text: string) => (await pool.query<T>(text)).rows,
    close: () => resources.disposeAsync(),
  };
}
