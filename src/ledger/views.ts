/** Tickets as INTERFACES shows them. */

import type { Decision } from '../model.ts';
import { clockViews, deadlinesOf } from './clock-views.ts';
import { historyOf } from './events.ts';
import type { Db } from './schema.ts';
import { ticketNumber } from './tickets.ts';

export type TicketView = Awaited<ReturnType<typeof listTickets>>[number];

/** All tickets, or the first `limit`, oldest first. */
export async function listTickets(db: Db, options: { limit?: number; id?: number } = {}) {
  let query = db
    .selectFrom('ticket')
    .innerJoin('mail', 'mail.id', 'ticket.mail_id')
    .select([
      'ticket.id',
      'mail.message_id',
      'mail.id as mail_id',
      'ticket.sender',
      'ticket.subject',
      'ticket.status',
      'ticket.superadmin_email',
      'ticket.decision',
      'ticket.enquiry',
      'ticket.created_at',
      'ticket.escalation',
      'ticket.answered_after_resolved',
    ])
    .orderBy('ticket.id');
  if (options.id !== undefined) query = query.where('ticket.id', '=', options.id);
  if (options.limit !== undefined) query = query.limit(options.limit);
  const rows = await query.execute();
  const mailboxes = await mailboxesOf(db, options.id);
  const replies = await repliesOf(db, options.id);
  const clocks = await clockViews(db, options.id);
  return rows.map((row) => ({
    number: ticketNumber(row.id),
    messageId: row.message_id,
    mailboxes: mailboxes.get(row.mail_id) ?? [],
    from: row.sender,
    partner: row.decision.partner?.name ?? null,
    subject: row.subject,
    severity: row.decision.severity,
    priorityCustomer: row.decision.priorityCustomer,
    provisional: row.decision.provisional,
    superadminEmail: row.superadmin_email,
    region: row.decision.region,
    requestNature: row.decision.requestNature,
    status: row.status,
    createdAt: row.created_at.toISOString(),
    /** As they are now, after pauses and changes. */
    deadlines: deadlinesOf(clocks.get(row.id)) ?? row.decision.deadlines,
    clock: clocks.get(row.id) ?? [],
    replies: replies.get(row.id) ?? [],
    reasons: row.decision.reasons,
    enquiry: row.enquiry,
    decision: {
      ...tagged(row.decision, [
        ...(row.escalation ? ['escalation-wished'] : []),
        ...(row.answered_after_resolved ? [LATE_ANSWER_TAG] : []),
      ]),
      // The clock's, so that nothing shown contradicts it; the ledger keeps them as they were decided.
      deadlines: deadlinesOf(clocks.get(row.id)) ?? row.decision.deadlines,
    },
  }));
}

/** One ticket with its decision, history and mails; undefined when there is none. */
export async function showTicket(db: Db, id: number) {
  const [ticket] = await listTickets(db, { id });
  if (!ticket) return undefined;
  const { reasons: _, ...view } = ticket;
  const mails = await db.selectFrom('mail').select('message_id').where('ticket_id', '=', id).orderBy('id').execute();
  return { ...view, history: await historyOf(db, id), mails: mails.map((mail) => mail.message_id) };
}

/** The partner wrote again on a resolved ticket: an associate has to look. */
export const LATE_ANSWER_TAG = 'answered-after-resolved';

/** What is the ticket's, not a decision's: it stays when the ticket is decided again. */
const tagged = (decision: Decision, tags: readonly string[]): Decision => ({
  ...decision,
  tags: [...decision.tags, ...tags],
});

async function mailboxesOf(db: Db, ticketId?: number): Promise<Map<number, string[]>> {
  let query = db
    .selectFrom('delivery')
    .innerJoin('ticket', 'ticket.mail_id', 'delivery.mail_id')
    .select(['delivery.mail_id', 'delivery.mailbox'])
    .distinct()
    .orderBy('delivery.mailbox');
  if (ticketId !== undefined) query = query.where('ticket.id', '=', ticketId);
  const grouped = Map.groupBy(await query.execute(), (row) => row.mail_id);
  return new Map([...grouped].map(([mailId, rows]) => [mailId, rows.map((row) => row.mailbox as string)]));
}

async function repliesOf(db: Db, ticketId?: number) {
  let query = db
    .selectFrom('reply')
    .select([
      'ticket_id',
      'kind',
      'recipient as to',
      'state',
      'message_id as messageId',
      'bounced_at',
      'bounced_because',
    ])
    .where('ticket_id', 'is not', null)
    .orderBy('id');
  if (ticketId !== undefined) query = query.where('ticket_id', '=', ticketId);
  const grouped = Map.groupBy(await query.execute(), (row) => row.ticket_id);
  return new Map(
    [...grouped].map(([id, rows]) => [
      id,
      rows.map(({ ticket_id: _, bounced_at, bounced_because, ...reply }) => ({
        ...reply,
        ...(bounced_at ? { bounced: { at: bounced_at.toISOString(), because: bounced_because ?? '' } } : {}),
      })),
    ]),
  );
}
