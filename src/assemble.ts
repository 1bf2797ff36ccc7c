/** Config -> everything a stage needs, opened in order and released in the reverse order, also when a later step fails. */
import { openQueue } from './adapters/queue-bullmq.ts';
import { createMaildirSender } from './adapters/sender-maildir.ts';
import { createSmtpSender } from './adapters/sender-smtp.ts';
import { createSentFolder } from './adapters/sent-folder-imap.ts';
import { type Config, type Endpoint, pathOf } from './config.ts';
import { openKeyring } from './ledger/keys.ts';
import type { Ledger } from './ledger/open.ts';
import { noticeSecret } from './ledger/settings.ts';
import { type LiveRules, openLiveRules } from './live-rules.ts';
import { createLogger, type Logger } from './log.ts';
import { loginOf } from './mail-logins.ts';
import { MAILBOX_NAMES, type MailboxName } from './model.ts';
import { openConfiguredLedger, openDirectories } from './open-stores.ts';
import type { MailSender } from './ports.ts';
import type { Context } from './stages/context.ts';

const now = (): Date => new Date();

/** The ways out for mail, by mailbox. */
export function openSenders(config: Config, log: Logger): Partial<Record<MailboxName, MailSender>> {
  const senders: Partial<Record<MailboxName, MailSender>> = {};
  for (const name of MAILBOX_NAMES) {
    const smtp = config.smtp[name];
    if (!smtp) continue;
    if (smtp.url.protocol === 'maildir:') senders[name] = createMaildirSender({ path: pathOf(smtp.url), now });
    else senders[name] = smtpSender(config, name, smtp, log);
  }
  return senders;
}

/** Unknown outcomes are looked up in the Sent folder of the mailbox's account, where there is one. */
function smtpSender(config: Config, name: MailboxName, smtp: Endpoint, log: Logger): MailSender {
  const mailbox = config.mailboxes[name];
  const [{ url }, login] = [smtp, loginOf(smtp)];
  if (!mailbox?.url.protocol.startsWith('imap')) return createSmtpSender({ url, login, find: async () => 'unknown' });
  const folder = createSentFolder({ url: mailbox.url.href, login: loginOf(mailbox) ?? '', log });
  const sender = createSmtpSender({ url, login, find: folder.find });
  return {
    ...sender,
    async close() {
      await sender.close();
      await folder.close();
    },
  };
}

export type Assembled = { readonly ctx: Context; readonly ledger: Ledger; readonly rules: LiveRules };

/** Everything the daemon works with. What was opened is released by `resources`. */
export async function assemble(config: Config, resources: AsyncDisposableStack): Promise<Assembled> {
  const log = createLogger(config.logLevel);
  const rules = openLiveRules(config, log);
  resources.defer(() => rules.close());
  const directories = openDirectories(config, { log, resources });
  const ledger = await openConfiguredLedger(config, resources);
  const queue = await openQueue({
    redisUrl: config.redisUrl,
    databaseUrl: ledger.url,
    onError: (error) => log.warn({ cause: error.message }, 'queue'),
  });
  resources.defer(() => queue.close());
  const senders = openSenders(config, log);
  for (const sender of Object.values(senders)) resources.defer(() => sender.close());
  const ctx: Context = {
    db: ledger.db,
    get policy() {
      return rules.policy;
    },
    get templates() {
      return rules.templates;
    },
    ...directories,
    queue,
    get read() {
      return rules.read;
    },
    takeAttachment: rules.takeAttachment,
    senders,
    threadKeys: openKeyring(),
    noticeSecret: await noticeSecret(ledger.db),
    escalationDesk: config.escalationDesk,
    now,
    random: Math.random,
    log,
  };
  return { ctx, ledger, rules };
}
