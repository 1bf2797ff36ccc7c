/** A mail as the stages that decide see it: its row, with what was read from it; and a decision in words. */
import { IntakeError } from '../errors.ts';
import { mails } from '../ledger/index.ts';
import type { Db } from '../ledger/schema.ts';
import type { Decision, Enquiry, ParsedMail, Partner } from '../model.ts';

export type ReadMailRow = mails.MailRow & { readonly parsed: ParsedMail; readonly enquiry: Enquiry };

/** A mail of a ticket. @throws IntakeError `permanent` when it was never read */
export async function readingOf(db: Db, mailId: number): Promise<ReadMailRow> {
  const mail = await mails.findMail(db, mailId);
  if (!mail?.parsed || !mail.enquiry)
    throw new IntakeError('permanent', 'never-read', `mail ${mailId} of a ticket was never read`, { mail: mailId });
  return { ...mail, parsed: mail.parsed, enquiry: mail.enquiry };
}

/** Whom the once-per-window rules count: the registered partner, else the sender alone. */
export const partnerKey = (partner: Partner | null, mail: ParsedMail): string =>
  partner?.domain ?? mail.from.address.toLowerCase();

/** A decision in one line for the history. */
export function summary(decision: Decision): string {
  const what = [
    decision.severity ?? 'no severity',
    ...(decision.priorityCustomer ? ['priority customer'] : []),
    ...(decision.provisional ? ['provisional'] : []),
    decision.requestNature,
  ].join(', ');
  return `${what}: ${decision.reasons.map((reason) => reason.because).join('; ')}`;
}
