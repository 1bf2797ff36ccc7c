/** Calls to the double as a test makes them, without the adapter. */
import { onTestFinished } from 'vitest';
import { DEFAULT_DEPARTMENT_ID } from './portals.ts';
import { type DeskDouble, type DeskOptions, startDeskDouble } from './server.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; the text when it is none; null when empty. */
  readonly body: unknown;
};

type Change = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/** Asks the accounts server for a token, with the double's first client unless told; the whole answer. */
export async function askForToken(double: DeskDouble, change: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const [client] = double.clients;
  const form = new URLSearchParams({
    client_id: client?.clientId ?? '',
    client_secret: client?.clientSecret ?? '',
    refresh_token: client?.refreshToken ?? '',
    grant_type: 'refresh_token',
    ...change,
  });
  return answerOf(await fetch(`${double.url}/oauth/v2/token`, { method: 'POST', body: form }));
}

export async function tokenOf(double: DeskDouble): Promise<string> {
  const { body } = await askForToken(double);
  return (body as { access_token: string }).access_token;
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  let body: unknown = text === '' ? null : text;
  try {
    body = text === '' ? null : JSON.parse(text);
  } catch {
    // the text itself
  }
  return { status: response.status, headers: response.headers, body };
}

/** Calls `path` below /api/v1 with that token; an object goes as JSON, a form as multipart. */
export async function callDesk(
  double: DeskDouble,
  token: string,
  [method, path]: readonly [string, string],
  body?: unknown,
  { headers = {}, signal }: Change = {},
): Promise<Answer> {
  const json = body !== undefined && !(body instanceof FormData);
  const request = {
    method,
    headers: {
      authorization: `Zoho-oauthtoken ${token}`,
      orgId: double.portals[0]?.orgId ?? '',
      ...(json ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : (body as FormData) }),
    ...(signal ? { signal } : {}),
  };
  return answerOf(await fetch(`${double.url}/api/v1${path}`, request));
}

export type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

/** A double for the test that runs, stopped when it is over, with a token and a way to call it. */
export async function openDesk(options: DeskOptions = {}): Promise<{ double: DeskDouble; call: Call; token: string }> {
  const double = await startDeskDouble(options);
  onTestFinished(() => double.stop());
  const token = await tokenOf(double);
  const call: Call = (method, path, body, headers = {}) => callDesk(double, token, [method, path], body, { headers });
  return { double, call, token };
}

export const CONTACT = { lastName: 'Doe', email: 'jane@partner.example' };

/** The body of a ticket that Desk takes, unless `more` spoils it. */
export const ticketBody = (more: Readonly<Record<string, unknown>> = {}) => ({
  departmentId: DEFAULT_DEPARTMENT_ID,
  contact: CONTACT,
  subject: 'Mail does not arrive',
  ...more,
});

/** One with this correlation key. */
export const keyedTicket = (key: string) => ticketBody({ cf: { cf_source_message_key: key } });

/** Of what was just made. */
export const idOf = ({ body }: Answer): string => (body as { id: string }).id;
