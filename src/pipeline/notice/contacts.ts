/** Whom a notice is for: the region's contacts, chosen by level and country. */
import type { Region } from '../../model.ts';
import type { NoticeLevel } from '../../notice-model.ts';
import type { Policy } from '../../policy.ts';
import { isMailAddress } from '../words/mail-address.ts';

type Contacts = Policy['escalation']['contacts'][Region]['leads'];

export type Addressed = {
  readonly level: NoticeLevel;
  readonly region: Region;
  /** The customer's, else the partner's; null when neither is known. */
  readonly country: string | null;
  /** Named by the partner register: comes before the region's contacts. */
  readonly recipient: string | null;
};

/** Every address escalation.yaml names. */
export const isContact = (address: string, { escalation }: Pick<Policy, 'escalation'>): boolean =>
  Object.values(escalation.contacts).some((lists) =>
    Object.values(lists).some((list) => list.some((one) => addressOf(one).toLowerCase() === address.toLowerCase())),
  );

const addressOf = (one: Contacts[number]): string => (typeof one === 'string' ? one : one.email);

/**
 * The addresses to tell, each once, lower case. Where nobody is named for the level the region's leads are told: a notice that
 * reaches nobody is none.
 * @param desk the escalation desk's address: told whenever managers are.
 */
export function recipientsOf(
  notice: Addressed,
  { escalation }: Pick<Policy, 'escalation'>,
  desk: string | null,
): string[] {
  const named = namedFor(notice, { escalation }, desk);
  if (named.length > 0) return named;
  const { leads } = escalation.contacts[notice.region];
  const here = chosenFrom(leads, notice.country, escalation.territories);
  return unique(here.length > 0 ? here : leads.map(addressOf));
}

/** Those who are named for the level itself; none when others have to stand in. */
export function namedFor(notice: Addressed, { escalation }: Pick<Policy, 'escalation'>, desk: string | null): string[] {
  if (notice.recipient && isMailAddress(notice.recipient)) return [notice.recipient.toLowerCase()];
  const { leads, managers, accountManagers } = escalation.contacts[notice.region];
  const chosen = (list: Contacts) => chosenFrom(list, notice.country, escalation.territories);
  switch (notice.level) {
    case 'lead':
      return unique(chosen(leads));
    case 'manager':
      return unique([...chosen(managers), ...(desk ? [desk] : [])]);
    case 'account-manager':
      return unique(chosen(accountManagers));
    default:
      return notice.level satisfies never;
  }
}

type Person = { readonly for: string | null; readonly email: string };

/** All managers of all regions and the desk, for what is no region's; where there is none of them the leads. */
export function everyManager({ escalation }: Pick<Policy, 'escalation'>, desk: string | null): string[] {
  const regions = Object.values(escalation.contacts);
  const managers = regions.flatMap((lists) => lists.managers.map(addressOf));
  const told = [...managers, ...(desk ? [desk] : [])];
  return unique(told.length > 0 ? told : regions.flatMap(({ leads }) => leads.map(addressOf)));
}

/** Everybody without a `for`, and those whose `for` has the country; where it is unknown those without, else all. */
function chosenFrom(
  list: Contacts,
  country: string | null,
  territories: Policy['escalation']['territories'],
): string[] {
  const people = list.map((one): Person => (typeof one === 'string' ? { for: null, email: one } : one));
  const everywhere = people.filter((one) => one.for === null);
  const emails = (some: readonly Person[]): string[] => some.map(({ email }) => email);
  if (country === null) return emails(everywhere.length > 0 ? everywhere : people);
  const here = people.filter((one) => one.for !== null && territories[one.for]?.includes(country));
  const rest = here.length > 0 ? here : people.filter((one) => one.for === 'elsewhere');
  return emails(people.filter((one) => everywhere.includes(one) || rest.includes(one)));
}

const unique = (addresses: readonly string[]): string[] => [
  ...new Set(addresses.map((address) => address.toLowerCase())),
];
