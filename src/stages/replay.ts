/**
 * Reads a mailbox again from a date. It needs no lease: it never touches the cursor, and what the poller stores at the
 * same time is one mail by its unique keys (I2).
 */
import { mailboxes } from '../ledger/index.ts';
import type { Mailbox, MailboxMemory } from '../ports.ts';
import type { Context } from './context.ts';
import { storeArrivals } from './store.ts';
import { takeIn } from './take-in.ts';

export type Replayed = {
  /** Messages in the mailbox that arrived since. */
  readonly seen: number;
  /** Those the ledger had already, by their place or by their content. */
  readonly known: number;
  readonly new: number;
  /** Announced by the server, but without content as yet; the daemon or another replay takes them in. */
  readonly unreadable: number;
};

/** Whoever ends the process loses nothing: each batch is stored whole, and the next replay knows it. */
const never = new AbortController().signal;

/** @throws IntakeError when the mailbox cannot be read to its end; what was read until then is stored */
export async function replayMailbox(
  ctx: Pick<Context, 'db' | 'read' | 'log' | 'queue'>,
  mailbox: Mailbox,
  since: Date,
): Promise<Replayed> {
  let [seen, inPlace, read, fresh] = [0, 0, 0, 0];
  const memory: MailboxMemory = {
    since,
    // As a first connection: everything is looked at.
    cursor: async () => null,
    async known(locators) {
      const known = await mailboxes.knownLocators(ctx.db, mailbox.name, locators);
      seen += locators.length;
      inPlace += known.size;
      return known;
    },
  };
  for await (const { arrivals } of mailbox.drain(memory, never)) {
    // Without its cursor: that is the poller's, and must not go back.
    const stored = await storeArrivals(ctx, mailbox.name, { arrivals, cursor: null });
    read += arrivals.length;
    fresh += stored.size;
    await takeIn(ctx, stored);
  }
  return { seen, known: inPlace + read - fresh, new: fresh, unreadable: seen - inPlace - read };
}
