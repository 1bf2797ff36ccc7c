/** One connection to an IMAP server: every wait on it ends, by an answer, a timeout, a lost connection or an abort. */
import { createHash } from 'node:crypto';
import { ImapFlow } from 'imapflow';
import { IntakeError } from '../errors.ts';
import type { ImapAccount } from './imap-account.ts';
import { place, REFUSED_LOGIN, toImapError } from './imap-errors.ts';
import type { MailboxLimits } from './mailbox-limits.ts';

export type ImapLimits = MailboxLimits & {
  /** TCP, TLS and greeting, each. */
  readonly connectTimeoutMs: number;
  /** One command. */
  readonly commandTimeoutMs: number;
  /** One FETCH of bodies: at most a batch. */
  readonly fetchTimeoutMs: number;
  readonly logoutTimeoutMs: number;
};

/** IDLE is renewed this often: routers forget quiet connections after five minutes and more. */
const MAX_IDLE_MS = 4 * 60_000;
/** imapflow's own bounds are gigabytes: a hostile or broken server must not fill the memory. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const RESPONSE_SLACK_BYTES = 64 * 1024;

/** What EXAMINE says: a consistent view of the folder, read-only. */
export type FolderView = { readonly epoch: string; readonly exists: number; readonly uidNext: number | null };

export type ImapSession = {
  readonly account: ImapAccount;
  readonly alive: boolean;
  /** Whether more messages were announced since the last EXAMINE. */
  readonly news: boolean;
  can(capability: string): boolean;
  /**
   * Runs one command and waits for its end.
   * @throws IntakeError, also when it takes too long, is aborted, or the connection breaks
   */
  run<T>(
    doing: string,
    command: (imap: ImapFlow) => Promise<T>,
    options: { timeoutMs: number; signal: AbortSignal },
  ): Promise<T>;
  /** Opens a folder read-only, or renews the view of it. */
  examine(folder: string, signal: AbortSignal): Promise<FolderView>;
  /** Asks the server to announce new mail until the next command. */
  idle(): void;
  /** Calls back on new mail and on a lost connection; returns how to stop that. */
  watch(listener: () => void): () => void;
  /** LOGOUT if the server answers in time; the socket is closed in any case. */
  close(): Promise<void>;
};

/**
 * Connects and logs in. A refused secret that can be renewed is, once: a password file was changed, a token was withdrawn.
 * @throws IntakeError
 */
export async function openImap(account: ImapAccount, limits: ImapLimits, signal: AbortSignal): Promise<ImapSession> {
  const { credentials } = account;
  const secret = await credentials.current();
  try {
    return await openWith(secret, account, limits, signal);
  } catch (error) {
    if (!(error instanceof IntakeError && error.code === REFUSED_LOGIN)) throw error;
    const renewed = await credentials.renewed(secret);
    if (renewed === null) throw error;
    return await openWith(renewed, account, limits, signal);
  }
}

