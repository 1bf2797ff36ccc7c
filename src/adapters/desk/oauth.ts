/** Access tokens: asked for once by all processes together, kept in the ledger, and never more often than Zoho allows. */
import { IntakeError } from '../../errors.ts';
import type { Clock, PortalMemory, PortalState } from '../../ports.ts';
import type { Names } from './errors.ts';
import { type Answer, type Broken, exchange } from './http.ts';
import {
  CONFIGURATION_RETRY_MS,
  type DeskLimits,
  REFRESH_EARLY_MS,
  REFRESH_WINDOW_MS,
  TOKEN_LIFE_MS,
  TOKEN_RETRY_MS,
} from './limits.ts';
import { Token, type TokenAnswer } from './schemas.ts';
import { markOf, stopFor, withStop } from './stops.ts';

export type Credentials = {
  /** Origin of the accounts server. */
  readonly accounts: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
};

export type Tokens = {
  /** The token to call with. `refused`: one that Desk did not take, and that is not given again. @throws IntakeError `temporary` */
  get(state: PortalState, refused?: string): Promise<string>;
  /**
   * A token of this moment's credentials, whatever is kept, and the scopes that Zoho says it has (null: it does not say). That it is
   * refused stops nobody: the others may have credentials that work, and a token that is good for a while.
   */
  renew(): Promise<{ readonly token: string; readonly scope: string | null }>;
};

type Options = {
  readonly credentials: Credentials;
  readonly memory: PortalMemory;
  readonly names: Names;
  readonly limits: DeskLimits;
  readonly now: Clock;
};
type Renewed = { readonly token: string; readonly scope: string | null };
/** What one change of the memory came to: errors too, since what was asked for has to be remembered either way. */
type Outcome = Renewed | IntakeError;
type Changed = { readonly state: PortalState; readonly result: Outcome };

