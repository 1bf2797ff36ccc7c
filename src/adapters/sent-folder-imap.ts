/** Looks up in the account's Sent folder whether a message of ours left earlier: the answer to an unknown outcome. */
import { IntakeError, messageOf } from '../errors.ts';
import { LOOP_HEADER } from '../model.ts';
import { parseImapUrl } from './imap-account.ts';
import { place } from './imap-errors.ts';
import { type ImapLimits, type ImapSession, openImap } from './imap-session.ts';
import type { Login } from './login.ts';
import { IMAP_LIMITS } from './mailbox-imap.ts';
import { type MailboxLog, SILENT } from './mailbox-limits.ts';

/** Only what we make ourselves may reach SEARCH: nothing here can end a quoted string or start a literal. */
const MESSAGE_ID = /^<[A-Za-z0-9._-]{1,200}@[A-Za-z0-9._-]{1,200}>$/;
/** Zoho allows about three sessions an account, people's mail programs included: ours goes soon after its last use. */
const KEEP_OPEN_MS = 5_000;
/** Copies of other mails of ours from this time show that copies are filed there at all. */
const WITNESS_DAYS = 30;
const DAY_MS = 24 * 60 * 60_000;

export type SentFolder = {
  /**
   * `not-sent` only when the folder holds other mails of ours: where none was ever filed, absence proves nothing.
   * @throws IntakeError `permanent` when the id is not one of ours
   */
  find(messageId: string): Promise<'sent' | 'not-sent' | 'unknown'>;
  close(): Promise<void>;
};

export type SentFolderOptions = {
  readonly url: string;
  readonly login: Login;
  readonly log?: MailboxLog;
  readonly limits?: Partial<ImapLimits>;
};

/**
 * The \Sent folder of an IMAP account, over a connection of its own that is opened when asked.
 * @throws UserError when the URL is wrong
 */
export function createSentFolder({ url, login, log = SILENT, limits: given }: SentFolderOptions): SentFolder {
  const account = parseImapUrl(url, login);
  const limits: ImapLimits = { ...IMAP_LIMITS, ...given };
  const ending = new AbortController();
  const { signal } = ending;
  let session: ImapSession | null = null;
  let closing: NodeJS.Timeout | undefined;
  /** Questions are asked one after the other: they share the connection and its open folder. */
  let queue: Promise<unknown> = Promise.resolve();

  const disconnect = async (): Promise<void> => {
    const old = session;
    session = null;
    await old?.close();
  };

  const search = async (id: string): Promise<'sent' | 'not-sent' | 'unknown'> => {
    if (!session?.alive) session = await openImap(account, limits, signal);
    const folder = await sentFolderOf(session, limits, signal);
    if (!folder) {
      log.warn({ server: place(account) }, 'the account has no Sent folder: what left earlier cannot be looked up');
      return 'unknown';
    }
    const { exists } = await session.examine(folder, signal);
    if (exists === 0) return 'unknown';
    if (await holds(session, { 'Message-ID': id }, null)) return 'sent';
    const since = new Date(Date.now() - WITNESS_DAYS * DAY_MS);
    return (await holds(session, { [LOOP_HEADER]: true }, since)) ? 'not-sent' : 'unknown';
  };

  const holds = async (
    { run }: ImapSession,
    header: Record<string, string | true>,
    since: Date | null,
  ): Promise<boolean> => {
    const deadline = { timeoutMs: limits.commandTimeoutMs, signal };
    const query = since ? { header, since } : { header };
    const uids = await run('search the Sent folder', (imap) => imap.search(query, { uid: true }), deadline);
    if (!Array.isArray(uids)) {
      throw new IntakeError('temporary', 'search', `${place(account)} does not search its Sent folder`);
    }
    return uids.length > 0;
  };

  const ask = async (id: string): Promise<'sent' | 'not-sent' | 'unknown'> => {
    clearTimeout(closing);
    try {
      return await search(id);
    } catch (error) {
      log.warn({ server: place(account), why: messageOf(error) }, 'the Sent folder cannot be looked into');
      await disconnect();
      return 'unknown';
    } finally {
      clearTimeout(closing);
      closing = setTimeout(() => void disconnect(), KEEP_OPEN_MS).unref();
    }
  };

  return {
    find(messageId) {
      const id = messageId.startsWith('<') ? messageId : `<${messageId}>`;
      if (!MESSAGE_ID.test(id)) {
        return Promise.reject(new IntakeError('permanent', 'message-id', 'this Message-ID is not one of ours'));
      }
      const answer = queue.then(() => ask(id));
      queue = answer;
      return answer;
    },
    async close() {
      ending.abort();
      await queue;
      clearTimeout(closing);
      await disconnect();
    },
  };
}

async function sentFolderOf(session: ImapSession, limits: ImapLimits, signal: AbortSignal): Promise<string | null> {
  const deadline = { timeoutMs: limits.commandTimeoutMs, signal };
  const folders = await session.run('list folders', (imap) => imap.list(), deadline);
  const marked = folders.filter(({ specialUse }) => specialUse === '\\Sent');
  // A mark of the server outweighs a familiar name.
  const best = marked.find(({ specialUseSource }) => specialUseSource === 'extension') ?? marked[0];
  return best?.path ?? null;
}
