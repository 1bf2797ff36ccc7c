import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { openQueue } from '../adapters/queue-bullmq.ts';
import { createReaderPool } from '../adapters/reader-pool.ts';
import { messageOf, UserError } from '../errors.ts';
import { createLogger } from '../log.ts';
import type { MailboxName } from '../model.ts';
import { loadPolicy } from '../policy.ts';
import type { Arrival } from '../ports.ts';
import { readMails } from '../stages/read-mail.ts';
import { storeArrivals } from '../stages/store.ts';
import { mailboxOf } from './inspect.ts';
import { say, withLedger } from './support.ts';

/** As a mailbox would refuse it before download. */
const MAX_BYTES = 50 * 1024 * 1024;

/** `ingest FILE…`: stores each file as a mail that arrived now; the daemon decides it, at once or when it runs next. */
export async function ingest(files: readonly string[]): Promise<void> {
  await withLedger(async (ledger, config) => {
    const policy = loadPolicy(config.policyDir);
    const log = createLogger(config.logLevel);
    await using resources = new AsyncDisposableStack();
    const pool = createReaderPool({ policy });
    resources.defer(() => pool.close());
    const queue = await openQueue({
      redisUrl: config.redisUrl,
      databaseUrl: ledger.url,
      onError: (error) => log.warn({ cause: error.message }, 'queue'),
    });
    resources.defer(() => queue.close());
    const failures: string[] = [];
    let fresh = 0;
    for (const file of files) {
      try {
        const raw = await readFile(file);
        if (raw.length > MAX_BYTES) throw new UserError(`is larger than ${MAX_BYTES} bytes`);
        const mailbox: MailboxName = mailboxOf(
          await pool.read(raw).then(
            ({ mail }) => mail,
            () => ({ to: [], cc: [] }),
          ),
          policy,
        );
        const arrivedAt = new Date();
        const stored = await storeArrivals(ledger, mailbox, { arrivals: [arrival(raw, arrivedAt)], cursor: null });
        fresh += stored.size;
        say(
          `${file}: ${stored.size > 0 ? `stored as mail ${[...stored.keys()][0]}` : 'known already, nothing done'} (mailbox ${mailbox})`,
        );
        await queue.enqueue(
          'mail',
          await readMails({ db: ledger.db, read: (bytes) => pool.read(bytes), log }, [...stored.keys()], stored),
        );
      } catch (error) {
        failures.push(`${file}: ${messageOf(error)}`);
      }
    }
    say(`${fresh} of ${files.length} files are new; the daemon decides them (partner-intake tickets shows the result)`);
    if (failures.length > 0) throw new UserError(failures.join('\n'));
  });
}

const arrival = (raw: Buffer, arrivedAt: Date): Arrival => ({
  locator: `file:${createHash('sha256').update(raw).digest('hex')}`,
  arrivedAt,
  raw,
  oversized: null,
});
