/** A real Dovecot 2.3 for one test: own folder, own port on 127.0.0.1, ended by its process id. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import {
  type DovecotUser,
  dovecotConfig,
  maildirOf,
  mailOwner,
  oauthConfig,
  oauthConfigPath,
} from './dovecot-config.ts';
import { freePort } from './server-process.ts';
import { until } from './wait.ts';

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;

export type StoredMail = { uid: number; flags: string[]; internalDate: Date; size: number };

export type Dovecot = {
  readonly port: number;
  /** PEM of the certificate, when started with `tls`. */
  readonly certificate: string | null;
  /** Stores a message as a mail server would; returns its UID. */
  append(
    user: string,
    raw: string | Buffer,
    options?: { folder?: string; flags?: string[]; date?: Date },
  ): Promise<number>;
  list(user: string, folder?: string): Promise<StoredMail[]>;
  /** Sets or takes away flags, as people's mail programs do. */
  flag(user: string, uids: readonly number[], flag: string, set?: boolean): Promise<void>;
  /** Deletes messages for good: leaves holes in the UIDs. */
  expunge(user: string, uids: readonly number[]): Promise<void>;
  /** The INBOX is lost and made anew, empty, with another UIDVALIDITY. */
  recreateInbox(user: string): Promise<void>;
  /** The user's Maildir on disk: to break what only a broken server breaks. */
  maildir(user: string): string;
  stop(): Promise<void>;
};

/**
 * Starts Dovecot and waits until it answers. Works as root (CI) and as an ordinary user.
 * @throws Error of one line when Dovecot is not installed or does not start.
 */
