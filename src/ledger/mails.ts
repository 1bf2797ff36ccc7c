/** Mails on their way: what is stored, what was read from it, how it ended. */
import { sql } from 'kysely';
import { IntakeError } from '../errors.ts';
import type { Enquiry, MailboxName, MailState, ParsedMail } from '../model.ts';
import { keepAttachments } from './attachments.ts';
import { markUntold } from './desk-plans.ts';
import { record } from './events.ts';
import { sha256 } from './hash.ts';
import type { Db, Tx } from './schema.ts';
import { jsonText, plainText } from './text.ts';

/** States in which there is still something to do. */
export const UNFINISHED: readonly MailState[] = ['received', 'parsed'];
const QUARANTINE_CAUSE_LENGTH = 500;

export type MailRow = {
  readonly id: number;
  readonly fingerprint: string;
  readonly mailbox: MailboxName;
  readonly arrivedAt: Date;
  readonly storedAt: Date;
  readonly state: MailState;
  readonly attempts: number;
  readonly parsed: ParsedMail | null;
  readonly enquiry: Enquiry | null;
};

/** A mail and what was read from it so far; undefined when there is no such id. */
export async function findMail(db: Db, id: number): Promise<MailRow | undefined> {
  return await db
    .selectFrom('mail')
    .select([
      'id',
      'fingerprint',
      'mailbox',
      'arrived_at as arrivedAt',
      'stored_at as storedAt',
      'state',
      'attempts',
      'parsed',
      'enquiry',
    ])
    .where('id', '=', id)
    .executeTakeFirst();
}

/**
 * The mail as it came.
 * @throws IntakeError `permanent`: `no-original`; `original-dropped` by retention or erasure; `original-damaged` when the bytes are not those that came.
 */
export async function originalOf(db: Db, id: number): Promise<Buffer> {
  const row = await db.selectFrom('original').selectAll().where('mail_id', '=', id).executeTakeFirst();
  const refuse = (code: string, why: string) => new IntakeError('permanent', code, `mail ${id} ${why}`, { mail: id });
  if (!row) throw refuse('no-original', 'has no stored original');
  if (row.raw === null)
    throw refuse(
      'original-dropped',
      `has no original any more: ${row.dropped_because} dropped it on ${row.dropped_at?.toISOString().slice(0, 10)}`,
    );
  if (sha256(row.raw) !== row.sha256)
    throw refuse(
      'original-damaged',
      'has a damaged original (its bytes are not those that came): restore it from a backup',
    );
  return row.raw;
}

export type Reading = { readonly id: number; readonly mail: ParsedMail; readonly enquiry: Enquiry };

/** Keeps what was read from mails; what another run kept first stays. */
export async function keepReadings(db: Db, readings: readonly Reading[]): Promise<void> {
  if (readings.length === 0) return;
  await inTransaction(db, async (tx) => {
    const rows = readings.map(
      (one) =>
        sql`(${one.id}::bigint, ${one.mail.kind}, ${jsonText(one.mail)}::jsonb, ${jsonText(one.enquiry)}::jsonb)`,
    );
    const { rows: kept } = await sql<{ id: number; kind: string }>`
      update mail set state = 'parsed', kind = v.kind, parsed = v.parsed, enquiry = v.enquiry, updated_at = now()
      from (values ${sql.join(rows)}) as v(id, kind, parsed, enquiry)
      where mail.id = v.id and mail.state = 'received' returning mail.id, mail.kind`.execute(tx);
    const read = new Map(readings.map((one) => [one.id, one]));
    await keepAttachments(
      tx,
      kept.map((row) => read.get(row.id) as Reading),
    );
    await record(
      tx,
      kept.map((row) => ({
        mailId: row.id,
        what: `read as ${row.kind}`,
        because: (read.get(row.id) as Reading).mail.kindBecause,
      })),
    );
  });
}

/** Ends a mail (I3), as exactly one of the four final states; false when it had ended already. */
export async function settle(
  tx: Tx,
  id: number,
  end: { state: MailState; because: string; ticketId?: number },
): Promise<boolean> {
  const row = await tx
    .updateTable('mail')
    .set({
      state: end.state,
      because: plainText(end.because),
      ticket_id: end.ticketId ?? null,
      next_attempt_at: null,
      updated_at: sql`now()`,
    })
    .where('id', '=', id)
    .where('state', 'in', UNFINISHED)
    .returning('id')
    .executeTakeFirst();
  if (row && end.state === 'appended' && end.ticketId !== undefined) await markUntold(tx, end.ticketId);
  return row !== undefined;
}

/** Ends a mail with no ticket, in a transaction of its own. */
export async function setAside(
  db: Db,
  id: number,
  state: 'suppressed' | 'quarantined',
  because: string,
): Promise<boolean> {
  return await inTransaction(db, async (tx) => {
    const cause = because.slice(0, QUARANTINE_CAUSE_LENGTH);
    const settled = await settle(tx, id, { state, because: cause });
    if (settled) await record(tx, [{ mailId: id, what: state, because: cause }]);
    return settled;
  });
}

/** Notes that a step failed and when it may be tried again. */
export async function postpone(db: Db, id: number, because: string, next: Date): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('mail')
      .set((eb) => ({ attempts: eb('attempts', '+', 1), next_attempt_at: next, updated_at: sql`now()` }))
      .where('id', '=', id)
      .where('state', 'in', UNFINISHED)
      .execute();
    await record(tx, [{ mailId: id, what: 'will be tried again', because: because.slice(0, QUARANTINE_CAUSE_LENGTH) }]);
  });
}

/** Unfinished mails that nobody has touched since `before`, oldest first: for the sweep. */
export async function unfinishedMails(db: Db, before: Date, now: Date, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('mail')
    .select('id')
    .where('state', 'in', UNFINISHED)
    .where('updated_at', '<=', before)
    .where((eb) => eb.or([eb('next_attempt_at', 'is', null), eb('next_attempt_at', '<=', now)]))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** Runs `work` in the transaction there is, else in one of its own. */
function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db as Tx) : db.transaction().execute(work);
}
