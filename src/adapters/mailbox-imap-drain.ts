/** Reads everything new of an IMAP folder: the story of one `drain` over one open session. */
import type { Arrival, Batch, Cursor, MailboxMemory } from '../ports.ts';
import { type BodyContext, readBodies } from './imap-bodies.ts';
import { type Listed, listFrom } from './imap-listing.ts';
import { inBatches } from './mailbox-batches.ts';
import type { MailboxLog } from './mailbox-limits.ts';

export type DrainContext = Omit<BodyContext, 'epoch'> & {
  readonly log: MailboxLog;
  /** Since when (ms) a message has come back empty, by locator; lives as long as the mailbox. */
  readonly emptySince: Map<string, number>;
};

export const locatorOf = (epoch: string, uid: number): string => `${epoch}:${uid}`;

/**
 * Yields batches until a look finds nothing new. The cursor of a batch is the end of the UID range examined (UIDs have
 * holes), but stays before a message that cannot be read yet: later ones are read all the same, and `memory.known`
 * keeps them from being read twice when the next drain starts there again.
 */
export async function* drainFolder(memory: MailboxMemory, context: DrainContext): AsyncGenerator<Batch> {
  const { session, folder, signal, limits } = context;
  let committed = await memory.cursor();
  let examined = committed;
  let heldBefore = Number.POSITIVE_INFINITY;
  const cursorAt = (epoch: string, end: number): Cursor => ({ epoch, position: Math.min(end, heldBefore - 1) });

  while (!signal.aborted) {
    const view = await session.examine(folder, signal);
    const { epoch } = view;
    if (examined?.epoch !== epoch) {
      // First connection, or UIDs were dealt anew: everything is read again, the ledger knows mail by its content.
      const anew = examined !== null;
      examined = { epoch, position: 0 };
      heldBefore = Number.POSITIVE_INFINITY;
      if (anew) {
        context.log.warn({ folder, was: committed?.epoch, is: epoch }, 'the mailbox was made anew');
        committed = examined;
        yield { arrivals: [], cursor: examined };
      }
    }
    const from = examined.position + 1;
    for await (const { messages, end } of listFrom(from, view, context)) {
      const wanted = await notStored(messages, epoch, memory);
      const batches = inBatches(wanted, limits);
      for (const [index, batch] of batches.entries()) {
        const { arrivals, firstUnreadable } = await readBatch(batch, { ...context, epoch });
        heldBefore = Math.min(heldBefore, firstUnreadable ?? heldBefore);
        const next = batches[index + 1]?.[0];
        const cursor = cursorAt(epoch, next ? next.uid - 1 : end);
        if (arrivals.length > 0 || isAhead(cursor, committed)) yield { arrivals, cursor };
        committed = cursor;
        if (signal.aborted) return;
      }
      const cursor = cursorAt(epoch, end);
      if (isAhead(cursor, committed)) yield { arrivals: [], cursor };
      committed = cursor;
      examined = { epoch, position: end };
      if (signal.aborted) return;
    }
    if (examined.position < from) return;
  }
}

const isAhead = (cursor: Cursor, committed: Cursor | null): boolean =>
  committed?.epoch !== cursor.epoch || cursor.position > committed.position;

async function notStored(messages: readonly Listed[], epoch: string, memory: MailboxMemory): Promise<Listed[]> {
  const ours = messages.filter(({ arrivedAt }) => arrivedAt >= memory.since);
  if (ours.length === 0) return [];
  const known = await memory.known(ours.map(({ uid }) => locatorOf(epoch, uid)));
  return ours.filter(({ uid }) => !known.has(locatorOf(epoch, uid)));
}

type ReadBatch = { readonly arrivals: readonly Arrival[]; readonly firstUnreadable: number | null };

async function readBatch(batch: readonly Listed[], context: DrainContext & BodyContext): Promise<ReadBatch> {
  const { epoch, emptySince, limits, log, now } = context;
  const { read, unreadable } = await readBodies(batch, context);
  const arrivals: Arrival[] = [];
  let firstUnreadable: number | null = null;
  for (const message of batch) {
    const { uid, arrivedAt } = message;
    const locator = locatorOf(epoch, uid);
    const body = read.get(uid);
    if (body) {
      emptySince.delete(locator);
      arrivals.push({ locator, arrivedAt, ...body });
      continue;
    }
    if (!unreadable.includes(message)) continue;
    const since = emptySince.get(locator) ?? now().getTime();
    emptySince.set(locator, since);
    const waited = now().getTime() - since;
    if (waited < limits.emptyBodyPatienceMs) {
      log.warn(
        { locator, waitedMs: waited, size: message.size },
        'a message is announced, but its body is empty: it is asked for again',
      );
      firstUnreadable ??= uid;
      continue;
    }
    log.warn({ locator, waitedMs: waited }, 'a message stayed empty: it is handed over as it is');
    emptySince.delete(locator);
    arrivals.push({ locator, arrivedAt, raw: Buffer.alloc(0), oversized: null });
  }
  return { arrivals, firstUnreadable };
}