export function createTokens({ credentials, memory, names, limits, now }: Options): Tokens {
  const mark = markOf(credentials);
  let underWay: Promise<Renewed> | null = null;

  const usable = ({ token }: PortalState, refused?: string): string | null =>
    token?.credentials === mark &&
    token.value !== refused &&
    token.expiresAt.getTime() - now().getTime() > REFRESH_EARLY_MS
      ? token.value
      : null;

  /** Zoho says no, or nothing: remembered, so that no process asks again at once. */
  function declined(state: PortalState, error: IntakeError): Changed {
    const wait = error.fields.retryInMs;
    if (typeof wait !== 'number') return { state, result: error };
    const stop = { until: new Date(now().getTime() + wait), because: error.message, credentials: mark };
    return { state: withStop(state, stop, mark, now()), result: error };
  }

  /** Another call, or another process, was refused a moment ago: nobody asks again before it is time. */
  function refusedBefore(state: PortalState): IntakeError | null {
    const stopped = stopFor(state, mark, now());
    // A day that is used up speaks of calls, not of tokens.
    if (stopped?.credentials !== mark) return null;
    const retryInMs = stopped.until.getTime() - now().getTime();
    return new IntakeError('temporary', 'desk-stopped', stopped.because, { retryInMs });
  }

  async function ask(state: PortalState): Promise<Changed> {
    const asked = state.refreshedAt.filter((at) => now().getTime() - at.getTime() < REFRESH_WINDOW_MS);
    const oldest = asked.at(-limits.refreshes);
    if (oldest) return { state, result: spent(oldest) };
    const answer = await post();
    if (answer.status === null && !answer.sent) return declined(state, unreachable(answer));
    const remembered = { ...state, refreshedAt: [...asked, now()] };
    if (answer.status === null) return declined(remembered, unreachable(answer));
    const said = read(answer.text);
    if (!said.access_token) return declined(remembered, refusal(answer.status, said.error ?? undefined));
    const life = Math.min((said.expires_in ?? Number.POSITIVE_INFINITY) * 1_000, TOKEN_LIFE_MS);
    const token = { value: said.access_token, expiresAt: new Date(now().getTime() + life), credentials: mark };
    return { state: { ...remembered, token }, result: { token: token.value, scope: said.scope ?? null } };
  }

  /** The secrets go in the body: addresses are logged on the way. */
  const post = (): Promise<Answer | Broken> =>
    exchange({
      method: 'POST',
      url: `${credentials.accounts}/oauth/v2/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        refresh_token: credentials.refreshToken,
        client_id: credentials.clientId,
        client_secret: credentials.clientSecret,
        grant_type: 'refresh_token',
      }).toString(),
      timeoutMs: limits.tokenMs,
      maxBytes: limits.answerBytes,
    });

  /** The call that needs a token was not made. */
  const unreachable = ({ because }: Broken): IntakeError =>
    new IntakeError('temporary', 'desk-broken', `the connection to Zoho's accounts server broke: ${because}`, {
      sent: false,
    });

  function spent(oldest: Date): IntakeError {
    const free = oldest.getTime() + REFRESH_WINDOW_MS - now().getTime();
    const message = `Desk portal ${names.portal}: ${limits.refreshes} tokens were asked for within ten minutes: no further one for now`;
    return new IntakeError('temporary', 'desk-tokens-spent', message, { retryInMs: Math.min(free, TOKEN_RETRY_MS) });
  }

  /** Revoked overnight or mistyped: a person mends it, and no mail is given up until then. */
  function refusal(status: number, error: string | undefined): IntakeError {
    if (error === undefined || status >= 500)
      return new IntakeError(
        'temporary',
        'desk-server-error',
        `Zoho's accounts server answers ${status} without a token`,
        { status },
      );
    const said = /^[\w ]{1,60}$/.test(error) ? error : 'an error';
    // "Access Denied": too many requests.
    if (/^access.denied$/i.test(said))
      return new IntakeError(
        'temporary',
        'desk-tokens-spent',
        `Zoho gives portal ${names.portal} no further token for now (${said})`,
        {
          retryInMs: REFRESH_WINDOW_MS,
        },
      );
    const wrong = said.startsWith('invalid_client')
      ? `check ${names.variable('CLIENT_ID')} and ${names.variable('CLIENT_SECRET')}`
      : `it was revoked or mistyped: make a new one and set ${names.variable('REFRESH_TOKEN')}`;
    const what = said.startsWith('invalid_client') ? 'client' : 'refresh token';
    return new IntakeError(
      'temporary',
      'desk-configuration',
      `Zoho refuses the ${what} of Desk portal ${names.portal} (${said}): ${wrong}; each belongs to one data centre: check ${names.variable('DATA_CENTRE')}`,
      { retryInMs: CONFIGURATION_RETRY_MS },
    );
  }

  async function change(ask: (state: PortalState) => Promise<Changed>): Promise<Renewed> {
    const result = await memory.change(ask);
    if (result instanceof IntakeError) throw result;
    return result;
  }

  /** A token that another process asked for meanwhile is as good. */
  async function shared(state: PortalState, refused?: string): Promise<Changed> {
    const token = usable(state, refused);
    if (token) return { state, result: { token, scope: null } };
    const before = refusedBefore(state);
    return before ? { state, result: before } : await ask(state);
  }

  async function ofOurOwn(before: PortalState): Promise<Changed> {
    const { state, result } = await ask(before);
    return { state: { ...state, stopped: before.stopped }, result };
  }

  return {
    async get(state, refused) {
      const kept = usable(state, refused);
      if (kept) return kept;
      // One asks, however many calls need it; that one was under way already, and may bring the refused one.
      const early = underWay;
      if (early) {
        const { token } = await early;
        if (token !== refused) return token;
      }
      underWay ??= change((current) => shared(current, refused)).finally(() => {
        underWay = null;
      });
      return (await underWay).token;
    },
    renew: () => change(ofOurOwn),
  };
}

function read(text: string): TokenAnswer {
  try {
    return Token.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}
