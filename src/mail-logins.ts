/** What each mail account is logged in to with, as the configuration says. */
import type { Login } from './adapters/login.ts';
import { filePassword } from './adapters/login.ts';
import type { OAuthClient } from './adapters/oauth-request.ts';
import { createOAuthTokens } from './adapters/oauth-tokens.ts';
import type { Endpoint } from './config.ts';
import type { Credentials } from './ports.ts';

const now = (): Date => new Date();

/** One source of tokens for an account in this process: its mailbox, its Sent folder and its sender share what it got. */
const sources = new WeakMap<OAuthClient, Credentials>();

/** The login of an inbox or a way out; null when it has none. */
export function loginOf({ oauth, password, passwordFile }: Endpoint): Login | null {
  if (oauth) {
    const source = sources.get(oauth) ?? createOAuthTokens({ client: oauth, now, random: Math.random });
    sources.set(oauth, source);
    return source;
  }
  if (password === null) return null;
  return passwordFile === null ? password : filePassword(password, passwordFile);
}
