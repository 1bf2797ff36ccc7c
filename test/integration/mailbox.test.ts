/** One contract, two adapters: IMAP against a real Dovecot, and a Maildir on disk. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImapMailbox } from '../../src/adapters/mailbox-imap.ts';
import { createMaildirMailbox } from '../../src/adapters/mailbox-maildir.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';
import { type MailboxWorld, mailboxContract } from '../support/mailbox-contract.ts';
import { createTestMemory, drainInto, subjectsOf, testMail } from '../support/mailbox-memory.ts';

const PASSWORD = 'secret of the test';
const users = Array.from({ length: 20 }, (_, n) => ({ name: `user${n}@support.example`, password: PASSWORD }));
const now = (): Date => new Date();

describe('IMAP', () => {
  let dovecot: Dovecot;
  let next = 0;
  beforeAll(async () => {
    dovecot = await startDovecot({ users });
  }, 30_000);
  afterAll(() => dovecot?.stop(), 30_000);

  mailboxContract('IMAP, Dovecot', async (): Promise<MailboxWorld> => {
    const user = users[next++]?.name ?? '';
    const url = (folder: string): string => `imap://${encodeURIComponent(user)}@127.0.0.1:${dovecot.port}/${folder}`;
    const options = { name: 'com' as const, login: PASSWORD, now, random: () => 0.5 };
    const uids = new Map<string, number>();
    const uidOf = (subject: string): number => uids.get(subject) ?? 0;
    return {
      open: (limits = {}) => createImapMailbox({ ...options, url: url('INBOX'), limits }),
      openMissing: () => createImapMailbox({ ...options, url: url('Nowhere') }),
      async deliver(raw, date) {
        const uid = await dovecot.append(user, raw, date ? { date } : {});
        uids.set(/^Subject: (.*?)\r?$/m.exec(raw.toString('latin1'))?.[1] ?? '', uid);
      },
      readByPerson: (subject) => dovecot.flag(user, [uidOf(subject)], '\\Seen'),
      remove: (subject) => dovecot.expunge(user, [uidOf(subject)]),
      // \Recent is the server's word for "no session saw it yet": the test's own look takes it away.
      state: async () =>
        (await dovecot.list(user)).map((mail) => ({
          ...mail,
          flags: mail.flags.filter((flag) => flag !== '\\Recent'),
        })),
      end: async () => {},
    };
  });
});

const FOLDERS = ['new', 'cur', 'tmp'];
let counter = 0;

function maildirWorld(): MailboxWorld & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'maildir-'));
  for (const folder of FOLDERS) mkdirSync(join(path, folder));
  const options = { name: 'eu' as const, now };
  const names = new Map<string, string>();
  const whereIs = (subject: string): string => {
    const name = names.get(subject) ?? '';
    for (const folder of FOLDERS) {
      const found = readdirSync(join(path, folder)).find((file) => file.startsWith(name));
      if (found) return join(path, folder, found);
    }
    throw new Error(`${subject} is not there`);
  };
  return {
    path,
    open: (limits = {}) => createMaildirMailbox({ ...options, path, limits }),
    openMissing: () => createMaildirMailbox({ ...options, path: join(path, 'nowhere') }),
    async deliver(raw, arrivedAt = new Date()) {
      const order = String(counter++).padStart(6, '0');
      const name = `${Math.floor(arrivedAt.getTime() / 1000)}.M${order}.host.example`;
      names.set(/^Subject: (.*?)\r?$/m.exec(raw.toString('latin1'))?.[1] ?? '', name);
      writeFileSync(join(path, 'tmp', name), raw);
      renameSync(join(path, 'tmp', name), join(path, 'new', name));
    },
    async readByPerson(subject) {
      renameSync(whereIs(subject), join(path, 'cur', `${names.get(subject)}:2,S`));
    },
    async remove(subject) {
      rmSync(whereIs(subject));
    },
    state: async () =>
      FOLDERS.flatMap((folder) =>
        readdirSync(join(path, folder)).map((file) => [folder, file, statSync(join(path, folder, file)).mtimeMs]),
      ),
    end: async () => rmSync(path, { recursive: true, force: true }),
  };
}

mailboxContract('Maildir', async () => maildirWorld());

describe('a Maildir', () => {
  it('takes the file time when the name begins with no time', async () => {
    const world = maildirWorld();
    const arrived = new Date('2026-02-03T04:05:06Z');
    for (const name of ['0001.eml', 'plain', '1767225600999.ms']) {
      writeFileSync(join(world.path, 'new', name), testMail(name));
      await utimes(join(world.path, 'new', name), arrived, arrived);
    }
    const [mailbox, memory] = [world.open(), createTestMemory()];
    await drainInto(mailbox, memory);
    expect([...memory.stored.values()].map(({ arrivedAt }) => arrivedAt)).toEqual([arrived, arrived, arrived]);
    await mailbox.close();
    await world.end();
  });

  it('asks for an empty file again, never skips it, and hands it over at last', async () => {
    const world = maildirWorld();
    let time = new Date();
    const mailbox = createMaildirMailbox({ name: 'eu', path: world.path, now: () => time });
    const memory = createTestMemory();
    writeFileSync(join(world.path, 'new', 'late'), '');
    writeFileSync(join(world.path, 'new', 'never'), '');
    await world.deliver(testMail('fine'));
    await drainInto(mailbox, memory);
    expect([...memory.stored.keys()]).toHaveLength(1);
    writeFileSync(join(world.path, 'new', 'late'), testMail('late'));
    await drainInto(mailbox, memory);
    expect(subjectsOf(memory.stored.values())).toEqual(['fine', 'late']);
    time = new Date(time.getTime() + 7 * 60 * 60_000);
    await drainInto(mailbox, memory);
    expect(memory.stored.get('never')?.raw).toHaveLength(0);
    await mailbox.close();
    await world.end();
  });

  it('finds a message that a mail program moves between the listing and the reading', async () => {
    const world = maildirWorld();
    for (const subject of ['a', 'b']) await world.deliver(testMail(subject));
    const [mailbox, memory] = [world.open(), createTestMemory()];
    // The ledger is asked after the listing and before the reading: the moment for the mail program.
    const known = memory.known;
    memory.known = async (locators) => {
      await world.readByPerson('a').catch(() => {});
      return known(locators);
    };
    await drainInto(mailbox, memory);
    expect(subjectsOf(memory.stored.values()).sort()).toEqual(['a', 'b']);
    expect([...memory.stored.keys()].some((locator) => locator.includes(':'))).toBe(false);
    await mailbox.close();
    await world.end();
  });

  it('does not make a missing folder', async () => {
    const world = maildirWorld();
    const missing = world.openMissing();
    await expect(missing.check()).rejects.toThrow(/is no Maildir: correct the path, or make it with mkdir -p/);
    expect(existsSync(join(world.path, 'nowhere'))).toBe(false);
    await missing.close();
    await world.end();
    await expect(readFile(world.path)).rejects.toThrow();
  });
});
