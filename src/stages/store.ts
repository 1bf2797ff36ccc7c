/** Arrivals -> ledger: raw mail first, then everything else (I1). */
import { mailboxes } from '../ledger/index.ts';
import type { MailboxName } from '../model.ts';
import { fingerprint, messageIdOf } from '../pipeline/mail/fingerprint.ts';
import type { Batch } from '../ports.ts';
import type { Context } from './context.ts';

/** Stores a batch with its cursor. @returns the mails not seen before, by id, with their bytes. */
export function storeArrivals(
  ctx: Pick<Context, 'db'>,
  mailbox: MailboxName,
  batch: Batch,
): Promise<Map<number, Buffer>> {
  const found = batch.arrivals.map((arrival) => ({
    ...arrival,
    // Mails without content have nothing in common but that: each stands for itself.
    fingerprint: fingerprint(arrival.raw.length > 0 ? arrival.raw : Buffer.from(`${mailbox} ${arrival.locator}`)),
    messageId: messageIdOf(arrival.raw),
  }));
  return mailboxes.storeBatch(ctx.db, mailbox, found, batch.cursor);
}
