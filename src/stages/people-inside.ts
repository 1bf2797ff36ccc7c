/** Whom we send notices: mail of theirs is no partner's, whatever it says. */
import { replies } from '../ledger/index.ts';
import type { Db } from '../ledger/schema.ts';
import { isContact } from '../pipeline/notice/contacts.ts';
import type { Context } from './context.ts';

/**
 * Why the owner of an address is one of the people inside: a contact, the escalation desk, a partner's account manager, or
 * anybody who was told by us before (a contact may have left the policy since). Null for everybody else.
 */
export async function whyInside(
  db: Db,
  { policy, escalationDesk, partners }: Pick<Context, 'policy' | 'escalationDesk' | 'partners'>,
  address: string,
): Promise<string | null> {
  if (isContact(address, policy)) return 'the sender is one of the people inside (escalation.yaml)';
  if (address.toLowerCase() === escalationDesk?.toLowerCase())
    return 'the sender is the escalation desk (ESCALATION_DESK)';
  if (await partners.isAccountManager?.(address)) return "the sender is a partner's account manager (PARTNERS)";
  return (await replies.lastNoticeTo(db, address)) ? 'notices of ours go to the sender' : null;
}
