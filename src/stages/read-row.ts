/** A mail as the stages that decide see it: its row, with what was read from it; and a decision in words. */
import type { mails } from '../ledger/index.ts';
import type { Decision, Enquiry, ParsedMail, Partner } from '../model.ts';

export type ReadMailRow = mails.MailRow & { readonly parsed: ParsedMail; readonly enquiry: Enquiry };

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
