/** Whether the portal has the custom fields that policy/desk.yaml names, and they take what is written there. */
import type { Policy } from '../../policy.ts';
import type { Field } from './schemas.ts';

type FieldKey = keyof Policy['desk']['fields'];

/** Where an administrator makes them. */
const WHERE = 'Setup > Customization > Layouts and Fields > Tickets';

/** So many characters have to fit: an address, the longest product name, an id, the fingerprint of a mail. */
const LENGTHS: Readonly<Partial<Record<FieldKey, number>>> = {
  superadminEmail: 150,
  service: 100,
  serviceOrganisationId: 40,
  key: 64,
};
const TYPES: Readonly<Record<FieldKey, readonly string[]>> = {
  superadminEmail: ['text', 'email'],
  priorityCustomer: ['boolean', 'checkbox'],
  severity: ['picklist', 'text'],
  service: ['text'],
  serviceOrganisationId: ['text'],
  key: ['text'],
};
const WORDS: Readonly<Record<string, string>> = {
  text: 'a single line of text',
  boolean: 'a checkbox',
  picklist: 'a pick list',
};

/** What is wrong, each with what to do. Empty: all is in order. */
export function wrongFields(fields: readonly Field[], { fields: names, severities }: Policy['desk']): string[] {
  return Object.entries(names).flatMap(([key, name]) => {
    const field = fields.find(({ apiName }) => apiName === name);
    return field
      ? wrongField(key as FieldKey, field, Object.values(severities))
      : [
          `field ${name} is missing: make it (${WHERE}: ${WORDS[TYPES[key as FieldKey][0] ?? '']}), or name another one in policy/desk.yaml`,
        ];
  });
}

/** What cannot be seen from here, and is for a person to look at; null: nothing. */
export function unseenValues(
  fields: readonly Field[],
  { fields: { severity }, severities }: Policy['desk'],
): string | null {
  const field = fields.find(({ apiName }) => apiName === severity);
  if (!field || !isPickList(field) || field.values.length > 0) return null;
  return `Desk does not show the values of ${severity}: see for yourself that it has ${Object.values(severities).join(', ')}`;
}

const isPickList = ({ type }: Field): boolean => type.toLowerCase() === 'picklist';

function wrongField(
  key: FieldKey,
  { apiName, type, maxLength, values }: Field,
  severities: readonly string[],
): string[] {
  const types = TYPES[key];
  if (!types.includes(type.toLowerCase()))
    return [
      `field ${apiName} is of type ${type}, it has to be ${WORDS[types[0] ?? '']}: make another one (${WHERE}) and name it in policy/desk.yaml`,
    ];
  const length = LENGTHS[key];
  if (length !== undefined && maxLength != null && maxLength < length)
    return [`field ${apiName} holds ${maxLength} characters, it needs ${length}: lengthen it (${WHERE})`];
  const missing = key === 'severity' && values.length > 0 ? severities.filter((one) => !values.includes(one)) : [];
  if (missing.length > 0)
    return [
      `field ${apiName} has no value ${missing.join(', ')}: add it (${WHERE}), or name the portal's own under severities in policy/desk.yaml`,
    ];
  return [];
}
