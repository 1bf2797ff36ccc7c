/** What Desk lets in: strict schemas after the published OpenAPI files, and zod's issues in Desk's words. */
import type { Context } from 'hono';
import { z } from 'zod';
import { type FieldError, refusal } from './answers.ts';

/**
 * A contact's address in POST /tickets (Ticket.json, createTicketRequest): ASCII only, no slash or percent sign before the @, and a
 * top-level domain of 2 to 22 letters, which leaves out internationalised ones ("xn--...").
 */
const EMAIL =
  /^[a-zA-Z0-9_]([a-zA-Z0-9_+\-.'&~]*)@(?=.{4,256}$)(([a-zA-Z0-9]+)(([-_]*[a-zA-Z0-9])*)[.])+[a-zA-Z]{2,22}$/;
const DATE = /^(19|20)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const Id = z.string().regex(/^\d{1,19}$/);
const Short = z.string().max(120);
const Moment = z.string().regex(DATE);
/** null empties a field. */
const Cf = z.record(z.string(), z.string().max(255).nullable());
const MAX_SECONDARY = 20;

const Shared = {
  subject: z.string().min(1).max(1000),
  description: z.string().max(65_535).nullable().optional(),
  email: z.string().max(150).regex(EMAIL).nullable().optional(),
  phone: Short.nullable().optional(),
  status: Short.optional(),
  priority: Short.nullable().optional(),
  channel: Short.optional(),
  language: Short.nullable().optional(),
  category: Short.nullable().optional(),
  subCategory: Short.nullable().optional(),
  classification: Short.nullable().optional(),
  resolution: z.string().max(65_535).nullable().optional(),
  productId: Id.nullable().optional(),
  assigneeId: Id.nullable().optional(),
  teamId: Id.nullable().optional(),
  dueDate: Moment.nullable().optional(),
  uploads: z.array(Id).optional(),
  secondaryContacts: z.array(Id).max(MAX_SECONDARY).optional(),
  cf: Cf.optional(),
};

export const ContactBody = z.strictObject({
  lastName: z.string().min(1).max(200),
  firstName: z.string().max(100).nullable().optional(),
  email: z.string().max(255).regex(EMAIL).nullable().optional(),
  phone: z.string().max(100).nullable().optional(),
  mobile: z.string().max(100).nullable().optional(),
  description: z.string().max(65_535).nullable().optional(),
});

const InlineContact = z.strictObject({
  lastName: z.string().min(1).max(200),
  email: z.string().max(255).regex(EMAIL),
  firstName: z.string().max(100).nullable().optional(),
});

export const TicketBody = z.strictObject({
  ...Shared,
  departmentId: Id,
  contactId: Id.optional(),
  contact: InlineContact.optional(),
});
export type TicketBody = z.infer<typeof TicketBody>;

export const TicketPatch = z.strictObject({
  ...Shared,
  subject: Shared.subject.optional(),
  departmentId: Id.optional(),
  contactId: Id.optional(),
});
export type TicketPatch = z.infer<typeof TicketPatch>;

const ContentType = z.enum(['html', 'plainText']).default('html');

export const CommentBody = z.strictObject({
  content: z.string().min(1).max(32_000),
  isPublic: z.boolean().default(false),
  contentType: ContentType,
  attachmentIds: z.array(Id).optional(),
});

export const ReplyBody = z.strictObject({
  channel: z.literal('EMAIL'),
  content: z.string().min(1).max(65_535),
  fromEmailAddress: z.string().max(255).regex(EMAIL),
  to: z.string().min(3).max(1000),
  cc: z.string().max(1000).optional(),
  bcc: z.string().max(1000).optional(),
  contentType: ContentType,
  isForward: z.boolean().optional(),
  attachmentIds: z.array(Id).optional(),
});

export const TrashBody = z.strictObject({ ticketIds: z.array(Id).min(1).max(100) });

const Limit = z.coerce.number().int().min(1).max(100);
const Range = z.string().regex(/^[^,]+,[^,]+$/);
const orgId = z.string().optional();
const CustomField = z
  .string()
  .max(1000)
  .regex(/^[^:]+:.+$/)
  .optional();

/** Search.json: `from` goes to 999 and no further, `limit` is 10 unless told. */
export const SearchQuery = z.strictObject({
  orgId,
  departmentId: Id.optional(),
  createdTimeRange: Range.optional(),
  modifiedTimeRange: Range.optional(),
  customField1: CustomField,
  customField2: CustomField,
  limit: Limit.default(10),
  from: z.coerce.number().int().min(0).max(999).default(0),
  sortBy: z.enum(['relevance', 'modifiedTime', '-modifiedTime', 'createdTime', '-createdTime']).default('relevance'),
});

export const ContactQuery = z.strictObject({
  orgId,
  email: z.string().min(3),
  limit: Limit.default(10),
  from: z.coerce.number().int().min(0).max(999).default(0),
});

export const ListQuery = z.strictObject({
  orgId,
  departmentId: Id.optional(),
  include: z.string().optional(),
  status: z.string().optional(),
  limit: Limit.default(25),
  from: z.coerce.number().int().min(0).default(0),
  sortBy: z.string().default('-createdTime'),
});

export const PageQuery = z.strictObject({
  orgId,
  limit: Limit.default(50),
  from: z.coerce.number().int().min(0).default(0),
  sortBy: z.string().optional(),
  isPublic: z.string().optional(),
  include: z.string().optional(),
});

function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.flatMap((issue): FieldError[] => {
    const at = issue.path.map((part) => `/${String(part)}`).join('');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ fieldName: `${at}/${key}`, errorType: 'invalid' }));
    }
    const missing = issue.code === 'invalid_type' && issue.input === undefined;
    return [{ fieldName: at, errorType: missing ? 'missing' : 'invalid' }];
  });
}

/** @throws INVALID_DATA that names every field at fault. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw refusal('INVALID_DATA', { errors: fieldErrors(parsed.error.issues) });
}

/** @throws UNSUPPORTED_MEDIA_TYPE, EMPTY_PAYLOAD, UNPROCESSABLE_ENTITY (no JSON) or INVALID_DATA. */
export async function jsonBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  if (!(c.req.header('content-type') ?? '').startsWith('application/json')) throw refusal('UNSUPPORTED_MEDIA_TYPE');
  const text = await c.req.text();
  if (text.trim() === '') throw refusal('EMPTY_PAYLOAD');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw refusal('UNPROCESSABLE_ENTITY', { message: 'The request body is not valid JSON.' });
  }
  return parseBody(schema, body);
}

/** @throws UNPROCESSABLE_ENTITY for a parameter that is unknown or has a value out of bounds. */
export function queryOf<T>(c: Context, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(c.req.query(), { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const message =
    issue?.code === 'unrecognized_keys'
      ? `Extra query parameter '${issue.keys[0]}' is present in the input.`
      : `The value passed for the '${String(issue?.path[0])}' query parameter is invalid.`;
  throw refusal('UNPROCESSABLE_ENTITY', { message });
}

/** The ends of `a,b` in milliseconds since 1970, both included. */
export function rangeOf(range: string, name: string): readonly [number, number] {
  const [from = '', to = ''] = range.split(',');
  if (!DATE.test(from) || !DATE.test(to)) {
    throw refusal('UNPROCESSABLE_ENTITY', {
      message: `The value passed for the '${name}' query parameter is invalid.`,
    });
  }
  return [Date.parse(from), Date.parse(to)];
}
