/** The ledger's diary: every step a mail or a ticket took, by whom, and why. */
import type { Actor } from '../model.ts';
import type { Db } from './schema.ts';
import { plainText } from './text.ts';

export type NewEvent = {
  readonly mailId?: number | null;
  readonly ticketId?: number | null;
  readonly by?: Actor;
  readonly what: string;
  readonly because: string;
};

/** Writes events, in the order given. Call it inside the transaction that does what they tell. */
export async function record(db: Db, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await db
    .insertInto('event')
    .values(
      events.map((event) => ({
        mail_id: event.mailId ?? null,
        ticket_id: event.ticketId ?? null,
        by: event.by ?? 'daemon',
        what: plainText(event.what),
        because: plainText(event.because),
      })),
    )
    .execute();
}

export type HistoryEntry = { readonly at: string; readonly by: Actor; readonly what: string; readonly because: string };

/** The history of a ticket: its own events and those of the mails in it, oldest first. */
export async function historyOf(db: Db, ticketId: number): Promise<HistoryEntry[]> {
  const rows = await db
    .selectFrom('event')
    .select(['at', 'by', 'what', 'because'])
    .where((eb) =>
      eb.or([
        eb('ticket_id', '=', ticketId),
        eb('mail_id', 'in', eb.selectFrom('mail').select('id').where('ticket_id', '=', ticketId)),
      ]),
    )
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** Every step of the mails with this Message-ID, oldest first. */
export async function traceOf(db: Db, messageId: string): Promise<(HistoryEntry & { mailId: number })[]> {
  const rows = await db
    .selectFrom('mail')
    .innerJoin('event', 'event.mail_id', 'mail.id')
    .select(['mail.id as mailId', 'event.at', 'event.by', 'event.what', 'event.because'])
    .where('mail.message_id', '=', messageId)
    .orderBy('event.id')
    .execute();
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
