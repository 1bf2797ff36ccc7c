/** One question to the licence service over HTTP, and what its answer means. Nothing of the question stands in an error. */
import { messageOf } from '../../errors.ts';
import type { Subscription } from '../../model.ts';
import { bodyOf, rowsIn, saysUnknown } from './licence-answer.ts';
import { failed, readRetryAfter } from './licence-failures.ts';

export type LicenceService = {
  readonly url: URL;
  /** Reads the bearer token anew each time it is called; null: none is sent. */
  readonly token: () => string | null;
};

export type Question = {
  readonly key: 'superadminEmail' | 'domain' | 'zuid' | 'zoid' | 'zgid';
  readonly value: string;
};

export type RequestLimits = {
  /** Until a connection stands and the answer begins. */
  readonly beginMs: number;
  /** Until its last byte is here. */
  readonly wholeMs: number;
};

export type Requester = (question: Question, signal?: AbortSignal) => Promise<Subscription[]>;

/** What to call the service in an error: a query may hold what is nobody's business. */
export const nameOf = ({ url }: LicenceService): string => `${url.origin}${url.pathname}`;

/** @returns what asks once: no rows when the service knows nobody of that name. @throws IntakeError `temporary` (licence-failures.ts). */
export function createRequester(service: LicenceService, limits: RequestLimits, now: () => Date): Requester {
  const name = nameOf(service);
  let token: string | null | undefined;

  function readToken(): string | null {
    try {
      return service.token();
    } catch (error) {
      throw failed('refused', messageOf(error));
    }
  }

  function send(url: URL, bearer: string | null, signal: AbortSignal): Promise<Response> {
    const headers = { accept: 'application/json', ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }) };
    // A redirect would send the token, or us, to wherever the answer says.
    return fetch(url, { headers, redirect: 'manual', signal });
  }

  /** A token that is refused may have been exchanged meanwhile. */
  async function sendWithToken(url: URL, signal: AbortSignal): Promise<Response> {
    token ??= readToken();
    const used = token;
    const response = await send(url, used, signal);
    if (response.status !== 401) return response;
    token = readToken();
    if (token === used) return response;
    await response.body?.cancel();
    return await send(url, token, signal);
  }

  return async (question, signal) => {
    const url = new URL(service.url);
    url.searchParams.set(question.key, question.value);
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(), limits.beginMs);
    const whole = AbortSignal.timeout(limits.wholeMs);
    try {
      const response = await sendWithToken(url, AbortSignal.any([slow.signal, whole, ...(signal ? [signal] : [])]));
      clearTimeout(timer);
      if (response.status === 200) return rowsIn(await bodyOf(response, name), question, name);
      if (response.status === 404)
        return nobody(response.headers.get('content-type'), await bodyOf(response, name), name);
      await response.body?.cancel();
      throw refusal(response, name, now());
    } catch (error) {
      if (slow.signal.aborted)
        throw failed('unreachable', `LICENCES: ${name} did not begin to answer within ${limits.beginMs} ms`);
      if (whole.aborted) throw failed('unreachable', `LICENCES: ${name} did not answer within ${limits.wholeMs} ms`);
      if (error instanceof TypeError || signal?.aborted)
        throw failed('unreachable', `LICENCES: ${name} cannot be reached: ${whyNot(error)}`);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
}

function nobody(type: string | null, body: string, name: string): [] {
  if (saysUnknown(type, body)) return [];
  const hint = 'look at its path, and at what stands before it';
  throw failed('not-the-service', `LICENCES: ${name} answers 404 in words that are not the licence service's: ${hint}`);
}

function refusal({ status, headers }: Response, name: string, now: Date): Error {
  const retryAfter = readRetryAfter(headers.get('retry-after'), now);
  if (status === 401 || status === 403)
    return failed(
      'refused',
      `LICENCES_TOKEN: ${name} refuses it (${status}): set LICENCES_TOKEN or LICENCES_TOKEN_FILE to a valid one`,
    );
  if (status === 429 || (status === 503 && retryAfter > 0))
    return failed('busy', `LICENCES: ${name} wants fewer questions (${status})`, retryAfter);
  if (status >= 500) return failed('failing', `LICENCES: ${name} answers ${status}`);
  if (status >= 400) return failed('this-question', `LICENCES: ${name} does not take the question (${status})`);
  const hint = status >= 300 ? ': redirects are not followed, write the address itself' : '';
  return failed('not-the-service', `LICENCES: ${name} answers ${status}${hint}`);
}

/** fetch says "fetch failed", and why in the cause. */
function whyNot(error: unknown): string {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  const why = messageOf(cause) || String(code);
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(String(code))
    ? `${why}: its certificate is not trusted here; NODE_EXTRA_CA_CERTS names a file with the authority's`
    : why;
}
