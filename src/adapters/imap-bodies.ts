/** Downloads the listed messages of one batch. */
import { setTimeout as delay } from 'node:timers/promises';
import { IntakeError } from '../errors.ts';
import { isRefusal } from './imap-errors.ts';
import { type Listed, type ListingContext, stillThere } from './imap-listing.ts';
import { headerOf, isOversized } from './mailbox-batches.ts';

export type Body = { readonly raw: Buffer; readonly oversized: number | null };
/** `unreadable`: they are there, but the server gives nothing of them yet. What is in neither was deleted meanwhile. */
export type Bodies = { readonly read: ReadonlyMap<number, Body>; readonly unreadable: readonly Listed[] };

export type BodyContext = ListingContext & { readonly folder: string; readonly epoch: string };

/**
 * Reads messages that were listed before. Servers announce a UID before its body: what comes back empty is asked for
 * again, a few times.
 * @throws IntakeError `temporary`, code `epoch`, when the folder was made anew meanwhile
 */
export async function readBodies(messages: readonly Listed[], context: BodyContext): Promise<Bodies> {
  const { limits, signal, session, folder, epoch } = context;
  const read = new Map<number, Body>();
  let missing = messages;
  for (let tried = 1; ; tried++) {
    for (const oversized of [false, true]) {
      const wanted = missing.filter((message) => isOversized(message, limits) === oversized);
      for (const [uid, body] of await fetchOrSingly(wanted, oversized, context)) read.set(uid, body);
    }
    missing = missing.filter(({ uid }) => !read.has(uid));
    if (missing.length === 0) return { read, unreadable: [] };
    // A fresh view tells what was deleted from what is late.
    const view = await session.examine(folder, signal);
    if (view.epoch !== epoch) throw new IntakeError('temporary', 'epoch', `${folder} was made anew while it was read`);
    const there =
      view.exists === 0
        ? new Set<number>()
        : await stillThere(
            missing.map(({ uid }) => uid),
            context,
          );
    missing = missing.filter(({ uid }) => there.has(uid));
    if (missing.length === 0 || tried >= limits.emptyBodyTries) return { read, unreadable: missing };
    await delay(limits.emptyBodyWaitMs, undefined, { signal });
  }
}

/** One broken message can make the server refuse the whole batch: then each is asked for alone. */
async function fetchOrSingly(
  messages: readonly Listed[],
  headerOnly: boolean,
  context: BodyContext,
): Promise<ReadonlyMap<number, Body>> {
  try {
    return await fetchBodies(messages, headerOnly, context);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (messages.length <= 1) return new Map();
    const all = new Map<number, Body>();
    for (const message of messages) {
      for (const [uid, body] of await fetchOrSingly([message], headerOnly, context)) all.set(uid, body);
    }
    return all;
  }
}

async function fetchBodies(
  messages: readonly Listed[],
  headerOnly: boolean,
  { session, limits, signal }: BodyContext,
): Promise<ReadonlyMap<number, Body>> {
  const sizes = new Map(messages.map(({ uid, size }) => [uid, size]));
  const bodies = new Map<number, Body>();
  if (messages.length === 0) return bodies;
  // PEEK, and never more than the limit, whatever size the server claimed: one byte above it tells.
  const query = headerOnly
    ? { uid: true, bodyParts: [{ key: 'HEADER', start: 0, maxLength: limits.maxHeaderBytes }] }
    : { uid: true, source: { start: 0, maxLength: limits.maxMessageBytes + 1 } };
  const rows = await session.run(
    headerOnly ? 'read headers' : 'read messages',
    (imap) => imap.fetchAll([...sizes.keys()].join(','), query, { uid: true }),
    { timeoutMs: limits.fetchTimeoutMs, signal },
  );
  for (const row of rows) {
    const claimed = sizes.get(row.uid);
    const raw = headerOnly ? row.headers : row.source;
    if (claimed === undefined || !raw || raw.length === 0) continue;
    const tooLarge = headerOnly || raw.length > limits.maxMessageBytes;
    bodies.set(row.uid, {
      raw: tooLarge ? headerOf(raw, limits.maxHeaderBytes) : raw,
      oversized: tooLarge ? Math.max(claimed, raw.length) : null,
    });
  }
  return bodies;
}
