/** Whom a notice is for: the region's contacts, chosen by level and country. */
import type { Region } from '../model.ts';
import type { Policy } from '../policy.ts';

export type NoticeLevel = 'lead' | 'manager' | 'account-manager';

type Contacts = Policy['escalation']['contacts'][Region]['leads'];

export type Addressed = {
  readonly level: NoticeLevel;
  readonly region: Region;
  /** The customer's, else the partner's; null when neither is known. */
  readonly country: string | null;
  /** Named by the partner register: comes before the region's contacts. */
  readonly recipient: string | null;
};

/** A sane address for an envelope; the register is typed by people. */
const ADDRESS = /^[^\s@<>,;:"()[\]\\]{1,64}@[^\s@<>,;:"()[\]\\]{1,253}$/;

/**
 * The addresses to tell, each once, lower case; none when the policy names nobody for that level.
 * @param desk the escalation desk's address: told whenever managers are.
 */
export function recipientsOf(
  notice: Addressed,
  { escalation }: Pick<Policy, 'escalation'>,
  desk: string | null,
): string[] {
  if (notice.recipient && ADDRESS.test(notice.recipient)) return [notice.recipient.toLowerCase()];
  const { leads, managers, accountManagers } = escalation.contacts[notice.region];
  const chosen = (list: Contacts) => chosenFrom(list, notice.country, escalation.territories);
  switch (notice.level) {
    case 'lead':
      return unique(chosen(leads));
    case 'manager':
      return unique([...chosen(managers), ...(desk ? [desk] : [])]);
    case 'account-manager': {
      const named = chosen(accountManagers);
      return unique(named.length > 0 ? named : chosen(leads));
    }
    default:
      return notice.level satisfies never;
  }
}

type Person = { readonly for: string | null; readonly email: string };

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