async function openWith(
  secret: string,
  account: ImapAccount,
  limits: ImapLimits,
  signal: AbortSignal,
): Promise<ImapSession> {
  const imap = new ImapFlow(options(account, secret, limits));
  let lastError: unknown = null;
  let news = false;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  // Without a listener an 'error' event would end the process.
  imap.on('error', (error) => {
    lastError = error;
  });
  imap.on('close', tell);
  imap.on('exists', ({ count, prevCount }) => {
    if (count <= prevCount) return;
    news = true;
    tell();
  });

  const run: ImapSession['run'] = async (doing, command, { timeoutMs, signal }) => {
    try {
      return await settled(() => command(imap), { imap, doing, timeoutMs, signal, account, lost: () => lastError });
    } catch (error) {
      throw toImapError(error, account, doing);
    }
  };
  // Another account behind the same name may have the same UIDVALIDITY: its messages are not the ones we know.
  const tag = tagOf(account);
  const examine: ImapSession['examine'] = async (folder, signal) => {
    news = false;
    const open = (): Promise<unknown> => imap.mailboxOpen(folder, { readOnly: true });
    await run('open the folder', open, { timeoutMs: limits.commandTimeoutMs, signal });
    const view = imap.mailbox || null;
    if (!view?.uidValidity) {
      throw new IntakeError('permanent', 'protocol', `${place(account)} gives no UIDVALIDITY for ${folder}`);
    }
    return { epoch: `${view.uidValidity}-${tag}`, exists: view.exists ?? 0, uidNext: view.uidNext || null };
  };
  const close: ImapSession['close'] = async () => {
    const deadline = { timeoutMs: limits.logoutTimeoutMs, signal: new AbortController().signal };
    if (imap.usable) await run('log out', () => imap.logout(), deadline).catch(() => {});
    imap.close();
  };

  try {
    await run('connect', () => imap.connect(), { timeoutMs: 3 * limits.connectTimeoutMs, signal });
  } catch (error) {
    imap.close();
    throw error;
  }
  return {
    account,
    get alive() {
      return imap.usable && !imap.isClosed;
    },
    get news() {
      return news;
    },
    can: (capability) => imap.capabilities.has(capability),
    run,
    examine,
    idle: () => {
      if (imap.usable && imap.capabilities.has('IDLE')) imap.idle().catch(() => {});
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close,
  };
}

type Settling = {
  imap: ImapFlow;
  doing: string;
  timeoutMs: number;
  signal: AbortSignal;
  account: ImapAccount;
  lost: () => unknown;
};

/** imapflow's promises may stay open for ever when a connection breaks: whatever comes first decides, and what hangs is closed. */
function settled<T>(command: () => Promise<T>, context: Settling): Promise<T> {
  const { imap, doing, timeoutMs, signal, account } = context;
  return new Promise<T>((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      imap.off('close', closed);
      settle();
    };
    const fail = (code: string, words: string): void => {
      finish(() => reject(new IntakeError('temporary', code, `${place(account)}: ${words} (${doing})`, { doing })));
      imap.close();
    };
    const abort = (): void => fail('aborted', 'stopped');
    // Given one turn: the command's own rejection says more.
    const closed = (): void => void setImmediate(() => finish(() => reject(context.lost() ?? lostConnection(context))));
    const timer = setTimeout(() => fail('timeout', `no answer within ${timeoutMs / 1000} s`), timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    imap.on('close', closed);
    if (signal.aborted) abort();
    else if (imap.isClosed) closed();
    else
      command().then(
        (value) => finish(() => resolve(value)),
        (error) => finish(() => reject(error)),
      );
  });
}

function lostConnection({ imap, account, doing }: Settling): IntakeError {
  const reason = imap.byeReason || 'the connection was closed';
  return new IntakeError('temporary', 'network', `${place(account)}: ${reason} (${doing})`, { doing });
}

function options(account: ImapAccount, secret: string, limits: ImapLimits): ConstructorParameters<typeof ImapFlow>[0] {
  const { host, port, security, user, credentials } = account;
  return {
    host,
    port,
    secure: security === 'tls',
    // Left open, imapflow would fall back to plain text when STARTTLS is stripped on the way.
    ...(security === 'tls' ? {} : { doSTARTTLS: security === 'starttls' }),
    auth: credentials.kind === 'token' ? { user, accessToken: secret } : { user, pass: secret },
    clientInfo: { name: 'partner-intake', version: false, vendor: false, 'support-url': false },
    logger: false,
    disableAutoIdle: true,
    disableAutoEnable: true,
    disableCompression: true,
    maxIdleTime: MAX_IDLE_MS,
    connectionTimeout: limits.connectTimeoutMs,
    greetingTimeout: limits.connectTimeoutMs,
    // A longer silence is normal only while IDLE waits, which ends with the poll interval.
    socketTimeout: Math.max(limits.commandTimeoutMs, 2 * limits.pollIntervalMs),
    maxLineLength: MAX_LINE_BYTES,
    maxLiteralSize: limits.maxMessageBytes + RESPONSE_SLACK_BYTES,
    maxResponseSize: limits.maxMessageBytes + 2 * RESPONSE_SLACK_BYTES + MAX_LINE_BYTES,
  };
}

const TAG_LENGTH = 8;

/** Tells accounts and folders apart, in a few characters. */
const tagOf = ({ user, host, folder }: ImapAccount): string =>
  createHash('sha256').update(`${user}\0${host}\0${folder}`).digest('hex').slice(0, TAG_LENGTH);
