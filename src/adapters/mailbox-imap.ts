/** An inbox behind IMAP, read without leaving a trace in it. */
import type { MailboxName } from '../model.ts';
import type { Batch, Clock, Mailbox, MailboxMemory } from '../ports.ts';
import { parseImapUrl } from './imap-account.ts';
import { place } from './imap-errors.ts';
import { listFrom } from './imap-listing.ts';
import { type ImapLimits, type ImapSession, openImap } from './imap-session.ts';
import type { Login } from './login.ts';
import { drainFolder, locatorOf } from './mailbox-imap-drain.ts';
import { MAILBOX_LIMITS, type MailboxLog, SILENT } from './mailbox-limits.ts';

export const IMAP_LIMITS: ImapLimits = {
  ...MAILBOX_LIMITS,
  connectTimeoutMs: 20_000,
  commandTimeoutMs: 60_000,
  fetchTimeoutMs: 5 * 60_000,
  logoutTimeoutMs: 2_000,
};

/** A server that takes us in and cuts us off at once is not asked again before this: Zoho blocks "unusual activity". */
const RECONNECT_PAUSE_MS = 5_000;
/** Two mailboxes must not poll in step. */
const POLL_JITTER = 0.2;

export type ImapMailboxOptions = {
  readonly name: MailboxName;
  /** imaps://user@host:993/INBOX; imap:// is plain text on loopback, STARTTLS elsewhere. */
  readonly url: string;
  readonly login: Login;
  readonly now: Clock;
  /** Numbers from 0 to 1: spreads the polls. */
  readonly random: () => number;
  readonly log?: MailboxLog;
  readonly limits?: Partial<ImapLimits>;
};

/**
 * An IMAP folder as a Mailbox, over one connection that is kept between drains. It never tries again by itself: the
 * caller waits (see backoff) and calls `drain` again, which connects anew.
 * @throws UserError when the URL is wrong
 */
export function createImapMailbox(options: ImapMailboxOptions): Mailbox {
  const { name, now, random, log = SILENT } = options;
  const account = parseImapUrl(options.url, options.login);
  const { folder } = account;
  const limits: ImapLimits = { ...IMAP_LIMITS, ...options.limits };
  const ending = new AbortController();
  const emptySince = new Map<string, number>();
  let current: { session: ImapSession; openedAt: number } | null = null;

  const connected = async (signal: AbortSignal): Promise<ImapSession> => {
    if (current?.session.alive) return current.session;
    const session = await openImap(account, limits, signal);
    current = { session, openedAt: now().getTime() };
    log.info({ mailbox: name, server: place(account) }, 'connected');
    return session;
  };

  /** A connection of its own, for a look from the side: renewing the view under a running drain would mix it up. */
  const aside = async <T>(action: (session: ImapSession) => Promise<T>): Promise<T> => {
    const session = await openImap(account, limits, ending.signal);
    try {
      return await action(session);
    } finally {
      await session.close();
    }
  };

  async function* drain(memory: MailboxMemory, callers: AbortSignal): AsyncGenerator<Batch> {
    const signal = AbortSignal.any([callers, ending.signal]);
    if (signal.aborted) return;
    try {
      const session = await connected(signal);
      yield* drainFolder(memory, { session, folder, limits, signal, now, log, emptySince });
    } catch (error) {
      if (signal.aborted) return;
      // Whatever state it left the connection in: the next drain starts with a new one.
      await current?.session.close();
      throw error;
    }
  }

  const wait = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const session = current?.session;
      const spread = 1 + POLL_JITTER * (random() - 0.5);
      let timer = setTimeout(finish, limits.pollIntervalMs * spread);
      const unwatch = session?.watch(look);
      for (const end of [signal, ending.signal]) end.addEventListener('abort', finish, { once: true });
      if (signal.aborted || ending.signal.aborted) return finish();
      look();
      // An IDLE that died is silent: it never lasts longer than the poll interval, and the drain after it is the probe.
      if (session?.alive && !session.news) session.idle();

      function look(): void {
        if (session?.alive) {
          if (session.news) finish();
          return;
        }
        const age = current ? now().getTime() - current.openedAt : 0;
        clearTimeout(timer);
        timer = setTimeout(finish, Math.max(0, RECONNECT_PAUSE_MS * spread - age));
      }
      function finish(): void {
        clearTimeout(timer);
        unwatch?.();
        for (const end of [signal, ending.signal]) end.removeEventListener('abort', finish);
        resolve();
      }
    });

  return {
    name,
    drain,
    wait,
    list: (since) =>
      aside(async (session) => {
        const view = await session.examine(folder, ending.signal);
        const locators: string[] = [];
        for await (const { messages } of listFrom(1, view, { session, limits, signal: ending.signal, now })) {
          const recent = messages.filter(({ arrivedAt }) => arrivedAt >= since);
          locators.push(...recent.map(({ uid }) => locatorOf(view.epoch, uid)));
        }
        return locators;
      }),
    check: () =>
      aside(async (session) => {
        const { exists } = await session.examine(folder, ending.signal);
        const has = (capability: string): string => `${capability} ${session.can(capability) ? 'yes' : 'no'}`;
        return `${place(account)} answers, ${folder} holds ${exists} messages, ${has('IDLE')}, ${has('UIDPLUS')}`;
      }),
    async close() {
      ending.abort();
      await current?.session.close();
    },
  };
}
