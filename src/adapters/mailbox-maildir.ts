/** An inbox that is a Maildir on this machine: for tests, and for servers that deliver locally. Nothing in it is moved or renamed. */
import { type FSWatcher, watch } from 'node:fs';
import type { MailboxName } from '../model.ts';
import type { Arrival, Batch, Clock, Mailbox, MailboxMemory } from '../ports.ts';
import { chunks, inBatches } from './mailbox-batches.ts';
import { MAILBOX_LIMITS, type MailboxLimits, type MailboxLog, SILENT } from './mailbox-limits.ts';
import { listMaildir, type MaildirFile, readMessage, watchedFolders } from './maildir-files.ts';

/** Locators asked of the ledger at a time. */
const KNOWN_CHUNK = 500;

export type MaildirMailboxOptions = {
  readonly name: MailboxName;
  readonly path: string;
  readonly now: Clock;
  readonly log?: MailboxLog;
  readonly limits?: Partial<MailboxLimits>;
};

/** A Maildir as a Mailbox. It has no cursor: the ledger's memory of locators tells what is new. */
export function createMaildirMailbox(options: MaildirMailboxOptions): Mailbox {
  const { name, path, now, log = SILENT } = options;
  const limits: MailboxLimits = { ...MAILBOX_LIMITS, ...options.limits };
  const ending = new AbortController();
  const watchers: FSWatcher[] = [];
  const listeners = new Set<() => void>();
  /** Since when (ms) a file has been empty, by locator. */
  const emptySince = new Map<string, number>();
  let news = false;

  const startWatching = (): void => {
    if (watchers.length > 0) return;
    for (const folder of watchedFolders(path)) {
      try {
        const watcher = watch(folder, { persistent: false }, () => {
          news = true;
          for (const listener of [...listeners]) listener();
        });
        // A file system that cannot be watched is polled.
        watcher.on('error', () => watcher.close());
        watchers.push(watcher);
      } catch {
        // Too many watches, or no such folder (the listing says that better): the poll remains.
      }
    }
  };

  const readBatch = async (batch: readonly MaildirFile[]): Promise<Arrival[]> => {
    const arrivals: Arrival[] = [];
    for (const file of batch) {
      const { unique: locator, arrivedAt } = file;
      const content = await readMessage(path, file, limits);
      if (content !== 'empty') emptySince.delete(locator);
      if (content === 'gone') continue;
      if (content !== 'empty') {
        arrivals.push({ locator, arrivedAt, ...content });
        continue;
      }
      const since = emptySince.get(locator) ?? now().getTime();
      emptySince.set(locator, since);
      const waitedMs = now().getTime() - since;
      log.warn({ mailbox: name, locator, waitedMs }, 'a message file is empty or still grows');
      if (waitedMs >= limits.emptyBodyPatienceMs) {
        emptySince.delete(locator);
        arrivals.push({ locator, arrivedAt, raw: Buffer.alloc(0), oversized: null });
      }
    }
    return arrivals;
  };

  async function* drain(memory: MailboxMemory, callers: AbortSignal): AsyncGenerator<Batch> {
    const signal = AbortSignal.any([callers, ending.signal]);
    const seen = new Set<string>();
    startWatching();
    while (!signal.aborted) {
      news = false;
      const files = (await listMaildir(path, now())).filter(
        ({ unique, arrivedAt }) => arrivedAt >= memory.since && !seen.has(unique),
      );
      for (const { unique } of files) seen.add(unique);
      const fresh = await notStored(files, memory);
      if (fresh.length === 0) return;
      for (const batch of inBatches(fresh, limits)) {
        const arrivals = await readBatch(batch);
        if (arrivals.length > 0) yield { arrivals, cursor: null };
        if (signal.aborted) return;
      }
    }
  }

  const wait = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(finish, limits.pollIntervalMs);
      listeners.add(finish);
      for (const end of [signal, ending.signal]) end.addEventListener('abort', finish, { once: true });
      if (news || signal.aborted || ending.signal.aborted) finish();

      function finish(): void {
        clearTimeout(timer);
        listeners.delete(finish);
        for (const end of [signal, ending.signal]) end.removeEventListener('abort', finish);
        resolve();
      }
    });

  return {
    name,
    drain,
    wait,
    async list(since) {
      const files = await listMaildir(path, now());
      return files.filter(({ arrivedAt }) => arrivedAt >= since).map(({ unique }) => unique);
    },
    async check() {
      return `the Maildir ${path} can be read and holds ${(await listMaildir(path, now())).length} messages`;
    },
    async close() {
      ending.abort();
      for (const watcher of watchers.splice(0)) watcher.close();
    },
  };
}

async function notStored(files: readonly MaildirFile[], memory: MailboxMemory): Promise<MaildirFile[]> {
  const fresh: MaildirFile[] = [];
  for (const chunk of chunks(files, KNOWN_CHUNK)) {
    const known = await memory.known(chunk.map(({ unique }) => unique));
    fresh.push(...chunk.filter(({ unique }) => !known.has(unique)));
  }
  return fresh;
}
