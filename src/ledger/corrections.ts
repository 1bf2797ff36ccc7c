/** Severities that associates set by hand, each with what the rules had said. */
import { sql } from 'kysely';
import type { Decision, Enquiry, MailboxName, ParsedMail } from '../model.ts';
import type { Db } from './schema.ts';

export type CorrectionRow = {
  readonly ticketId: number;
  readonly mailbox: MailboxName;
  readonly arrivedAt: Date;
  readonly mail: ParsedMail;
  readonly enquiry: Enquiry;
  readonly override: NonNullable<Decision['override']>;
  readonly before: Decision['severity'];
};

/** The one that counts on each ticket, set at or after `since`, the oldest first; those that say what the rules said, and erased ones, are none. */
export async function corrections(db: Db, since: Date): Promise<CorrectionRow[]> {
  const { rows } = await sql<CorrectionRow>`
    select ticket.id as "ticketId", ticket.mailbox, mail.arrived_at as "arrivedAt", mail.parsed as mail, ticket.enquiry,
      ticket.decision->'override' as override, ruled.severity as before
    from ticket join mail on mail.id = ticket.mail_id
    cross join lateral (select decision->>'severity' as severity from decision
      where ticket_id = ticket.id and not decision ? 'override' order by id desc limit 1) as ruled
    where ticket.decision ? 'override' and (ticket.decision->'override'->>'at')::timestamptz >= ${since}::timestamptz
      and ruled.severity is distinct from ticket.decision->'override'->>'severity'
      and ticket.texts_dropped_at is null and mail.parsed is not null
    order by ticket.decision->'override'->>'at', ticket.id`.execute(db);
  return rows;
}
