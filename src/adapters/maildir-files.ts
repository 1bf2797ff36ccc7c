/** The files of a Maildir: a message keeps its base name while mail programs move it from new/ to cur/ and flag it. */
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IntakeError } from '../errors.ts';
import { headerOf, isOversized } from './mailbox-batches.ts';
import type { MailboxLimits } from './mailbox-limits.ts';

export type MaildirFile = {
  /** The name without flags (":2,S"): names the message for good. */
  readonly unique: string;
  readonly path: string;
  readonly size: number;
  readonly arrivedAt: Date;
};

/** `empty`: there is nothing in it, or it still grows. `gone`: deleted meanwhile. */
export type FileContent = { readonly raw: Buffer; readonly oversized: number | null } | 'empty' | 'gone';

const FOLDERS = ['new', 'cur'] as const;
/** A message can be moved while we look: this often it is looked for again. */
const FIND_TRIES = 5;
/** Delivery times in file names are seconds since 1970; a smaller number is none (2001-09-09). */
const EARLIEST_DELIVERY_S = 1_000_000_000;
const DAY_MS = 24 * 60 * 60_000;

/** Both folders' paths: what a watcher looks at. */
export const watchedFolders = (maildir: string): string[] => FOLDERS.map((folder) => join(maildir, folder));

const uniqueOf = (fileName: string): string => fileName.split(':', 1)[0] ?? fileName;

/**
 * All messages, oldest first, each once.
 * @throws IntakeError `permanent`, code `config`, when the folders are missing
 */
export async function listMaildir(maildir: string, now: Date): Promise<MaildirFile[]> {
  const byUnique = new Map<string, MaildirFile>();
  for (const folder of FOLDERS) {
    for (const name of await namesIn(maildir, folder)) {
      const file = await describe(join(maildir, folder, name), name, now);
      if (file) byUnique.set(file.unique, file);
    }
  }
  return [...byUnique.values()].sort(byArrival);
}

/** Reads a message where it lies now; never changes it. */
export async function readMessage(maildir: string, file: MaildirFile, limits: MailboxLimits): Promise<FileContent> {
  let path: string | null = file.path;
  for (let tried = 0; path !== null && tried < FIND_TRIES; tried++) {
    try {
      return await readFileWithin(path, limits);
    } catch (error) {
      if (!isMissing(error)) throw toMaildirError(error, maildir);
      path = await find(maildir, file.unique);
    }
  }
  return 'gone';
}

/** Where a message lies now, or null. */
export async function find(maildir: string, unique: string): Promise<string | null> {
  for (const folder of FOLDERS) {
    const name = (await namesIn(maildir, folder)).find((candidate) => uniqueOf(candidate) === unique);
    if (name) return join(maildir, folder, name);
  }
  return null;
}

function toMaildirError(error: unknown, maildir: string): IntakeError {
  if (error instanceof IntakeError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const words = `${maildir} is no Maildir: correct the path, or make it with mkdir -p ${maildir}/cur ${maildir}/new ${maildir}/tmp`;
    return new IntakeError('permanent', 'config', words, { path: maildir }, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const words = `${maildir} may not be read: give this user the right to`;
    return new IntakeError('permanent', 'config', words, { path: maildir }, { cause: error });
  }
  return new IntakeError('temporary', 'disk', `${maildir}: ${code}`, { path: maildir }, { cause: error });
}

async function namesIn(maildir: string, folder: string): Promise<string[]> {
  try {
    return (await readdir(join(maildir, folder))).filter((name) => !name.startsWith('.'));
  } catch (error) {
    throw toMaildirError(error, maildir);
  }
}

async function describe(path: string, name: string, now: Date): Promise<MaildirFile | null> {
  const found = await stat(path).catch(() => null);
  // Gone since the listing: it was moved (the next listing has it) or deleted.
  if (!found?.isFile()) return null;
  return { unique: uniqueOf(name), path, size: found.size, arrivedAt: deliveryTime(name, now) ?? found.mtime };
}

/** The leading number of the name, if it can be a time. */
function deliveryTime(name: string, now: Date): Date | null {
  const seconds = Number(/^(\d+)[.\-_]/.exec(name)?.[1]);
  if (!(seconds >= EARLIEST_DELIVERY_S) || seconds * 1000 > now.getTime() + DAY_MS) return null;
  return new Date(seconds * 1000);
}

async function readFileWithin(path: string, limits: MailboxLimits): Promise<FileContent> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size === 0) return 'empty';
    if (isOversized({ size }, limits)) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(limits.maxHeaderBytes), 0, limits.maxHeaderBytes, 0);
      return { raw: headerOf(buffer.subarray(0, bytesRead), limits.maxHeaderBytes), oversized: size };
    }
    const raw = await file.readFile();
    // Copied into new/ by hand and not finished yet: a delivery by the book would have been renamed into place.
    return raw.length === size && (await file.stat()).size === size ? { raw, oversized: null } : 'empty';
  } finally {
    await file.close();
  }
}

const byArrival = (a: MaildirFile, b: MaildirFile): number =>
  a.arrivedAt.getTime() - b.arrivedAt.getTime() || (a.unique < b.unique ? -1 : 1);

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
