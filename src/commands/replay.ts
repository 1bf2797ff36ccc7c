import { openQueue } from '../adapters/queue-bullmq.ts';
import { createReaderPool } from '../adapters/reader-pool.ts';
import { type Config, parseDate } from '../config.ts';
import { UsageError, UserError } from '../errors.ts';
import { rememberMailbox } from '../ledger/mailboxes.ts';
import { createLogger } from '../log.ts';
import { MAILBOX_NAMES, type MailboxName } from '../model.ts';
import { openMailbox, startDate } from '../open-mailboxes.ts';
import { loadPolicy } from '../policy.ts';
import type { Mailbox } from '../ports.ts';
import { replayMailbox } from '../stages/replay.ts';
import { say, sayJson, withLedger } from './support.ts';

export type ReplayOptions = { readonly mailbox: string; readonly since: string; readonly json?: boolean };

/** `replay --mailbox NAME --since DATE`: reads a mailbox again, beside the daemon or without it. Mail already handled stays as it is. */
export async function replay(options: ReplayOptions): Promise<void> {
  const name = nameOf(options.mailbox);
  const since = parseDate(options.since);
  if (!since) throw new UsageError(`--since: "${options.since}" is not a date: write it as 2026-01-31`);
  await withLedger(async (ledger, config) => {
    const log = createLogger(config.logLevel);
    await using resources = new AsyncDisposableStack();
    const mailbox = mailboxNamed(name, config);
    resources.defer(() => mailbox.close());
    const pool = createReaderPool({ policy: loadPolicy(config.policyDir) });
    resources.defer(() => pool.close());
    const queue = await openQueue({
      redisUrl: config.redisUrl,
      databaseUrl: ledger.url,
      onError: (error) => log.warn({ cause: error.message }, 'queue'),
    });
    resources.defer(() => queue.close());
    // Where the daemon has not been yet, it begins where it would have begun.
    await rememberMailbox(ledger.db, name, startDate(config, name));
    const ctx = { db: ledger.db, read: (raw: Buffer) => pool.read(raw), log, queue };
    const replayed = await replayMailbox(ctx, mailbox, since);
    if (options.json) return sayJson({ mailbox: name, since: since.toISOString(), ...replayed });
    const waiting = replayed.unreadable > 0 ? `, ${replayed.unreadable} not readable yet` : '';
    say(`${replayed.seen} seen, ${replayed.known} known, ${replayed.new} new${waiting}`);
  });
}

function nameOf(given: string): MailboxName {
  const name = MAILBOX_NAMES.find((one) => one === given.toLowerCase());
  if (!name) throw new UsageError(`--mailbox: "${given}" is no mailbox: write ${MAILBOX_NAMES.join(' or ')}`);
  return name;
}

function mailboxNamed(name: MailboxName, config: Config): Mailbox {
  const mailbox = openMailbox(name, config, createLogger('silent'));
  if (mailbox) return mailbox;
  throw new UserError(`MAILBOX_${name.toUpperCase()}: is not set: there is no mailbox ${name} to read again`);
}
