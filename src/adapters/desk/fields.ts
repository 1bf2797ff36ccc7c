/** The fields of a decision as Desk's custom fields, and back. */
import type { Severity } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import type { TicketFields } from '../../ports.ts';
import { FIELD_LENGTH } from './limits.ts';
import { cut, oneLine } from './text.ts';

type DeskPolicy = Policy['desk'];
export type FieldName = keyof TicketFields;

/** Values are strings, also of checkboxes; null empties a field. */
export type CustomFields = Readonly<Record<string, string | null>>;

const value = (text: string): string => cut(oneLine(text), FIELD_LENGTH);

/** What is named in `fields`, by Desk's names. */
export function toDesk(fields: Partial<TicketFields>, { fields: names, severities }: DeskPolicy): CustomFields {
  const { priorityCustomer, severity, superadminEmail, service, serviceOrganisationId } = fields;
  const text = (name: FieldName, said: string | null | undefined): [string, string | null][] =>
    said === undefined ? [] : [[names[name], said === null ? null : value(said) || null]];
  return Object.fromEntries([
    ...text('superadminEmail', superadminEmail),
    ...text('severity', severity ? severities[severity] : severity),
    ...text('service', service),
    ...text('serviceOrganisationId', serviceOrganisationId),
    ...(priorityCustomer === undefined ? [] : [[names.priorityCustomer, String(priorityCustomer)]]),
  ]);
}

/** Of a new ticket: what is empty is not named. */
export function forNewTicket(fields: Partial<TicketFields>, key: string, policy: DeskPolicy): CustomFields {
  const named = Object.entries(toDesk(fields, policy)).filter(([, said]) => said !== null);
  return { ...Object.fromEntries(named), [policy.fields.key]: key };
}

/** Fields as they stand in Desk. A severity that is none of ours reads as none. */
export function fromDesk(
  cf: Readonly<Record<string, unknown>>,
  { fields: names, severities }: DeskPolicy,
): TicketFields {
  const text = (name: FieldName): string | null => {
    const said = cf[names[name]];
    return typeof said === 'string' && said.trim() !== '' ? said.trim() : null;
  };
  const severity = text('severity');
  const named = Object.entries(severities).find(([, called]) => called === severity)?.[0];
  return {
    superadminEmail: text('superadminEmail'),
    priorityCustomer: String(cf[names.priorityCustomer]) === 'true',
    severity: (named as Severity | undefined) ?? null,
    service: text('service'),
    serviceOrganisationId: text('serviceOrganisationId'),
  };
}
