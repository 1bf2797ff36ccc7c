import { open } from 'node:fs/promises';
import { createReaderPool, type ReaderPool } from '../adapters/reader-pool.ts';
import type { Config } from '../config.ts';
import { messageOf, UsageError, UserError } from '../errors.ts';
import { attachmentsByHash } from '../ledger/attachments.ts';
import type { Db } from '../ledger/schema.ts';
import { findTicket, ticketId, ticketNumber } from '../ledger/tickets.ts';
import { loadPolicy } from '../policy.ts';
import type { TakeAttachment } from '../stages/context.ts';
import { attachmentBytes, type TicketAttachment, ticketAttachments } from '../stages/ticket-attachments.ts';
import { attachmentLine, SHOWN_DIGITS } from './attachment-line.ts';
import { noSuchTicket, parseTicketNumber, say, sayJson, withLedger } from './support.ts';

const ENOUGH_OF_A_HASH = new RegExp(`^[0-9a-f]{${SHOWN_DIGITS},64}$`, 'i');

/** `attachments NUMBER [--json]`: what came with the mails of a ticket, each file once. */
export async function attachments(number: string, options: { json?: boolean }): Promise<void> {
  const id = parseTicketNumber(number);
  await withLedger(async ({ db }, config) => {
    if (!(await findTicket(db, id))) throw noSuchTicket(id);
    await using reader = lazyReader(config);
    const all = await ticketAttachments(db, id, (raw) => reader.pool().read(raw));
    if (options.json) for (const one of all) sayJson(one);
    else say(all.length > 0 ? all.map(attachmentLine).join('\n') : `${ticketNumber(id)} has no attachments.`);
  });
}

export type SaveOptions = { readonly out: string; readonly force?: boolean };

/** `attachment NUMBER N|HASH --out FILE [--force]`: writes the bytes of one into a new file. */
export async function attachment(which: string, n: string | undefined, options: SaveOptions): Promise<void> {
  await withLedger(async ({ db }, config) => {
    const one = n === undefined ? await byHash(db, which) : await byNumber(db, which, n);
    if (one.dangerous !== null && !options.force)
      throw new UserError(`${name(one)} is dangerous: ${one.dangerous}: --force writes it all the same`);
    await using reader = lazyReader(config);
    const takeAttachment: TakeAttachment = (raw, sha256) => reader.pool().attachment(raw, sha256);
    const bytes = await attachmentBytes({ db, takeAttachment }, one);
    if (!bytes) throw new UserError(`${name(one)} is not in mail ${one.mailId} as it is read now`);
    await write(options.out, bytes);
    say(`${options.out}: ${bytes.length} bytes, SHA-256 ${one.sha256}`);
  });
}

/** Threads that read mail, begun when the first is to be read. */
function lazyReader({ policyDir }: Pick<Config, 'policyDir'>): AsyncDisposable & { pool(): ReaderPool } {
  let pool: ReaderPool | undefined;
  return {
    pool: () => (pool ??= createReaderPool({ policy: loadPolicy(policyDir), threads: 1 })),
    [Symbol.asyncDispose]: async () => await pool?.close(),
  };
}

const name = ({ filename, sha256 }: TicketAttachment): string =>
  filename === '' ? `attachment ${sha256.slice(0, SHOWN_DIGITS)}` : filename;

async function byNumber(db: Db, ticket: string, n: string): Promise<TicketAttachment> {
  const id = parseTicketNumber(ticket);
  if (!/^\d{1,4}$/.test(n))
    throw new UsageError(`"${n}" is no number of an attachment: partner-intake attachments ${ticket} shows them`);
  if (!(await findTicket(db, id))) throw noSuchTicket(id);
  const one = (await ticketAttachments(db, id)).find(({ number }) => number === Number(n));
  if (!one)
    throw new UserError(
      `${ticketNumber(id)} has no attachment ${n}: partner-intake attachments ${ticketNumber(id)} shows them`,
    );
  return one;
}

async function byHash(db: Db, start: string): Promise<TicketAttachment> {
  if (!ENOUGH_OF_A_HASH.test(start)) {
    const hint = ticketId(start) === undefined ? '' : ' (of a ticket, give its number as well: attachment P-1042 1)';
    throw new UsageError(`"${start}" is no hash: write ${SHOWN_DIGITS} or more of its digits${hint}`);
  }
  const found = await attachmentsByHash(db, start);
  if (new Set(found.map(({ sha256 }) => sha256)).size > 1)
    throw new UserError(`${start} begins several hashes: write more of its digits`);
  const [one] = found;
  if (!one)
    throw new UserError(
      `no attachment has the hash ${start}: partner-intake attachments NUMBER shows those of a ticket`,
    );
  return one;
}

/** Never over a file that is there. */
async function write(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'EEXIST' ? 'is there already: give another name' : `cannot be written: ${messageOf(error)}`;
    throw new UserError(`${path} ${why}`);
  });
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}
