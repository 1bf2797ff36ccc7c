/** One request to an OAuth2 token endpoint: a refresh token in, an access token out, or what is wrong in plain words. */
import { z } from 'zod';
import { IntakeError, messageOf } from '../errors.ts';
import { neverSent } from './never-sent.ts';

const REQUEST_TIMEOUT_MS = 15_000;
/** An answer is a few hundred bytes: a broken server must not fill the memory. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Zoho leaves `expires_in` out at times; its tokens live for an hour. */
const DEFAULT_LIFETIME_S = 3_600;

/** A secret, and the file it lies in: read again at each use, since files are changed while we run. */
export type Secret = { readonly value: string; readonly file: string | null };

/** A registered application and one account's consent. */
export type OAuthClient = {
  /** Whose variables say so (MAILBOX_COM): for messages. */
  readonly name: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly refreshToken: Secret;
  readonly scope: string | null;
};

export type Secrets = { readonly clientSecret: string; readonly refreshToken: string };
export type Granted = { readonly value: string; readonly lifetimeMs: number };

const Answer = z.object({
  access_token: z.string().min(1).optional(),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
  error: z.string().optional(),
});

/**
 * Asks for an access token (RFC 6749, section 6).
 * @throws IntakeError `permanent`, code `oauth`, for what a person must mend; `temporary` for the rest. The field `sent` is false
 * when the server surely never heard of it.
 */
export async function requestToken(client: OAuthClient, secrets: Secrets): Promise<Granted> {
  const { status, text } = await post(client, secrets);
  const answer = Answer.safeParse(jsonOf(text)).data ?? {};
  if (status < 300 && answer.access_token)
    return { value: answer.access_token, lifetimeMs: (answer.expires_in ?? DEFAULT_LIFETIME_S) * 1_000 };
  throw refusal(client, status, answer.error ?? '');
}

async function post(client: OAuthClient, secrets: Secrets): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(client.tokenUrl, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: client.clientId,
        client_secret: secrets.clientSecret,
        refresh_token: secrets.refreshToken,
        ...(client.scope ? { scope: client.scope } : {}),
      }),
      // A redirection would carry the secrets to somebody else.
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    return { status: response.status, text: await textOf(response) };
  } catch (error) {
    const why = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error);
    throw new IntakeError(
      'temporary',
      'network',
      `${hostOf(client)} gives no access token: ${why}`,
      { sent: !neverSent(error) },
      { cause: error },
    );
  }
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is far too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const hostOf = ({ tokenUrl }: OAuthClient): string => new URL(tokenUrl).host;

/** Zoho says `invalid_code` of a refresh token, others `invalid_grant`; both with 200 or 400. */
function refusal(client: OAuthClient, status: number, error: string): IntakeError {
  const { name } = client;
  const permanent = (words: string): IntakeError => new IntakeError('permanent', 'oauth', words, { status });
  if (/^invalid_(grant|code)$/i.test(error))
    return permanent(
      `the refresh token of ${name} is not accepted any more: make a new one and set ${name}_OAUTH_REFRESH_TOKEN`,
    );
  if (/^(invalid_client|invalid_client_secret|unauthorized_client)$/i.test(error))
    return permanent(
      `${hostOf(client)} does not know the OAuth client of ${name}: check ${name}_OAUTH_CLIENT_ID, its secret and the data centre`,
    );
  if (/^invalid_scope$/i.test(error))
    return permanent(`${hostOf(client)} refuses the scope of ${name}: check ${name}_OAUTH_SCOPE, or leave it out`);
  // What a stranger's server says goes into the log: only if it looks like an error code.
  const said = /^[\w.-]{1,60}$/.test(error) ? `, ${error}` : '';
  return new IntakeError(
    'temporary',
    'oauth',
    `${hostOf(client)} answers without an access token for ${name} (${status}${said})`,
    { status },
  );
}
