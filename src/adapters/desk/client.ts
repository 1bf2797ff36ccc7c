/** Calls to one Desk portal: in turn, with a token, within the budget, and none while Desk is down. */
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel';
import type { z } from 'zod';
import { IntakeError } from '../../errors.ts';
import type { Clock, PortalMemory } from '../../ports.ts';
import { type Budget, type Log, stoppedUntil } from './budget.ts';
import { broken, type Failing, type Names, OUTAGES, odd, refusalOf, refused } from './errors.ts';
import { type Answer, exchange } from './http.ts';
import { type DeskLimits, PROBE_RETRY_MS, TOKEN_REFUSED_RETRY_MS } from './limits.ts';
import type { Tokens } from './oauth.ts';
import { Done } from './schemas.ts';

/** One call. A POST makes something: everything else may be done twice. */
export type Call<T extends z.ZodType> = Omit<Failing, 'makes'> & {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: () => FormData;
  readonly answer: T;
  /** Also while the portal is stopped: for `doctor`. */
  readonly anyway?: boolean;
  /** A POST that is no harm when it is done twice. */
  readonly harmless?: boolean;
  /** A call to no organisation in particular. */
  readonly anyOrganisation?: boolean;
};

export type Client = {
  /** Null is an answer without content. @throws IntakeError */
  call<T extends z.ZodType>(call: Call<T>): Promise<z.infer<T> | null>;
  /** Whether Desk answered when it was last called. */
  readonly reachable: () => boolean;
};

type Options = {
  readonly portal: { readonly desk: string; readonly orgId: string };
  readonly names: Names;
  readonly tokens: Tokens;
  readonly budget: Budget;
  readonly memory: PortalMemory;
  readonly limits: DeskLimits;
  readonly now: Clock;
  readonly random: () => number;
  readonly log: Log;
};

export function createClient({ portal, names, tokens, budget, memory, limits, now, random, log }: Options): Client {
  const circuit = circuitBreaker(
    handleWhen((error) => error instanceof IntakeError && OUTAGES.has(error.code)),
    { breaker: new ConsecutiveBreaker(limits.failuresToOpen), halfOpenAfter: limits.openMs },
  );
  let openUntil = 0;
  circuit.onBreak(() => {
    openUntil = performance.now() + limits.openMs;
    log.warn(
      { portal: names.portal, seconds: limits.openMs / 1_000 },
      'Desk does not answer: it is left alone for a while',
    );
  });
  circuit.onReset(() => log.info({ portal: names.portal }, 'Desk answers again'));

  async function send(call: Call<z.ZodType>, token: string): Promise<Answer> {
    const query = call.query ? `?${new URLSearchParams(call.query)}` : '';
    const outcome = await exchange({
      method: call.method,
      url: `${portal.desk}/api/v1${call.path}${query}`,
      headers: {
        authorization: `Zoho-oauthtoken ${token}`,
        ...(call.anyOrganisation ? {} : { orgId: portal.orgId }),
        accept: 'application/json',
        ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.json === undefined ? {} : { body: JSON.stringify(call.json) }),
      ...(call.form ? { body: call.form() } : {}),
      timeoutMs: call.form ? limits.uploadMs : limits.callMs,
      maxBytes: limits.answerBytes,
    });
    if (outcome.status === null) throw broken(failing(call), outcome);
    budget.note(outcome);
    return outcome;
  }

  async function attempt<T extends z.ZodType>(call: Call<T>): Promise<z.infer<T> | null> {
    const state = await memory.read();
    if (!call.anyway) budget.allow(state);
    const token = await tokens.get(state);
    const first = await send(call, token);
    // Refused before anything was done: with another token it is still the first try.
    const answer = first.status === 401 ? await send(call, await tokens.get(await memory.read(), token)) : first;
    if (answer.status >= 200 && answer.status < 300) return contentOf(call, answer);
    if (answer.status === 401) throw tokenRefused(call);
    if (answer.status === 429 && refusalOf(answer.text)?.errorCode === 'THRESHOLD_EXCEEDED')
      throw await creditsGone(call, answer);
    throw refused(failing(call), answer, names, random);
  }

  const tokenRefused = (call: Call<z.ZodType>): IntakeError =>
    new IntakeError(
      'temporary',
      'desk-configuration',
      `Desk portal ${names.portal} refuses ${call.what}: it does not take a token that Zoho has just given: is ${names.variable('DATA_CENTRE')} that of the portal?`,
      { status: 401, retryInMs: TOKEN_REFUSED_RETRY_MS },
    );

  async function creditsGone(call: Call<z.ZodType>, { headers }: Answer): Promise<IntakeError> {
    const until = stoppedUntil(headers, now());
    const because = "the day's API credits of the portal are used up";
    await budget.stop(until, because);
    const fields = { status: 429, retryInMs: until.getTime() - now().getTime() };
    return new IntakeError(
      'temporary',
      'desk-stopped',
      `Desk refuses ${call.what}: ${because} (until ${until.toISOString()})`,
      fields,
    );
  }

  const leftAlone = (retryInMs: number): IntakeError =>
    new IntakeError('temporary', 'desk-unreachable', `Desk portal ${names.portal} did not answer the last calls`, {
      retryInMs: Math.max(retryInMs, 1),
    });

  return {
    call: (call) =>
      budget.inTurn(async () => {
        // The others do not wait for the call that tries.
        if (circuit.state === CircuitState.HalfOpen) throw leftAlone(PROBE_RETRY_MS);
        try {
          return await circuit.execute(() => attempt(call));
        } catch (error) {
          throw isBrokenCircuitError(error) ? leftAlone(Math.ceil(openUntil - performance.now())) : error;
        }
      }),
    reachable: () => circuit.state === CircuitState.Closed,
  };
}

const failing = ({ what, scope, method, harmless, fillsIn = false }: Call<z.ZodType>): Failing => ({
  what,
  scope,
  fillsIn,
  makes: method === 'POST' && !harmless,
});

function contentOf<T extends z.ZodType>(call: Call<T>, { status, text }: Answer): z.infer<T> | null {
  if (status === 204 || text === '') {
    // Lists may have nothing to say, and what is not used need not be said.
    if (call.method === 'GET' || call.answer === (Done as z.ZodType)) return null;
    throw odd(failing(call), status);
  }
  try {
    return call.answer.parse(JSON.parse(text));
  } catch {
    throw odd(failing(call), status);
  }
}
