/** Config -> everything a stage needs, opened in order and released in the reverse order, also when a later step fails. */
import { join } from 'node:path';
import { emptyDirectory, emptyRegister, openDirectory, openRegister } from './adapters/directories.ts';
import { createImapMailbox } from './adapters/mailbox-imap.ts';
import { createMaildirMailbox } from './adapters/mailbox-maildir.ts';
import { openEmbeddedPostgres } from './adapters/postgres-embedded.ts';
import { openQueue } from './adapters/queue-bullmq.ts';
import { createMaildirSender } from './adapters/sender-maildir.ts';
import { createSmtpSender } from './adapters/sender-smtp.ts';
import { createSentFolder } from './adapters/sent-folder-imap.ts';
import { type Config, type Endpoint, pathOf } from './config.ts';
import { openKeyring } from './ledger/keys.ts';
import { type Ledger, openLedger } from './ledger/open.ts';
import { noticeSecret } from './ledger/settings.ts';
import { type LiveRules, openLiveRules } from './live-rules.ts';
import { createLogger, type Logger } from './log.ts';
import { MAILBOX_NAMES, type MailboxName } from './model.ts';
import type { LicenceDirectory, Mailbox, MailSender, PartnerRegister } from './ports.ts';
import type { Context } from './stages/context.ts';

const now = (): Date => new Date();

/** Opens the ledger the configuration names, embedded or not. */
export async function openConfiguredLedger(config: Config, resources: AsyncDisposableStack): Promise<Ledger> {
  let url = config.databaseUrl;
  if (url === null) {
    const server = await openEmbeddedPostgres({ folder: join(config.varDir, 'postgres') });
    resources.defer(() => server.close());
    url = server.url;
  }
  const ledger = await openLedger(url);
  resources.defer(() => ledger.close());
  return ledger;
}

export type Directories = { readonly directory: LicenceDirectory; readonly partners: PartnerRegister };

/** The licence directory and the partner register; ones that know nobody where none is configured. */
export const openDirectories = (config: Config): Directories => ({
  directory: config.licences ? openDirectory(config.licences, pathOf(config.licences)) : emptyDirectory,
  partners: config.partners ? openRegister(config.partners, pathOf(config.partners)) : emptyRegister,
});

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
  if (!mailbox?.url.protocol.startsWith('imap')) return createSmtpSender({ ...smtp, find: async () => 'unknown' });
  const folder = createSentFolder({ url: mailbox.url.href, password: mailbox.password ?? '', log });
  const sender = createSmtpSender({ ...smtp, find: folder.find });
  return {
    ...sender,
    async close() {
      await sender.close();
      await folder.close();
    },
  };
}

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

export type Assembled = { readonly ctx: Context; readonly ledger: Ledger; readonly rules: LiveRules };

/** Everything the daemon works with. What was opened is released by `resources`. */
export async function assemble(config: Config, resources: AsyncDisposableStack): Promise<Assembled> {
  const log = createLogger(config.logLevel);
  const rules = openLiveRules(config, log);
  resources.defer(() => rules.close());
  const directories = openDirectories(config);
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
