/** How a mail account is logged in to besides by password (…_OAUTH_*), and when what it is logged in with runs out (…_EXPIRES). */
import type { OAuthClient } from './adapters/oauth-request.ts';
import { DATA_CENTRES, type Reader } from './config-desk.ts';
import { UserError } from './errors.ts';
import { MAILBOX_NAMES } from './model.ts';

const NEEDED = ['CLIENT_ID', 'CLIENT_SECRET', 'REFRESH_TOKEN'] as const;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** The variables of an account, without its name: what is spelt otherwise is not one of ours. */
export const LOGIN_VARIABLE =
  /^_(PASSWORD(_FILE|_EXPIRES)?|OAUTH_(CLIENT_ID|CLIENT_SECRET(_FILE)?|REFRESH_TOKEN(_FILE)?|TOKEN_URL|DATA_CENTRE|SCOPE|EXPIRES))$/;

/**
 * The OAuth2 client of `name` (MAILBOX_COM, SMTP_EU); null when none is set.
 * @throws UserError with a line for each variable that is missing or wrong
 */
export function readOAuth(name: string, { env, secret }: Pick<Reader, 'env' | 'secret'>): OAuthClient | null {
  const prefix = `${name}_OAUTH_`;
  const says = Object.keys(env).some((key) => key.startsWith(prefix) && key !== `${prefix}EXPIRES` && env[key]);
  if (!says) return null;
  const problems: string[] = [];
  const values = NEEDED.map((part) => {
    const value = part === 'CLIENT_ID' ? (env[`${prefix}${part}`]?.trim() ?? '') : (secret(`${prefix}${part}`) ?? '');
    if (!value)
      problems.push(`${prefix}${part}: is not set: OAuth needs ${NEEDED.map((one) => prefix + one).join(', ')}`);
    return { value, file: env[`${prefix}${part}_FILE`] || null };
  });
  let tokenUrl = '';
  try {
    tokenUrl = tokenUrlOf(prefix, env);
  } catch (error) {
    problems.push((error as UserError).message);
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  const [clientId, clientSecret, refreshToken] = values as [
    OAuthClient['clientSecret'],
    OAuthClient['clientSecret'],
    OAuthClient['refreshToken'],
  ];
  return {
    name,
    tokenUrl,
    clientId: clientId.value,
    clientSecret,
    refreshToken,
    scope: env[`${prefix}SCOPE`]?.trim() || null,
  };
}

/** As it is set, else Zoho's of the data centre. */
function tokenUrlOf(prefix: string, env: Reader['env']): string {
  const given = env[`${prefix}TOKEN_URL`]?.trim();
  if (given) {
    const url = URL.parse(given);
    const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
    if (!url || !safe || url.username || url.password)
      throw new UserError(
        `${prefix}TOKEN_URL: is not an address that secrets may be sent to: write it as https://accounts.vendor.example/oauth/v2/token`,
      );
    return url.href;
  }
  const centre = env[`${prefix}DATA_CENTRE`]?.trim().toLowerCase();
  const centres = Object.keys(DATA_CENTRES).join(', ');
  if (!centre)
    throw new UserError(`${prefix}DATA_CENTRE: is not set: write one of ${centres}, or set ${prefix}TOKEN_URL`);
  const known = Object.hasOwn(DATA_CENTRES, centre) ? DATA_CENTRES[centre] : undefined;
  if (!known)
    throw new UserError(`${prefix}DATA_CENTRE: "${centre}" is no data centre of Zoho: write one of ${centres}`);
  return `${known.accounts}/oauth/v2/token`;
}

/** When something that we log in with runs out, as an administrator set it. */
export type Expiry = { readonly variable: string; readonly at: Date };

/** All that are set. @throws UserError with a line for each that is no date */
export function readExpiries({ env, date }: Pick<Reader, 'env' | 'date'>): Expiry[] {
  const problems: string[] = [];
  const expiries = ['MAILBOX', 'SMTP'].flatMap((kind) =>
    MAILBOX_NAMES.flatMap((name) =>
      ['PASSWORD', 'OAUTH'].flatMap((what): Expiry[] => {
        const variable = `${kind}_${name.toUpperCase()}_${what}_EXPIRES`;
        if (!env[variable]) return [];
        try {
          const at = date(variable);
          return at ? [{ variable, at }] : [];
        } catch (error) {
          problems.push((error as UserError).message);
          return [];
        }
      }),
    ),
  );
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  return expiries;
}
