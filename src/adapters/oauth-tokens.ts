/** Access tokens of one mail account: kept until shortly before they run out, asked for once at a time and not too often. */
import { readFile } from 'node:fs/promises';
import { IntakeError, messageOf } from '../errors.ts';
import type { Clock, Credentials } from '../ports.ts';
import { backoff } from './backoff.ts';
import { type OAuthClient, requestToken, type Secret, type Secrets } from './oauth-request.ts';

/**
 * Zoho gives ten access tokens for a refresh token in ten minutes, to all processes together: two of ours (poll and
 * reply) and a command at hand stay below that.
 */
const MAX_REFRESHES = 3;
const REFRESH_WINDOW_MS = 10 * 60_000;
/** A token is given up this long before its end: a login and its server's clock need time. */
const EARLY_MS = 60_000;
/** A token that is refused though it was made only just now: another one would be refused too. */
const JUST_MADE_MS = 60_000;
/** What only a person can mend is not asked again before this, unless the secrets in their files have changed. */
const PERMANENT_PAUSE_MS = 15 * 60_000;

export type OAuthTokensOptions = {
  readonly client: OAuthClient;
  readonly now: Clock;
  /** Numbers from 0 to 1: spreads the tries after a failure. */
  readonly random: () => number;
};

type Token = { readonly value: string; readonly madeAt: number; readonly endsAt: number };
type Failure = { readonly error: unknown; readonly until: number; readonly secrets: Secrets };

/**
 * Credentials whose secret is an access token. Nothing is asked while an earlier failure is fresh: it is thrown again.
 * Both methods throw what requestToken throws, and IntakeError `temporary`, code `oauth`, when too many tokens were asked for.
 */
export function createOAuthTokens({ client, now, random }: OAuthTokensOptions): Credentials {
  let token: Token | null = null;
  let failure: Failure | null = null;
  let failures = 0;
  let asking: Promise<string> | null = null;
  let askedAt: number[] = [];
  const time = (): number => now().getTime();

  /** As many as we allow ourselves were asked for. */
  const mayNotAsk = (): boolean => {
    askedAt = askedAt.filter((at) => at > time() - REFRESH_WINDOW_MS);
    return askedAt.length >= MAX_REFRESHES;
  };

  const ask = async (): Promise<string> => {
    const secrets = await secretsOf(client);
    if (failure && time() < failure.until && same(failure.secrets, secrets)) throw failure.error;
    if (mayNotAsk()) throw tooMany(client, (askedAt[0] ?? 0) + REFRESH_WINDOW_MS - time(), failure?.error);
    const at = time();
    try {
      const { value, lifetimeMs } = await requestToken(client, secrets);
      askedAt.push(at);
      token = { value, madeAt: time(), endsAt: time() + Math.max(lifetimeMs - EARLY_MS, lifetimeMs / 2) };
      failure = null;
      failures = 0;
      return value;
    } catch (error) {
      // What the server never heard of, it does not count.
      if (!(error instanceof IntakeError && error.fields.sent === false)) askedAt.push(at);
      const lasting = error instanceof IntakeError && error.verdict === 'permanent';
      failure = { error, until: time() + (lasting ? PERMANENT_PAUSE_MS : backoff(failures, random)), secrets };
      failures += 1;
      throw error;
    }
  };
  /** Whoever comes while one is being asked for gets that one. */
  const asked = (): Promise<string> => {
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  };
  const current = async (): Promise<string> => {
    // One that was refused is being replaced: better than that, but where there is none to be had it has to do.
    const next = await asking?.catch(() => null);
    return next ?? (token && time() < token.endsAt ? token.value : await asked());
  };

  return {
    kind: 'token',
    current,
    async renewed(refused) {
      if (token?.value !== refused) return await current();
      // Kept until there is another one: who else has it may be let in with it.
      if (time() < token.madeAt + JUST_MADE_MS || mayNotAsk()) return null;
      return await asked();
    },
  };
}

async function secretsOf({ clientSecret, refreshToken, name }: OAuthClient): Promise<Secrets> {
  const read = async ({ value, file }: Secret, variable: string): Promise<string> => {
    if (file === null) return value;
    try {
      return (await readFile(file, 'utf8')).trim() || value;
    } catch (error) {
      throw new IntakeError(
        'temporary',
        'oauth',
        `${name}_OAUTH_${variable}_FILE: cannot be read: ${messageOf(error)}`,
      );
    }
  };
  return {
    clientSecret: await read(clientSecret, 'CLIENT_SECRET'),
    refreshToken: await read(refreshToken, 'REFRESH_TOKEN'),
  };
}

const same = (a: Secrets, b: Secrets): boolean =>
  a.clientSecret === b.clientSecret && a.refreshToken === b.refreshToken;

function tooMany({ name }: OAuthClient, waitMs: number, last: unknown): IntakeError {
  const why = last === undefined ? 'Zoho gives ten' : `the last time: ${messageOf(last)}`;
  return new IntakeError(
    'temporary',
    'oauth',
    `${MAX_REFRESHES} access tokens of ${name} were asked for within ${REFRESH_WINDOW_MS / 60_000} minutes, the next one in ${Math.ceil(waitMs / 1_000)} s: ${why}`,
  );
}
