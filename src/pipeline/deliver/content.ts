/** A ticket of the ledger as text for another ticket system. */
import type { Decision, Enquiry, FieldName, ParsedMail } from '../../model.ts';
import type { TicketContent } from '../../ticket-model.ts';
import { fieldsOf } from './fields.ts';

/** In the order of the template. */
const LABELS: readonly (readonly [FieldName, string])[] = [
  ['customerEmail', 'Customer email'],
  ['superadminEmail', 'Super admin email'],
  ['requestType', 'Request type'],
  ['product', 'Product'],
  ['reproducible', 'Reproducible'],
  ['zuid', 'ZUID'],
  ['zoid', 'ZOID'],
  ['zgid', 'ZGID'],
  ['serviceOrganisationId', 'Service organisation ID'],
];

type Ticket = {
  readonly number: string;
  readonly subject: string;
  readonly superadmin_email: string | null;
  readonly enquiry: Enquiry;
  readonly decision: Decision;
};

/** What the partner wrote comes first: associates read it there, and answer it. What was read from it stands below. */
export function contentOf(ticket: Ticket, mail: ParsedMail): TicketContent {
  const given = LABELS.flatMap(([field, label]) => {
    const value = ticket.enquiry.fields[field]?.value;
    return value ? [`${label}: ${value}`] : [];
  });
  const origin = [
    `From: ${mail.from.name ? `${mail.from.name} <${mail.from.address}>` : mail.from.address}`,
    ...(mail.date ? [`Date: ${mail.date}`] : []),
    ...(mail.to.length > 0 ? [`To: ${mail.to.join(', ')}`] : []),
    ...(mail.degraded ? [`Could not be read in full: ${mail.degradedBecause ?? 'see the original'}`] : []),
  ];
  return {
    number: ticket.number,
    subject: ticket.subject,
    description: [mail.text.trim() || '(no text)', ['--', ...origin, ...given, ticket.number].join('\n')].join('\n\n'),
    sender: mail.from,
    language: ticket.enquiry.language,
    fields: fieldsOf(ticket),
  };
}
