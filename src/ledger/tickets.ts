/** Tickets, their decisions and their history. */
import { sql } from 'kysely';
import { IntakeError } from '../errors.ts';
import type { Actor, Decision, Enquiry, MailboxName } from '../model.ts';
import type { Db, Tx } from './schema.ts';
import { jsonText, plainText } from './text.ts';

/** `P-1042` <-> 1042. */
export const ticketNumber = (id: number): string => `P-${id}`;

/** The id in a ticket number, whichever way it is typed; undefined when it is none. */
export function ticketId(number: string): number | undefined {
  const match = /^(?:p-?)?(\d{1,15})$/i.exec(number.trim());
  return match ? Number(match[1]) : undefined;
}

export type NewTicket = {
  readonly mailId: number;
  readonly sender: string;
  readonly subject: string;
  readonly mailbox: MailboxName;
  readonly enquiry: Enquiry;
  readonly decision: Decision;
  readonly directoryPending: boolean;
  /** The registered partner's; null for a sender who is not. */
  readonly partnerDomain?: string | null;
  readonly now: Date;
};

/**
 * Makes the ticket of a mail, with its first decision, in one statement. One ticket for one mail: when another run was
 * faster (it is waited for) nothing is made, and undefined returned.
 */
export async function createTicket(tx: Tx, ticket: NewTicket): Promise<number | undefined> {
  const superadmin = superadminOf(ticket.enquiry, ticket.decision);
  const decision = jsonText(ticket.decision);
  const row = await tx
    .with('created', (db) =>
      db
        .insertInto('ticket')
        .values({
          mail_id: ticket.mailId,
          sender: plainText(ticket.sender),
          subject: plainText(ticket.subject),
          mailbox: ticket.mailbox,
          superadmin_email: superadmin?.email ?? null,
          superadmin_by: superadmin?.by ?? null,
          directory_pending: ticket.directoryPending,
          partner_domain: ticket.partnerDomain ?? null,
          enquiry: jsonText(ticket.enquiry),
          decision,
          created_at: ticket.now,
        })
        .onConflict((conflict) => conflict.column('mail_id').doNothing())
        .returning('id'),
    )
    .insertInto('decision')
    .columns(['ticket_id', 'mail_id', 'at', 'trigger', 'decision'])
    .expression((db) =>
      db
        .selectFrom('created')
        .select((eb) => [
          'created.id',
          eb.val(ticket.mailId).as('mail_id'),
          sql<Date>`${ticket.now}::timestamptz`.as('at'),
          eb.val('mail').as('trigger'),
          sql<string>`${decision}::jsonb`.as('decision'),
        ]),
    )
    .returning('ticket_id')
    .executeTakeFirst();
  return row?.ticket_id;
}

/** "Customer Primary Email Address": what the partner gave, else what the directory knows. */
function superadminOf(enquiry: Enquiry, decision: Decision): { email: string; by: Actor } | null {
  if (decision.account) return { email: decision.account.superadminEmail, by: 'daemon' };
  const given = enquiry.fields.superadminEmail?.value;
  return given ? { email: given, by: 'partner' } : null;
}

export type TicketRow = {
  readonly id: number;
  readonly mail_id: number;
  readonly mailbox: MailboxName;
  readonly sender: string;
  readonly subject: string;
  readonly superadmin_email: string | null;
  readonly superadmin_by: Actor | null;
  readonly directory_pending: boolean;
  readonly enquiry: Enquiry;
  readonly decision: Decision;
  /** When its texts were dropped: then nothing can be decided again. */
  readonly texts_dropped_at: Date | null;
};

const columns = [
  'id',
  'mail_id',
  'mailbox',
  'sender',
  'subject',
  'superadmin_email',
  'superadmin_by',
  'directory_pending',
  'enquiry',
  'decision',
  'texts_dropped_at',
] as const;

/** Finds a ticket; with `lock` it is held until the transaction ends, so that decisions follow one another. */
export async function findTicket(db: Db, id: number, options: { lock?: boolean } = {}): Promise<TicketRow | undefined> {
  const query = db.selectFrom('ticket').select(columns).where('id', '=', id);
  return await (options.lock ? query.forUpdate() : query).executeTakeFirst();
}

/** As findTicket. @throws IntakeError `permanent` when there is none. */
export async function getTicket(db: Db, id: number, options: { lock?: boolean } = {}): Promise<TicketRow> {
  const ticket = await findTicket(db, id, options);
  if (!ticket)
    throw new IntakeError('permanent', 'no-ticket', `there is no ticket ${ticketNumber(id)}`, { ticket: id });
  return ticket;
}

/** Whether an associate has marked it resolved, and nobody reopened it. */
export async function isResolved(db: Db, id: number): Promise<boolean> {
  const row = await db.selectFrom('ticket').select('status').where('id', '=', id).executeTakeFirst();
  return row?.status === 'resolved';
}

export type Redecision = {
  readonly ticketId: number;
  readonly mailId: number | null;
  readonly trigger: string;
  readonly enquiry: Enquiry;
  readonly decision: Decision;
  readonly superadmin: { readonly email: string; readonly by: Actor } | null;
  readonly directoryPending: boolean;
  /** The registered partner's; null leaves what is known. */
  readonly partnerDomain?: string | null;
  readonly now: Date;
};

/** Puts a new decision on a ticket; the ones before it stay in `decision`. */
export async function redecide(tx: Tx, change: Redecision): Promise<void> {
  await tx
    .updateTable('ticket')
    .set({
      enquiry: jsonText(change.enquiry),
      decision: jsonText(change.decision),
      superadmin_email: change.superadmin?.email ?? null,
      superadmin_by: change.superadmin?.by ?? null,
      directory_pending: change.directoryPending,
      untold: true,
      // A ticket of an older ledger, or of a sender whose company registered later, does not have it yet.
      ...(change.partnerDomain ? { partner_domain: change.partnerDomain } : {}),
      updated_at: sql`now()`,
    })
    .where('id', '=', change.ticketId)
    .execute();
  await keepDecision(tx, change);
}

async function keepDecision(
  tx: Tx,
  kept: { ticketId: number; mailId: number | null; trigger: string; decision: Decision; now: Date },
): Promise<void> {
  await tx
    .insertInto('decision')
    .values({
      ticket_id: kept.ticketId,
      mail_id: kept.mailId,
      at: kept.now,
      trigger: kept.trigger,
      decision: jsonText(kept.decision),
    })
    .execute();
}

/** Some of the tickets that wait for the directory's answer: others each time, so that those it never answers for hold up nobody. */
export async function pendingTickets(db: Db, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('ticket')
    .select('id')
    .where('directory_pending', '=', true)
    .orderBy(sql`random()`)
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}
