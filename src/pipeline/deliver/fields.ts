/** What of a ticket stands in fields of its own in another ticket system, and which of them have to be set there. */
import type { Decision, Enquiry } from '../../model.ts';
import type { TicketFields } from '../../ticket-model.ts';

/** A ticket as the ledger has it. */
type Ticket = { readonly superadmin_email: string | null; readonly enquiry: Enquiry; readonly decision: Decision };

/** Fields are lines of at most so many UTF-16 units: what is read back must be what was set. */
const FIELD_LENGTH = 255;
const CONTROLS = /\p{Cc}+/gu;

function line(text: string | null | undefined): string | null {
  const one = (text ?? '').toWellFormed().replace(CONTROLS, ' ').replace(/\s+/g, ' ').trim();
  return one.slice(0, FIELD_LENGTH).toWellFormed().trim() || null;
}

/** The service is the account's, else the product that was named; what an associate set goes first. */
export const fieldsOf = ({ superadmin_email, enquiry, decision }: Ticket): TicketFields => ({
  superadminEmail: line(superadmin_email),
  priorityCustomer: decision.priorityCustomer,
  severity: decision.severity,
  service: line(serviceOf(enquiry, decision)),
  serviceOrganisationId: line(enquiry.fields.serviceOrganisationId?.value),
});

const serviceOf = ({ fields: { product } }: Enquiry, { account }: Decision): string | null | undefined =>
  product?.by === 'associate' ? product.value : (account?.service ?? product?.value);

export const TICKET_FIELDS = [
  'superadminEmail',
  'priorityCustomer',
  'severity',
  'service',
  'serviceOrganisationId',
] as const;
export type TicketField = (typeof TICKET_FIELDS)[number];

/** A ticket none of whose fields is set. */
export const NO_FIELDS: TicketFields = {
  superadminEmail: null,
  priorityCustomer: false,
  severity: null,
  service: null,
  serviceOrganisationId: null,
};

/** Hashes of fields by name. `sign` makes a hash that tells nothing to who has no key. */
export type Told = Readonly<Record<string, string>>;
export type Sign = (text: string) => string;

/** What is remembered of fields that were set. */
export const toldOf = (fields: Partial<TicketFields>, sign: Sign): Told =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, sign(`${name} ${JSON.stringify(value)}`)]));

/** The fields that are not as they were last told. */
export function untoldFields(fields: TicketFields, told: Told, sign: Sign): Partial<TicketFields> {
  const now = toldOf(fields, sign);
  return Object.fromEntries(TICKET_FIELDS.flatMap((name) => (now[name] === told[name] ? [] : [[name, fields[name]]])));
}

/**
 * The fields that say something else there than was told: somebody changed them by hand.
 * @param telling what a call that may have had its effect sets them to
 */
export function changedByHand(there: TicketFields, told: Told, telling: Told, sign: Sign): TicketField[] {
  const now = toldOf(there, sign);
  return TICKET_FIELDS.filter((name) => {
    const ours = [told[name], telling[name]].filter((one) => one !== undefined);
    return ours.length > 0 && !ours.includes(now[name] ?? '');
  });
}
