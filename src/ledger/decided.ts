/** Mails that were decided by themselves, to be decided again under other rules: read, never written. */
import type { Enquiry, MailboxName, ParsedMail, SeverityOverride } from '../model.ts';
import type { Db } from './schema.ts';
import { ticketNumber } from './tickets.ts';

export type DecidedMail = {
  readonly id: number;
  /** `P-1042`; null for automatic mail, which was set aside. */
  readonly ticket: string | null;
  readonly mailbox: MailboxName;
  readonly arrivedAt: Date;
  readonly parsed: ParsedMail;
  /** As it was read from the mail; and as the ticket has it now, with what answers and associates filled in. */
  readonly read: Enquiry;
  readonly enquiry: Enquiry;
  readonly override: SeverityOverride | undefined;
};

/**
 * The ids of the last `limit` such mails, oldest first. Left out are answers, to a ticket or (set aside, though no program wrote them)
 * to a notice of ours, which decide nothing alone, and mails whose texts were dropped; those without their bytes as well when they
 * are to be `reread`.
 */
export async function lastDecided(db: Db, limit: number, options: { reread?: boolean } = {}): Promise<number[]> {
  let query = db
    .selectFrom('mail')
    .select('id')
    .where('state', 'in', ['ticketed', 'suppressed'])
    .where('parsed', 'is not', null)
    .where('texts_dropped_at', 'is', null)
    .where((where) => where.or([where('state', '=', 'ticketed'), where('kind', '!=', 'request')]))
    .orderBy('id', 'desc')
    .limit(limit);
  if (options.reread)
    query = query.where('id', 'in', db.selectFrom('original').select('mail_id').where('raw', 'is not', null));
  const rows = await query.execute();
  return rows.map((row) => row.id).reverse();
}

/** These mails with what was read from them, in the order of their ids. */
export async function decidedMails(db: Db, ids: readonly number[]): Promise<DecidedMail[]> {
  const rows = await db
    .selectFrom('mail')
    .leftJoin('ticket', 'ticket.mail_id', 'mail.id')
    .select([
      'mail.id',
      'ticket.id as ticketId',
      'mail.mailbox',
      'mail.arrived_at as arrivedAt',
      'mail.parsed',
      'mail.enquiry as read',
      'ticket.enquiry',
      'ticket.decision',
    ])
    .where('mail.id', 'in', ids)
    .orderBy('mail.id')
    .execute();
  return rows.flatMap(({ ticketId, decision, parsed, read, enquiry, ...row }) =>
    parsed && read
      ? [
          {
            ...row,
            parsed,
            read,
            enquiry: enquiry ?? read,
            ticket: ticketId === null ? null : ticketNumber(ticketId),
            override: decision?.override,
          },
        ]
      : [],
  );
}
