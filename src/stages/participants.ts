/** Who belongs to a ticket: the sender's address is data, not proof, but a stranger's inherits nothing (I7). */
import { ERASED_DOMAIN } from '../model.ts';
import { domainOf } from '../pipeline/decide/identify.ts';
import type { Context } from './context.ts';

/** Whether the sender is known on the ticket: its writer, or a colleague. Whoever else holds our reference inherits nothing (I7). */
export function isParticipant(ticketSender: string, sender: string, ctx: Pick<Context, 'policy'>): boolean {
  // A mail without a sender is nobody's, and a pseudonym is no one to be: whoever writes it was never here.
  if (sender === '' || domainOf(sender) === ERASED_DOMAIN) return false;
  if (sender === ticketSender) return true;
  const domain = domainOf(ticketSender);
  return domain !== '' && domainOf(sender) === domain && !ctx.policy.identification.genericDomains.includes(domain);
}
