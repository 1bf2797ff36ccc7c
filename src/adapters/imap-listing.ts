/** Which messages lie in a range of UIDs: number, size and arrival time, without their content. */
import type { FolderView, ImapLimits, ImapSession } from './imap-session.ts';

export type Listed = { readonly uid: number; readonly size: number; readonly arrivedAt: Date };
/** One stretch of the range: everything up to `end` has been examined. */
export type Listing = { readonly messages: readonly Listed[]; readonly end: number };

/** UIDs asked for at a time. UIDs may lie far apart, so that empty stretches make the next one wider. */
const WINDOW_UIDS = 500;
const WIDEN = 4;

export type ListingContext = {
  readonly session: ImapSession;
  readonly limits: ImapLimits;
  readonly signal: AbortSignal;
  /** For a message whose arrival time the server does not give. */
  readonly now: () => Date;
};

/** Lists all messages of the view from the UID `from` on, oldest first, stretch by stretch. */
export async function* listFrom(from: number, view: FolderView, context: ListingContext): AsyncGenerator<Listing> {
  // FETCH on an empty folder is an error to some servers; the examined range still moves over what was deleted.
  if (view.exists === 0) {
    if (view.uidNext !== null && view.uidNext > from) yield { messages: [], end: view.uidNext - 1 };
    return;
  }
  if (view.uidNext === null) {
    // The server keeps its next UID to itself: "n:*" always includes the last message, even below n.
    const messages = await listRange(from, '*', context);
    const last = messages.at(-1);
    if (last) yield { messages, end: last.uid };
    return;
  }
  let width = WINDOW_UIDS;
  for (let start = from; start < view.uidNext; ) {
    const end = Math.min(start + width, view.uidNext) - 1;
    const messages = await listRange(start, end, context);
    yield { messages, end };
    width = messages.length === 0 ? width * WIDEN : WINDOW_UIDS;
    start = end + 1;
  }
}

/** Those of `uids` that are still there. */
export async function stillThere(uids: readonly number[], context: ListingContext): Promise<ReadonlySet<number>> {
  return new Set((await fetchList(uids.join(','), context)).map(({ uid }) => uid));
}

async function listRange(from: number, to: number | '*', context: ListingContext): Promise<Listed[]> {
  const messages = await fetchList(`${from}:${to}`, context);
  return messages.filter(({ uid }) => uid >= from && (to === '*' || uid <= to)).sort((a, b) => a.uid - b.uid);
}

async function fetchList(range: string, { session, limits, signal, now }: ListingContext): Promise<Listed[]> {
  const rows = await session.run(
    'list messages',
    (imap) => imap.fetchAll(range, { uid: true, internalDate: true, size: true }, { uid: true }),
    { timeoutMs: limits.commandTimeoutMs, signal },
  );
  const byUid = new Map<number, Listed>();
  for (const { uid, size, internalDate } of rows) {
    // Servers mix in news of other people's flags: a row without a size is no answer to our question.
    if (uid === undefined || size === undefined) continue;
    byUid.set(uid, { uid, size, arrivedAt: internalDate instanceof Date ? internalDate : now() });
  }
  return [...byUid.values()];
}
