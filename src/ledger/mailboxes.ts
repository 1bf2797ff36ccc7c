/** Mailboxes and what was found in them: the cursor moves only with the mail it passed (I1). */
import { sql } from 'kysely';
import type { MailboxName } from '../model.ts';
import type { Arrival, Cursor } from '../ports.ts';
import { type NewEvent, record } from './events.ts';
import { sha256 } from './hash.ts';
import type { Db, Tx } from './schema.ts';
import { plainText } from './text.ts';

/** Starts to remember a mailbox, or recalls since when its mail counts. */
export async function rememberMailbox(db: Db, name: MailboxName, since: Date): Promise<Date> {
  await db
    .insertInto('mailbox')
    .values({ name, since, position: 0 })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const row = await db.selectFrom('mailbox').select('since').where('name', '=', name).executeTakeFirstOrThrow();
  return row.since;
}

/** Since when a mailbox's mail counts; undefined while it was never read. */
export async function sinceOf(db: Db, name: MailboxName): Promise<Date | undefined> {
  return (await db.selectFrom('mailbox').select('since').where('name', '=', name).executeTakeFirst())?.since;
}

export async function cursorOf(db: Db, name: MailboxName): Promise<Cursor | null> {
  const row = await db.selectFrom('mailbox').select(['epoch', 'position']).where('name', '=', name).executeTakeFirst();
  return row?.epoch ? { epoch: row.epoch, position: row.position } : null;
}

/** Those of `locators` that were stored already. */
export async function knownLocators(
  db: Db,
  mailbox: MailboxName,
  locators: readonly string[],
): Promise<ReadonlySet<string>> {
  if (locators.length === 0) return new Set();
  const rows = await db
    .selectFrom('delivery')
    .select('locator')
    .where('mailbox', '=', mailbox)
    // One parameter, however many there are: a statement takes 65,535.
    .where(sql<boolean>`locator = any(${[...locators]}::text[])`)
    .execute();
  return new Set(rows.map((row) => row.locator));
}

/** A message to store, with what tells it apart from every other mail. */
export type Found = Arrival & { readonly fingerprint: string; readonly messageId: string | null };

/**
 * Stores a batch and moves the cursor, in one transaction. A mail that is here already gets one more delivery and nothing else.
 * @returns the mails that were not known before, by id, with their bytes.
 */
export function storeBatch(
  db: Db,
  mailbox: MailboxName,
  found: readonly Found[],
  cursor: Cursor | null,
): Promise<Map<number, Buffer>> {
  return db.transaction().execute(async (tx) => {
    const created = found.length > 0 ? await storeMails(tx, mailbox, found) : new Map<number, Buffer>();
    if (cursor) {
      await tx
        .updateTable('mailbox')
        .set({ epoch: cursor.epoch, position: cursor.position, updated_at: sql`now()` })
        .where('name', '=', mailbox)
        .execute();
    }
    return created;
  });
}

async function storeMails(tx: Tx, mailbox: MailboxName, found: readonly Found[]): Promise<Map<number, Buffer>> {
  // Always in one order: two pollers that store the same mails must not wait for each other in a circle.
  const byFingerprint = new Map(found.map((one) => [one.fingerprint, one]).sort() as [string, Found][]);
  const created = await tx
    .insertInto('mail')
    .values(
      [...byFingerprint.values()].map((one) => ({
        fingerprint: one.fingerprint,
        message_id: one.messageId && plainText(one.messageId),
        mailbox,
        arrived_at: one.arrivedAt,
        size: one.oversized ?? one.raw.length,
        ...unreadable(one),
      })),
    )
    .onConflict((conflict) => conflict.column('fingerprint').doNothing())
    .returning(['id', 'fingerprint'])
    .execute();
  const createdIds = new Map(created.map((row) => [row.fingerprint, row.id]));
  if (created.length > 0) {
    await tx
      .insertInto('original')
      .values(created.map((row) => original(row.id, (byFingerprint.get(row.fingerprint) as Found).raw)))
      .execute();
  }
  const ids = await idsOf(tx, [...byFingerprint.keys()], createdIds);
  const delivered = await tx
    .insertInto('delivery')
    .values(
      found.map((one) => ({
        mailbox,
        locator: one.locator,
        mail_id: ids.get(one.fingerprint) as number,
        arrived_at: one.arrivedAt,
      })),
    )
    .onConflict((conflict) => conflict.columns(['mailbox', 'locator']).doNothing())
    .returning(['mail_id', 'locator'])
    .execute();
  await record(
    tx,
    delivered.map((row) => deliveryEvent(mailbox, row, new Set(createdIds.values()))),
  );
  const fresh = [...createdIds].map(([print, id]) => [id, byFingerprint.get(print) as Found] as const);
  return new Map(fresh.filter(([, one]) => !unreadable(one)).map(([id, one]) => [id, one.raw]));
}

const original = (id: number, raw: Buffer) => ({ mail_id: id, raw, sha256: sha256(raw) });

async function idsOf(
  tx: Tx,
  fingerprints: readonly string[],
  created: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const ids = new Map(created);
  const rest = fingerprints.filter((fingerprint) => !ids.has(fingerprint));
  if (rest.length === 0) return ids;
  const rows = await tx.selectFrom('mail').select(['id', 'fingerprint']).where('fingerprint', 'in', rest).execute();
  for (const row of rows) ids.set(row.fingerprint, row.id);
  return ids;
}

function deliveryEvent(
  mailbox: MailboxName,
  row: { mail_id: number; locator: string },
  created: ReadonlySet<number>,
): NewEvent {
  const first = created.has(row.mail_id);
  return {
    mailId: row.mail_id,
    what: first ? 'stored' : 'delivered again',
    because: first
      ? `found in mailbox ${mailbox} as ${row.locator}`
      : `the same mail lies in mailbox ${mailbox} as ${row.locator}`,
  };
}

/** What cannot be read at all is set aside at once, with its cause. */
function unreadable(one: Found): { state: 'quarantined'; because: string } | undefined {
  if (one.oversized !== null) {
    return { state: 'quarantined', because: `too large: ${one.oversized} bytes, only its header was read` };
  }
  if (one.raw.length === 0) return { state: 'quarantined', because: 'the server has no content for it' };
  return undefined;
}
