/** Connections to an SMTP server (nodemailer's pool), logged in with the password or the access token of the moment. */
import type { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import { IntakeError, messageOf } from '../errors.ts';
import type { Credentials } from '../ports.ts';
import { tokenLogin } from './smtp-token.ts';

const MAX_CONNECTIONS = 4;
const MESSAGES_PER_CONNECTION = 100;
const CONNECT_TIMEOUT_MS = 15_000;
const SOCKET_TIMEOUT_MS = 45_000;

/** Not named XOAUTH2: nodemailer would take another way of logging in where the server does not offer that. */
const BY_TOKEN = 'TOKEN';

/** The code of a login that was refused, or that there is nothing for. */
export const REFUSED_LOGIN = 'auth';

export type SmtpPool = {
  readonly transport: ReturnType<typeof openTransport>;
  /** Whether any of the message that was sent with this signal was handed over. */
  begun(signal: AbortSignal): boolean;
};

export type SmtpPools = {
  /** @throws IntakeError `temporary`, code `auth`: mail waits until the configuration is mended */
  current(): Promise<SmtpPool>;
  /** After a login was refused in a pool: one with another password, or null when there is none. */
  renewed(refused: SmtpPool): Promise<SmtpPool | null>;
  close(): void;
};

/** One pool a password. Those of earlier passwords may have mail under way: they end by themselves, or at the close. */
export function createSmtpPools(url: URL, credentials: Credentials | null): SmtpPools {
  const opened = new Map<string, SmtpPool>();
  const secretOf = new Map<SmtpPool, string>();
  const poolFor = (secret: string): SmtpPool => {
    const existing = opened.get(secret);
    if (existing) return existing;
    const pool = openPool(url, credentials, secret);
    opened.set(secret, pool);
    secretOf.set(pool, secret);
    return pool;
  };
  return {
    async current() {
      if (credentials === null) return poolFor(decodeURIComponent(url.password));
      const secret = await credentials.current().catch((error: unknown) => {
        throw new IntakeError('temporary', REFUSED_LOGIN, messageOf(error), {}, { cause: error });
      });
      // Tokens come and go: each new connection of the one pool logs in with that of its moment.
      return poolFor(credentials.kind === 'token' ? '' : secret);
    },
    async renewed(refused) {
      if (credentials?.kind !== 'password') return null;
      const secret = await credentials.renewed(secretOf.get(refused) ?? '');
      return secret === null ? null : poolFor(secret);
    },
    close() {
      for (const { transport } of opened.values()) transport.close();
    },
  };
}

function openPool(url: URL, credentials: Credentials | null, password: string): SmtpPool {
  const transport = openTransport(url, credentials, password);
  // nodemailer says CONN of every connection that breaks, also while the server has the message and owes the answer:
  // whether any of the message was handed over, only its stream can tell.
  const streams = new WeakMap<AbortSignal, Readable>();
  transport.use('stream', ({ message, data }, done) => {
    const open = message?.createReadStream.bind(message);
    if (message && open && data.signal) {
      const { signal } = data;
      message.createReadStream = (options) => {
        const stream = open(options);
        streams.set(signal, stream);
        return stream;
      };
    }
    done();
  });
  return { transport, begun: (signal) => streams.get(signal)?.readableDidRead ?? false };
}

const isLoopback = (host: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(host);

function openTransport(url: URL, credentials: Credentials | null, pass: string) {
  const secure = url.protocol === 'smtps:';
  const user = decodeURIComponent(url.username);
  const byToken = credentials?.kind === 'token';
  return createTransport({
    pool: true,
    // nodemailer would send again by itself after a broken connection: only the ledger may decide that.
    maxRequeues: 0,
    maxConnections: MAX_CONNECTIONS,
    maxMessages: MESSAGES_PER_CONNECTION,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !isLoopback(url.hostname),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    // A server that offers no login at all is no place to go on without one, when a token was meant.
    ...(byToken ? { forceAuth: true, customAuth: { [BY_TOKEN]: tokenLogin(credentials, url.host, user) } } : {}),
    ...(user ? { auth: byToken ? { user, method: BY_TOKEN } : { user, pass } } : {}),
  });
}
