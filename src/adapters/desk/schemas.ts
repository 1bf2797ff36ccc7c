/** What Desk answers, as far as it is used. Ids have more digits than a JavaScript number holds: strings, or the answer is refused. */
import { z } from 'zod';

export const Id = z.string().regex(/^\d{1,20}$/);
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const list = <T extends z.ZodType>(row: T) => z.object({ data: z.array(row) });
/** Counts and sizes come as numbers or as digits. */
const count = z.union([z.number().int(), z.string().regex(/^\d+$/).transform(Number)]);
/** Custom fields by their names. */
const cf = z.record(z.string(), z.unknown());

/** Any 2xx: what it says is not used. */
export const Done = z.unknown();

export const Made = z.object({ id: Id, ticketNumber: z.string() });

export const Found = list(z.object({ id: Id, ticketNumber: z.string(), cf: cf.nullish() }));

export const Changed = list(z.object({ id: Id, modifiedTime: time }));

export const Ticket = z.object({
  id: Id,
  ticketNumber: z.string(),
  statusType: z.string().nullish(),
  isTrashed: z.boolean().nullish(),
  modifiedTime: time,
  closedTime: time.nullish().catch(null),
  threadCount: count.nullish(),
  cf: cf.nullish(),
});

export const Threads = list(
  z.object({
    direction: z.string().nullish(),
    visibility: z.string().nullish(),
    status: z.string().nullish(),
    isDescriptionThread: z.boolean().nullish(),
    createdTime: time,
  }),
);

export const Contacts = list(z.object({ id: Id, email: z.string().nullish() }));

export const NewContact = z.object({ id: Id });

export const Comments = list(z.object({ content: z.string().nullish(), isPublic: z.boolean().nullish() }));

export const Attachments = list(z.object({ name: z.string(), size: count }));

/** An organisation's id has few digits, and comes as a number. */
export const Organisations = list(
  z.object({
    id: z.union([z.number().int().transform(String), Id]),
    companyName: z.string().nullish(),
    edition: z.string().nullish(),
  }),
);

export const Department = z.object({ id: Id, name: z.string(), isEnabled: z.boolean().nullish() });
export const Departments = list(Department);

/** The values of a pick list, as words or as objects; null when they are shown in no known way. */
const choices = z
  .array(
    z.union([
      z.string(),
      z.object({ value: z.string() }).transform(({ value }) => value),
      z.object({ displayValue: z.string() }).transform(({ displayValue }) => displayValue),
    ]),
  )
  .nullish()
  .catch(null);

export const Fields = list(
  z
    .object({
      apiName: z.string(),
      displayLabel: z.string().nullish(),
      type: z.string(),
      maxLength: count.nullish(),
      // Older answers have the one, newer ones the other.
      allowedValues: choices,
      pickListValues: choices,
    })
    .transform(({ allowedValues, pickListValues, ...field }) => ({
      ...field,
      /** Of a pick list; empty when they are not shown. */
      values: [...(allowedValues ?? []), ...(pickListValues ?? [])],
    })),
);
export type Field = z.infer<typeof Fields>['data'][number];

/** Zoho's accounts server. It says 200 also when it refuses. */
export const Token = z.object({
  access_token: z.string().min(1).nullish(),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
  scope: z.string().nullish(),
  error: z.string().nullish(),
});
export type TokenAnswer = z.infer<typeof Token>;

/** Why Desk refuses. Its `message` may quote what we sent: it is never read. */
export const Refusal = z.object({
  errorCode: z.string().regex(/^[A-Z0-9_]{1,60}$/),
  errors: z
    .array(z.object({ fieldName: z.string().nullish(), errorType: z.string().nullish() }))
    .nullish()
    .catch(null),
});
export type Refusal = z.infer<typeof Refusal>;
