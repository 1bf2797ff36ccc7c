/** The inboxes the configuration names, for the poller and for the commands that compare them with the ledger. */
import { createImapMailbox } from './adapters/mailbox-imap.ts';
import { createMaildirMailbox } from './adapters/mailbox-maildir.ts';
import { type Config, pathOf } from './config.ts';
import type { Logger } from './log.ts';
import { MAILBOX_NAMES } from './model.ts';
import type { Mailbox } from './ports.ts';

const now = (): Date => new Date();

/** The inboxes, by their addresses' schemes. */
export function openMailboxes(config: Config, log: Logger): Mailbox[] {
  return MAILBOX_NAMES.flatMap((name) => {
    const mailbox = config.mailboxes[name];
    if (!mailbox) return [];
    if (mailbox.url.protocol === 'maildir:')
      return [createMaildirMailbox({ name, path: pathOf(mailbox.url), now, log })];
    return [
      createImapMailbox({
        name,
        url: mailbox.url.href,
        password: mailbox.password ?? '',
        now,
        random: Math.random,
        log,
      }),
    ];
  });
}
