/** A fresh user of a real Dovecot for each test, reached through a proxy that can fail. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { ImapLimits } from '../../src/adapters/imap-session.ts';
import { createImapMailbox } from '../../src/adapters/mailbox-imap.ts';
import type { Mailbox } from '../../src/ports.ts';
import { type Dovecot, startDovecot } from './dovecot.ts';
import { createTestMemory, subjectsOf, type TestMemory, testMail } from './mailbox-memory.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const PASSWORD = 'secret of the test';
const MAX_TESTS = 30;

export type OpenOptions = { readonly password?: string; readonly folder?: string };

export type ImapWorld = {
  readonly dovecot: Dovecot;
  readonly proxy: TcpProxy;
  readonly user: string;
  /** What the mailbox was drained into. */
  memory: TestMemory;
  /** The mailbox's clock, in ms. */
  time: number;
  /** A mailbox of the user, closed after the test. */
  open(limits?: Partial<ImapLimits>, options?: OpenOptions): Mailbox;
  deliver(...subjects: string[]): Promise<void>;
  /** Subjects of the stored messages, in the order in which they came. */
  stored(): string[];
};

/** Registers the hooks of one test file; the members change from test to test. */
export function imapWorld(): ImapWorld {
  const users = Array.from({ length: MAX_TESTS }, (_, n) => ({ name: `p${n}@support.example`, password: PASSWORD }));
  const opened: Mailbox[] = [];
  let dovecot: Dovecot;
  let proxy: TcpProxy;
  let user = '';
  let next = 0;
  const world: ImapWorld = {
    memory: createTestMemory(),
    time: 0,
    get dovecot() {
      return dovecot;
    },
    get proxy() {
      return proxy;
    },
    get user() {
      return user;
    },
    open(limits = {}, { password = PASSWORD, folder = 'INBOX' } = {}) {
      const mailbox = createImapMailbox({
        name: 'com',
        url: `imap://${encodeURIComponent(user)}@127.0.0.1:${proxy.port}/${folder}`,
        login: password,
        now: () => new Date(world.time),
        random: () => 0.5,
        limits: { emptyBodyWaitMs: 5, ...limits },
      });
      opened.push(mailbox);
      return mailbox;
    },
    async deliver(...subjects) {
      for (const subject of subjects) await dovecot.append(user, testMail(subject));
    },
    stored: () => subjectsOf(world.memory.stored.values()),
  };
  beforeAll(async () => {
    dovecot = await startDovecot({ users });
  });
  afterAll(() => dovecot?.stop());
  beforeEach(async () => {
    proxy = await startTcpProxy(dovecot.port);
    user = users[next++]?.name ?? '';
    world.memory = createTestMemory();
    world.time = Date.now();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((mailbox) => mailbox.close()));
    await proxy.stop();
  });
  return world;
}

export const never = (): AbortSignal => new AbortController().signal;

/** What an attempt fails with. */
export const failureOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'it did not fail',
    (error) => error,
  );
