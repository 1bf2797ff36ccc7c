/** A ticket as Desk takes it: lengths kept, text as HTML, nothing empty that must not be. */
import type { Policy } from '../../policy.ts';
import type { TicketContent } from '../../ports.ts';
import type { Client } from './client.ts';
import { contactOf, deskAddress } from './contacts.ts';
import { forNewTicket } from './fields.ts';
import { DESCRIPTION_LENGTH, SUBJECT_LENGTH } from './limits.ts';
import { Made } from './schemas.ts';
import { asHtml, clean, cut, oneLine } from './text.ts';

/** `language` stays out: which words Desk takes there is not documented, and an unknown one would refuse the ticket. */
function ticketOf(content: TicketContent): { subject: string; description: string; channel: string; email?: string } {
  const { number, sender } = content;
  const email = deskAddress(sender.address);
  const from = email ? '' : `From: ${oneLine(sender.address)}\n\n`;
  const tail = `\n\n[The rest is left out here. To read it: partner-intake ticket ${number}]`;
  return {
    subject: cut(oneLine(content.subject), SUBJECT_LENGTH) || '(no subject)',
    description: asHtml(from + clean(content.description), DESCRIPTION_LENGTH, tail),
    channel: 'Email',
    ...(email ? { email } : {}),
  };
}

/** @throws IntakeError `unknown` when the ticket may have been made */
export async function createTicket(
  client: Client,
  {
    departmentId,
    key,
    content,
    policy,
  }: { departmentId: string; key: string; content: TicketContent; policy: Policy['desk'] },
): Promise<{ id: string; number: string }> {
  const contact = await contactOf(client, content.sender);
  const cf = forNewTicket(content.fields, key, policy);
  const made = await client.call({
    method: 'POST',
    path: '/tickets',
    json: { departmentId, ...contact, ...ticketOf(content), cf },
    what: 'the ticket',
    fillsIn: true,
    scope: 'Desk.tickets.CREATE',
    answer: Made,
  });
  // An answer without content is no 2xx of a ticket: the client has thrown.
  const { id, ticketNumber } = Made.parse(made);
  return { id, number: ticketNumber };
}
