/** The accounts server's token endpoint, and who may do what with a token. */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { refusal } from './answers.ts';
import type { Call, Portal, World } from './types.ts';

/** One registered program. A data centre knows only its own: a double plays one data centre, start two for two. */
export type ClientOptions = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  /** The organisations that its tokens belong to. */
  readonly orgIds: readonly string[];
  readonly scopes: readonly string[];
};

export type OauthOptions = {
  /** Seconds a token lives. */
  readonly lifetime: number;
  readonly omitExpiresIn: boolean;
  /** Tokens that a refresh token gives within ten minutes. */
  readonly tokensPerTenMinutes: number;
};

type Token = { readonly client: ClientOptions; expiresAt: number };

export type DeskEnv = {
  Bindings: { call: Call; onDone: (done: () => void) => void };
  Variables: { portal: Portal; token: Token };
};

export const DEFAULT_SCOPES: readonly string[] = [
  'Desk.tickets.CREATE',
  'Desk.tickets.READ',
  'Desk.tickets.UPDATE',
  'Desk.contacts.CREATE',
  'Desk.contacts.READ',
  'Desk.search.READ',
  'Desk.basic.READ',
  'Desk.basic.CREATE',
  'Desk.settings.READ',
];

const TEN_MINUTES = 600_000;
const holds = (scopes: readonly string[], wanted: string) => {
  const all = `${wanted.slice(0, wanted.lastIndexOf('.'))}.ALL`;
  return scopes.includes(wanted) || scopes.includes(all);
};

/** Lets a call through when its token has one scope of each list. @throws SCOPE_MISMATCH */
export function allow(...lists: readonly (readonly string[])[]): MiddlewareHandler<DeskEnv> {
  return async (c, next) => {
    const { scopes } = c.var.token.client;
    if (!lists.every((list) => list.some((wanted) => holds(scopes, wanted)))) throw refusal('SCOPE_MISMATCH');
    await next();
  };
}

export type Oauth = {
  /** POST /oauth/v2/token */
  readonly routes: Hono<DeskEnv>;
  /** Finds out whose call it is. */
  readonly identify: MiddlewareHandler<DeskEnv>;
  /** Every token given so far is of no use any more. */
  expireTokens(): void;
  tokensGiven(): number;
};

export function startOauth(world: World, clients: readonly ClientOptions[], options: OauthOptions): Oauth {
  const tokens = new Map<string, Token>();
  const given = new Map<string, number[]>();
  let count = 0;

  const parameters = async (c: Context) => {
    const form = await c.req.parseBody();
    return (name: string) => c.req.query(name) ?? (typeof form[name] === 'string' ? form[name] : '');
  };

  const routes = new Hono<DeskEnv>();
  routes.post('/oauth/v2/token', async (c) => {
    const parameter = await parameters(c);
    const client = clients.find(({ clientId }) => clientId === parameter('client_id'));
    // The accounts server says no with status 200.
    if (!client) return c.json({ error: 'invalid_client' });
    if (client.clientSecret !== parameter('client_secret')) return c.json({ error: 'invalid_client_secret' });
    if (parameter('grant_type') !== 'refresh_token') return c.json({ error: 'unsupported_grant_type' });
    if (client.refreshToken !== parameter('refresh_token')) return c.json({ error: 'invalid_code' });

    const recent = (given.get(client.refreshToken) ?? []).filter((at) => at > world.now() - TEN_MINUTES);
    if (recent.length >= options.tokensPerTenMinutes) {
      const error_description = 'You have made too many requests continuously. Please try again after some time.';
      return c.json({ error_description, error: 'Access Denied', status: 'failure' }, 400);
    }
    given.set(client.refreshToken, [...recent, world.now()]);
    count += 1;
    const token = `1000.${String(count).padStart(6, '0')}.${crypto.randomUUID().replaceAll('-', '')}`;
    tokens.set(token, { client, expiresAt: world.now() + options.lifetime * 1000 });
    return c.json({
      access_token: token,
      scope: client.scopes.join(' '),
      // Not where Desk is: the host of another product's API.
      api_domain: 'https://www.zohoapis.example',
      token_type: 'Bearer',
      ...(options.omitExpiresIn ? {} : { expires_in: options.lifetime }),
    });
  });

  const identify: MiddlewareHandler<DeskEnv> = async (c, next) => {
    const [scheme, secret] = (c.req.header('authorization') ?? '').split(' ');
    if (scheme !== 'Zoho-oauthtoken' || !secret) throw refusal('UNAUTHORIZED');
    const orgId = c.req.header('orgId') ?? c.req.query('orgId');
    const needsOrg = !c.req.path.endsWith('/organizations');
    if (orgId === undefined ? needsOrg : !/^\d+$/.test(orgId)) throw refusal('INTERNAL_SERVER_ERROR');
    const token = tokens.get(secret);
    if (!token || token.expiresAt <= world.now()) throw refusal('INVALID_OAUTH');
    const portal = world.portals.get(orgId ?? token.client.orgIds[0] ?? '');
    if (!portal || !token.client.orgIds.includes(portal.orgId)) throw refusal('OAUTH_ORG_MISMATCH');
    c.set('portal', portal);
    c.set('token', token);
    await next();
  };

  return {
    routes,
    identify,
    expireTokens: () => tokens.clear(),
    tokensGiven: () => count,
  };
}
