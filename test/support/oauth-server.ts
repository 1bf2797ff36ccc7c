/** A real OAuth2 server on loopback: gives access tokens for a refresh token, and tells mail servers whose they are. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What the token endpoint says instead: that answer, or nothing, with the line going dead. */
export type TokenAnswer = { readonly status: number; readonly body: string } | 'dead';

export type OAuthServer = AsyncDisposable & {
  readonly tokenUrl: string;
  /** For a mail server: a token is appended, the answer says whose it is and whether it is active. */
  readonly introspectionUrl: string;
  /** Requests to the token endpoint, the oldest first. */
  readonly asked: readonly URLSearchParams[];
  /** The refresh token that is accepted; any other is an invalid_grant. */
  refreshToken: string;
  /** Seconds that tokens live by their own account; null: it is not said. */
  lifetime: number | null;
  answer(next: TokenAnswer | null): void;
  /** Whose token it is; null when it is none of ours, or not any more. */
  ownerOf(token: string): string | null;
  /** All tokens given so far are worth nothing. */
  revoke(): void;
  stop(): Promise<void>;
};

/**
 * @param user the account that all tokens are for
 * @param port a free one unless told
 */
export async function startOAuthServer(user: string, port = 0): Promise<OAuthServer> {
  const asked: URLSearchParams[] = [];
  const valid = new Set<string>();
  let fault: TokenAnswer | null = null;
  const state = { refreshToken: 'refresh', lifetime: 3_600 as number | null };
  const grant = (request: URLSearchParams): { status: number; body: string } => {
    if (request.get('refresh_token') !== state.refreshToken) return { status: 400, body: '{"error":"invalid_grant"}' };
    const token = `token-${asked.length}`;
    valid.add(token);
    const lifetime = state.lifetime === null ? {} : { expires_in: state.lifetime };
    return { status: 200, body: JSON.stringify({ access_token: token, token_type: 'Bearer', ...lifetime }) };
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const say = ({ status, body }: { status: number; body: string }): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    if (url.pathname === '/introspect') {
      const known = valid.has(url.searchParams.get('token') ?? '');
      return say({ status: 200, body: JSON.stringify({ email: user, active: known ? 'yes' : 'no' }) });
    }
    asked.push(new URLSearchParams(await text(request)));
    if (fault === 'dead') return void request.socket.destroy();
    say(fault ?? grant(asked.at(-1) as URLSearchParams));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return {
    tokenUrl: `${origin}/oauth/v2/token`,
    introspectionUrl: `${origin}/introspect?token=`,
    asked,
    get refreshToken() {
      return state.refreshToken;
    },
    set refreshToken(value) {
      state.refreshToken = value;
    },
    get lifetime() {
      return state.lifetime;
    },
    set lifetime(value) {
      state.lifetime = value;
    },
    answer: (next) => {
      fault = next;
    },
    ownerOf: (token) => (valid.has(token) ? user : null),
    revoke: () => valid.clear(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
