/** The account of a ticket that is decided again while the directory cannot be asked: unreachable is not "no licences" (DOMAIN). */
import type { Decision, Enquiry, FieldName, LookupKey } from '../../model.ts';
import { type Account, domainOf } from './identify.ts';

/** The fields that may have led to an account found by a key. */
const LED_BY: Readonly<Record<LookupKey, readonly FieldName[]>> = {
  superadminEmail: ['superadminEmail'],
  customerEmail: ['customerEmail'],
  domain: ['customerEmail'],
  zuid: ['zuid'],
  zoid: ['zoid', 'serviceOrganisationId'],
  zgid: ['zgid', 'serviceOrganisationId'],
};

/**
 * What the ticket's last decision knew of its account, unless the super admin or what led to the account is another now: then
 * nobody knows whose it is until the directory answers. Decisions made meanwhile hand on what they kept.
 */
export function keptAccount(
  before: { readonly decision: Decision; readonly enquiry: Enquiry },
  enquiry: Enquiry,
): Account | null {
  const { account, country, regionFrom } = before.decision;
  if (!account || !isStillLed(before.enquiry, enquiry, account)) return null;
  const { superadminEmail, licences, region, matchedBy } = account;
  const counted = {
    superadminEmail,
    licences,
    region,
    country: (regionFrom === 'customer' && country) || '',
    // Of an account without any subscription that counts the licences are none.
    service: account.service ?? '',
    active: true,
    ...{ domains: [], organisation: '', zoid: '', zgid: '', zuids: [] },
  };
  return { superadminEmail, subscriptions: [counted], matchedBy };
}

/** The order in which keys count is that of `identify`: one set by hand, the super admin, what else led here. */
function isStillLed(before: Enquiry, now: Enquiry, account: NonNullable<Decision['account']>): boolean {
  const shown = (value: string | undefined) =>
    account.matchedBy === 'domain' ? domainOf(value ?? '') : value?.toLowerCase();
  const leads = LED_BY[account.matchedBy];
  const isSame = leads.every((field) => {
    const known = before.fields[field]?.value;
    return known === undefined || shown(known) === shown(now.fields[field]?.value);
  });
  const given = now.fields.superadminEmail;
  const isByHand = leads.some((field) => now.fields[field]?.by === 'associate') && given?.by !== 'associate';
  if (isByHand) return isSame;
  if (given === undefined) return isSame;
  const address = given.value.toLowerCase();
  if (address === account.superadminEmail.toLowerCase()) return true;
  return isSame && address === before.fields.superadminEmail?.value.toLowerCase();
}
