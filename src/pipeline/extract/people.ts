/** Whose an address is, as far as the mail's headers tell: the partner's and ours are never the customer's. */
import type { ParsedMail } from '../../model.ts';
import type { Policy } from '../../policy.ts';

/** Tells addresses that may be a customer's: not the sender's, not of the sender's company, not ours, no machine's. */
export function foreignTo(mail: Pick<ParsedMail, 'from' | 'replyTo'>, policy: Policy): (address: string) => boolean {
  const own = new Set([mail.from.address, mail.replyTo ?? ''].map((address) => address.toLowerCase()));
  const generic = new Set(policy.identification.genericDomains);
  const ours = Object.values(policy.mailboxes.mailboxes).map(({ address }) => domainOf(address));
  const companies = new Set([...[...own].map(domainOf).filter((domain) => !generic.has(domain)), ...ours]);
  companies.delete('');
  return (address) => {
    const lower = address.toLowerCase();
    return !own.has(lower) && !companies.has(domainOf(lower)) && !NO_PERSON.test(lower);
  };
}

const NO_PERSON =
  /^(?:no-?reply|do-?not-?reply|mailer-daemon|postmaster|partner-support|support)@|@(?:[a-z0-9-]{1,60}\.)?zoho[a-z]{0,12}\.[a-z.]{2,10}$/;

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
