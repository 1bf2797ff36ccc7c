/** Desk's error bodies, thrown: hono turns an HTTPException into its response. */
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

export type FieldError = { readonly fieldName: string; readonly errorType: 'invalid' | 'duplicate' | 'missing' };

/** Codes with their status and words (Common.json of the published OpenAPI files; the words of the limits are guessed). */
const ERRORS = {
  UNAUTHORIZED: [401, 'You are not authorized to perform this operation.'],
  INVALID_OAUTH: [401, 'The OAuth Token you provided is invalid.'],
  SCOPE_MISMATCH: [403, 'The OAuth Token you provided does not have the scope to perform this operation.'],
  OAUTH_ORG_MISMATCH: [403, 'The OAuth Token you provided does not belong to this organization.'],
  FORBIDDEN: [403, 'You are not authorized to access this resource.'],
  URL_NOT_FOUND: [404, 'The URL you requested could not be found.'],
  METHOD_NOT_ALLOWED: [405, 'The method is not allowed for this URL.'],
  RESOURCE_SIZE_EXCEEDED: [413, 'The size of the resource is larger than allowed.'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'The content type of the request is not supported.'],
  INVALID_DATA: [422, 'The data does not comply to the validation restrictions defined.'],
  EMPTY_PAYLOAD: [422, 'The payload is empty.'],
  UNPROCESSABLE_ENTITY: [422, 'The request could not be processed.'],
  THRESHOLD_EXCEEDED: [429, 'The API credits of your organization are used up.'],
  TOO_MANY_REQUESTS: [429, 'Too many requests at the same time.'],
  INTERNAL_SERVER_ERROR: [500, 'An internal server error occurred while performing this operation.'],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;
export type ErrorCode = keyof typeof ERRORS;

export type Details = {
  readonly message?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
};

/** The answer that Desk gives with this code. */
export function errorAnswer(errorCode: ErrorCode, { message, errors, headers }: Details = {}): Response {
  const [status, words] = ERRORS[errorCode];
  const body = { errorCode, message: message ?? words, ...(errors ? { errors } : {}) };
  return Response.json(body, { status, ...(headers ? { headers } : {}) });
}

/** Ends the handling of a call with that answer: for `throw`. */
export function refusal(errorCode: ErrorCode, details: Details = {}): HTTPException {
  const res = errorAnswer(errorCode, details);
  return new HTTPException(res.status as ContentfulStatusCode, { res, message: errorCode });
}

/** INVALID_DATA for one field, named as a JSON pointer. */
export function invalid(fieldName: string, errorType: FieldError['errorType'] = 'invalid'): HTTPException {
  return refusal('INVALID_DATA', { errors: [{ fieldName, errorType }] });
}