export async function startDovecot(options: {
  users: readonly DovecotUser[];
  tls?: boolean;
  /** Where tokens are looked up, and what takes them; without it none are. */
  tokens?: { introspectionUrl: string; mechanisms: 'xoauth2' | 'xoauth2 oauthbearer' };
}): Promise<Dovecot> {
  const binary = findDovecot();
  const tls = options.tls ?? false;
  const folder = mkdtempSync(join(tmpdir(), 'dovecot-'));
  chmodSync(folder, 0o755);
  for (const name of ['run', 'state', 'mail', 'home']) mkdirSync(join(folder, name), { mode: 0o755 });
  const { uid, gid } = mailOwner();
  for (const name of ['mail', 'home']) chownSync(join(folder, name), uid, gid);
  writeFileSync(join(folder, 'users'), options.users.map((user) => `${user.name}:{PLAIN}${user.password}\n`).join(''));
  const certificate = tls ? makeCertificate(folder) : null;
  const port = await freePort();
  const config = join(folder, 'dovecot.conf');
  const { tokens } = options;
  writeFileSync(config, dovecotConfig(folder, port, { tls, tokens: tokens?.mechanisms ?? '' }));
  if (tokens) writeFileSync(oauthConfigPath(folder), oauthConfig(tokens.introspectionUrl));

  const child = spawn(binary, ['-F', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr?.on('data', (chunk) => {
    complaints += String(chunk);
  });
  const clients = new Map<string, Promise<ImapFlow>>();
  const stop = async (): Promise<void> => {
    const open = await Promise.allSettled(clients.values());
    for (const client of open) if (client.status === 'fulfilled') client.value.close();
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answers(port, tls, child);
  } catch (error) {
    const log = readIfThere(join(folder, 'dovecot.log'));
    await stop();
    throw new Error(`dovecot did not start: ${complaints || log || String(error)}`.replaceAll('\n', ' '));
  }

  const passwords = new Map(options.users.map((user) => [user.name, user.password]));
  const client = (user: string): Promise<ImapFlow> => {
    const existing = clients.get(user);
    if (existing) return existing;
    const opened = connect(port, user, passwords.get(user) ?? '', tls, () => clients.delete(user));
    clients.set(user, opened);
    return opened;
  };
  const within = async <T>(user: string, path: string, action: (imap: ImapFlow) => Promise<T>): Promise<T> => {
    const imap = await client(user);
    const lock = await imap.getMailboxLock(path);
    try {
      return await action(imap);
    } finally {
      lock.release();
    }
  };

  return {
    port,
    certificate,
    stop,
    maildir: (user) => maildirOf(folder, user),
    async append(user, raw, { folder: path = 'INBOX', flags = [], date } = {}) {
      const imap = await client(user);
      const stored = await imap.append(path, raw, flags, date);
      if (!stored || stored.uid === undefined) throw new Error(`dovecot did not take the message into ${path}`);
      return stored.uid;
    },
    list: (user, path = 'INBOX') =>
      within(user, path, async (imap) => {
        await imap.noop();
        if (!imap.mailbox || imap.mailbox.exists === 0) return [];
        const rows = await imap.fetchAll('1:*', { uid: true, flags: true, internalDate: true, size: true });
        return rows.map((row) => ({
          uid: row.uid,
          flags: [...(row.flags ?? [])].sort(),
          internalDate: new Date(row.internalDate ?? 0),
          size: row.size ?? 0,
        }));
      }),
    flag: (user, uids, flag, set = true) =>
      within(user, 'INBOX', async (imap) => {
        if (set) await imap.messageFlagsAdd(uids.join(','), [flag], { uid: true });
        else await imap.messageFlagsRemove(uids.join(','), [flag], { uid: true });
      }),
    expunge: (user, uids) =>
      within(user, 'INBOX', async (imap) => {
        await imap.messageDelete(uids.join(','), { uid: true });
      }),
    async recreateInbox(user) {
      const maildir = maildirOf(folder, user);
      const before = await within(user, 'INBOX', async (imap) => (imap.mailbox ? imap.mailbox.uidValidity : 0n));
      (await client(user)).close();
      // A session that lived on, or that the daemon opened meanwhile, would write its old index back.
      await until(
        async () => {
          await endSessions(config, user);
          rmSync(maildir, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
          return true;
        },
        { what: `the inbox of ${user} to be gone` },
      );
      // Dovecot takes the time in seconds as UIDVALIDITY: within one second it would come out the same.
      for (const path of [maildir, ...['cur', 'new', 'tmp'].map((name) => join(maildir, name))]) {
        mkdirSync(path, { mode: 0o700 });
        chownSync(path, uid, gid);
      }
      writeFileSync(join(maildir, 'dovecot-uidlist'), `3 V${before + 1000n} N1 G${randomBytes(16).toString('hex')}\n`);
      chownSync(join(maildir, 'dovecot-uidlist'), uid, gid);
    },
  };
}

async function endSessions(config: string, user: string): Promise<void> {
  const doveadm = (command: string): string =>
    execFileSync('doveadm', ['-c', config, command, user], { encoding: 'utf8' });
  await until(() => {
    try {
      doveadm('kick');
    } catch {
      // it fails when there is no session
    }
    // A daemon connects again at once: one that came back before we looked is ended as well.
    return !doveadm('who').includes(user);
  });
}

function findDovecot(): string {
  for (const path of ['dovecot', '/usr/sbin/dovecot', '/usr/local/sbin/dovecot']) {
    try {
      execFileSync(path, ['--version'], { stdio: 'ignore' });
      return path;
    } catch {
      // not there: try the next
    }
  }
  throw new Error('the IMAP tests need Dovecot 2.3: apt-get install dovecot-imapd');
}

function makeCertificate(folder: string): string {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  });
  return readFileSync(cert, 'utf8');
}

async function connect(port: number, user: string, pass: string, tls: boolean, gone: () => void): Promise<ImapFlow> {
  const imap = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure: tls,
    doSTARTTLS: tls ? undefined : false,
    tls: { rejectUnauthorized: false },
    auth: { user, pass },
    logger: false,
    disableAutoIdle: true,
  });
  imap.on('error', () => {});
  imap.on('close', gone);
  await imap.connect();
  return imap;
}

async function answers(port: number, tls: boolean, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`dovecot ended with ${child.exitCode}`);
    // A connection of nobody: the refused login proves that the whole way answers.
    const failed = await connect(port, 'nobody', 'x', tls, () => {}).catch((error) => error);
    if (failed instanceof Error && 'authenticationFailed' in failed) return;
    if (Date.now() > until) throw new Error(`dovecot does not answer on port ${port}`);
    await delay(20);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(-2000);
  } catch {
    return '';
  }
}
