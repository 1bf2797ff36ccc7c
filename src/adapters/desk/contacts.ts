/** The contact of a new ticket: found by its address, or made with the ticket. */
import { domainToASCII } from 'node:url';
import type { TicketContent } from '../../ports.ts';
import type { Client } from './client.ts';
import { EMAIL_LENGTH, LAST_NAME_LENGTH } from './limits.ts';
import { Contacts, NewContact } from './schemas.ts';
import { cut, oneLine } from './text.ts';

export type Contact =
  | { readonly contactId: string }
  | { readonly contact: { readonly lastName: string; readonly email: string } };

/**
 * What Desk takes for an address (its published schema of tickets): ASCII, and a top-level domain of letters, which leaves out
 * international ones in punycode.
 */
const ADDRESS =
  /^[A-Za-z0-9_][A-Za-z0-9_+\-.'&~]*@(?=.{4,256}$)(?:[A-Za-z0-9]+(?:[-_]*[A-Za-z0-9])*\.)+[A-Za-z]{2,22}$/;

/** The address in the form that Desk takes, an international domain in punycode; null when there is none. */
export function deskAddress(address: string): string | null {
  // Nothing longer is looked at: the pattern may take its time over what somebody made up for it.
  if (address.length > EMAIL_LENGTH) return null;
  const at = address.lastIndexOf('@');
  const ascii = `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`;
  return at > 0 && ascii.length <= EMAIL_LENGTH && ADDRESS.test(ascii) ? ascii : null;
}

/** Who has no address that Desk takes is a contact by name alone; their address stands in the ticket's description. */
export async function contactOf(client: Client, sender: TicketContent['sender']): Promise<Contact> {
  const email = deskAddress(sender.address);
  const called = oneLine(sender.name) || oneLine(sender.address.split('@')[0] ?? '') || 'Unknown';
  const lastName = cut(called, LAST_NAME_LENGTH);
  if (email === null) return { contactId: await byName(client, lastName) };
  const found = await client.call({
    method: 'GET',
    path: '/contacts/search',
    query: { email, limit: '10' },
    what: 'the search for the contact',
    scope: 'Desk.contacts.READ and Desk.search.READ',
    answer: Contacts,
  });
  // The search is no comparison.
  const known = found?.data.find((one) => one.email?.toLowerCase() === email.toLowerCase());
  return known ? { contactId: known.id } : { contact: { lastName, email } };
}

/** A ticket takes no contact without an address: it is made before. One too many, after a broken call, is no harm. */
async function byName(client: Client, lastName: string): Promise<string> {
  const made = await client.call({
    method: 'POST',
    path: '/contacts',
    json: { lastName },
    harmless: true,
    what: 'the contact',
    fillsIn: true,
    scope: 'Desk.contacts.CREATE',
    answer: NewContact,
  });
  return NewContact.parse(made).id;
}
