/** Ticket fields, own and custom, and GET /fields. */
import { Hono } from 'hono';
import { type FieldError, refusal } from './answers.ts';
import { allow, type DeskEnv } from './oauth.ts';
import type { Field, Portal } from './types.ts';

/** The custom fields that partner-intake asks a portal to have. */
export const CUSTOM_FIELDS: readonly Field[] = [
  {
    apiName: 'cf_customer_primary_email_address',
    displayLabel: 'Customer primary email address',
    type: 'Text',
    maxLength: 255,
  },
  {
    apiName: 'cf_priority_customer_large_user_account',
    displayLabel: 'Priority customer / large user account',
    type: 'Boolean',
  },
  { apiName: 'cf_severity', displayLabel: 'Severity', type: 'Picklist', allowedValues: ['S1', 'S2', 'S3'] },
  { apiName: 'cf_service_name', displayLabel: 'Service name', type: 'Text', maxLength: 255 },
  { apiName: 'cf_service_organisation_id', displayLabel: 'Service organisation ID', type: 'Text', maxLength: 255 },
  { apiName: 'cf_source_message_key', displayLabel: 'Source message key', type: 'Text', maxLength: 255 },
];

/** Fields of Desk's own whose values are checked. */
const OWN_FIELDS: readonly Field[] = [
  { apiName: 'subject', displayLabel: 'Subject', type: 'Text', maxLength: 1000 },
  { apiName: 'description', displayLabel: 'Description', type: 'Textarea', maxLength: 65_535 },
  { apiName: 'email', displayLabel: 'Email', type: 'Email', maxLength: 150 },
  {
    apiName: 'status',
    displayLabel: 'Status',
    type: 'Picklist',
    allowedValues: ['Open', 'On Hold', 'Escalated', 'Closed'],
  },
  { apiName: 'priority', displayLabel: 'Priority', type: 'Picklist', allowedValues: ['High', 'Medium', 'Low'] },
  {
    apiName: 'channel',
    displayLabel: 'Channel',
    type: 'Picklist',
    allowedValues: ['Phone', 'Email', 'Web', 'Chat', 'Forums', 'Feedback Widget'],
  },
  {
    apiName: 'classification',
    displayLabel: 'Classification',
    type: 'Picklist',
    allowedValues: ['Question', 'Problem', 'Feature', 'Others'],
  },
  { apiName: 'dueDate', displayLabel: 'Due Date', type: 'DateTime' },
];

const fits = ({ type, allowedValues, maxLength = 255 }: Field, value: string): boolean => {
  if (type === 'Boolean') return value === 'true' || value === 'false';
  if (type === 'Picklist') return allowedValues?.includes(value) ?? false;
  if (type === 'Number') return /^-?\d+$/.test(value);
  return value.length <= maxLength;
};

type Values = { readonly cf?: Readonly<Record<string, string | null>> | undefined };

/** @throws INVALID_DATA naming each picklist value, checkbox or custom field that the portal does not have. */
export function checkValues(portal: Portal, values: Values): void {
  const errors: FieldError[] = [];
  const check = (field: Field | undefined, value: unknown, fieldName: string) => {
    if (field && (typeof value !== 'string' || fits(field, value))) return;
    errors.push({ fieldName, errorType: 'invalid' });
  };
  for (const field of OWN_FIELDS) {
    check(field, (values as Record<string, unknown>)[field.apiName], `/${field.apiName}`);
  }
  for (const [name, value] of Object.entries(values.cf ?? {})) {
    const field = portal.fields.find(({ apiName }) => apiName === name);
    check(field, value, `/cf/${name}`);
  }
  if (errors.length > 0) throw refusal('INVALID_DATA', { errors });
}

/** Every custom field without a value; a checkbox is never without. */
export function emptyCf(portal: Portal): Record<string, string | null> {
  return Object.fromEntries(portal.fields.map(({ apiName, type }) => [apiName, type === 'Boolean' ? 'false' : null]));
}

/** Older pages name a picklist's values `allowedValues`, the newest Field.json `pickListValues`: both are here. */
function shown({ apiName, displayLabel, type, maxLength, allowedValues }: Field, at: number) {
  const values = allowedValues?.map((value) => ({ value }));
  return {
    id: String(189200000000050000n + BigInt(at)),
    apiName,
    name: apiName,
    displayLabel,
    i18NLabel: displayLabel,
    type,
    isCustomField: apiName.startsWith('cf_'),
    isMandatory: apiName === 'subject',
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(values ? { allowedValues: values, pickListValues: values } : {}),
  };
}

export function fieldRoutes(): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  // Field.json asks for basic or fields, the pages for settings: any of them will do.
  app.get('/fields', allow(['Desk.settings.READ', 'Desk.fields.READ', 'Desk.basic.READ']), (c) => {
    if (c.req.query('module') !== 'tickets') {
      throw refusal('UNPROCESSABLE_ENTITY', {
        message: "The value passed for the 'module' query parameter is invalid.",
      });
    }
    return c.json({ data: [...OWN_FIELDS, ...c.var.portal.fields].map(shown) });
  });
  return app;
}
