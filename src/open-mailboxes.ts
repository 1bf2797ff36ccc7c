/** The inboxes the configuration names, for the poller and for the commands that compare them with the ledger. */
import { createImapMailbox } from './adapters/mailbox-imap.ts';
import { createMaildirMailbox } from './adapters/mailbox-maildir.ts';
import { type Config, pathOf } from './config.ts';
import type { Logger } from './log.ts';
import { loginOf } from './mail-logins.ts';
import { MAILBOX_NAMES, type MailboxName } from './model.ts';
import type { Mailbox } from './ports.ts';

const now = (): Date => new Date();

/** The inboxes, by their addresses' schemes. */
export const openMailboxes = (config: Config, log: Logger): Mailbox[] =>
  MAILBOX_NAMES.flatMap((name) => openMailbox(name, config, log) ?? []);

/** One of them; undefined when it is not configured. */
export function openMailbox(name: MailboxName, config: Config, log: Logger): Mailbox | undefined {
  const mailbox = config.mailboxes[name];
  if (!mailbox) return undefined;
  if (mailbox.url.protocol === 'maildir:') return createMaildirMailbox({ name, path: pathOf(mailbox.url), now, log });
  return createImapMailbox({
    name,
    url: mailbox.url.href,
    login: loginOf(mailbox) ?? '',
    now,
    random: Math.random,
    log,
  });
}

/** How far back a first connection reads: as configured, else the day of this first start. */
export function startDate(config: Config, name: MailboxName): Date {
  const today = now();
  today.setUTCHours(0, 0, 0, 0);
  return config.mailboxes[name]?.since ?? today;
}
