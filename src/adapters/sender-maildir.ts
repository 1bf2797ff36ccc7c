/** Sends into a Maildir on this machine instead of by SMTP: for tests, demonstrations and local delivery. */
import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import MailComposer from 'nodemailer/lib/mail-composer';
import { IntakeError, messageOf } from '../errors.ts';
import type { Clock, MailSender, OutgoingMail } from '../ports.ts';
import { find, listMaildir } from './maildir-files.ts';
import { toNodemailer } from './sender-smtp.ts';

/** Readers of a Maildir take a leading number for the delivery time: the name must not start with one. */
const NAME_PREFIX = 'mid-';

/**
 * A Maildir as a MailSender. The file's name follows from the Message-ID, so that a second `send` of the same id
 * stores nothing, and `find` always knows. The folders are made when missing.
 */
export function createMaildirSender({ path, now }: { path: string; now: Clock }): MailSender {
  const makeFolders = async (): Promise<void> => {
    for (const folder of ['tmp', 'new', 'cur']) await mkdir(join(path, folder), { recursive: true });
  };
  return {
    async send(mail) {
      try {
        const raw = await compose(mail, now());
        await makeFolders();
        const name = nameOf(mail.messageId);
        if (await find(path, name)) return `already stored as ${name}`;
        return (await deliver(path, name, raw)) ? `stored as ${name}` : `already stored as ${name}`;
      } catch (error) {
        throw failed(error, path);
      }
    },
    async find(messageId) {
      try {
        await makeFolders();
        return (await find(path, nameOf(messageId))) ? 'sent' : 'not-sent';
      } catch (error) {
        throw failed(error, path);
      }
    },
    async check() {
      try {
        await makeFolders();
        return `the Maildir ${path} takes mail and holds ${(await listMaildir(path, now())).length} messages`;
      } catch (error) {
        throw failed(error, path);
      }
    },
    close: async () => {},
  };
}

/** The whole message as bytes, with CRLF as on the wire. No content is read from files or addresses. */
function compose(mail: OutgoingMail, date: Date): Promise<Buffer> {
  return new MailComposer({
    ...toNodemailer(mail),
    date,
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}

const nameOf = (messageId: string): string =>
  `${NAME_PREFIX}${createHash('sha256').update(messageId.replace(/[<>]/g, '')).digest('hex').slice(0, 40)}`;

/** Written and flushed under tmp/, then linked into new/: it appears there whole, and once. False when it was there. */
async function deliver(maildir: string, name: string, raw: Buffer): Promise<boolean> {
  const draft = join(maildir, 'tmp', `${name}.${randomUUID()}`);
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(raw);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, join(maildir, 'new', name));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function failed(error: unknown, path: string): IntakeError {
  if (error instanceof IntakeError) return error;
  return new IntakeError(
    'temporary',
    'disk',
    `${path} does not take the mail: ${messageOf(error)}`,
    {},
    { cause: error },
  );
}
