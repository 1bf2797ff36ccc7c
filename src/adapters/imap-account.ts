/** imaps://user@host:993/INBOX: which account, over which kind of connection. */
import { isIP } from 'node:net';
import { UserError } from '../errors.ts';
import type { Credentials } from '../ports.ts';
import { credentialsOf, type Login } from './login.ts';

export type ImapAccount = {
  readonly host: string;
  readonly port: number;
  /** `tls` from the first byte, `starttls` that refuses to go on without, `plain` on this machine only. */
  readonly security: 'tls' | 'starttls' | 'plain';
  readonly user: string;
  readonly credentials: Credentials;
  readonly folder: string;
};

const PORTS = { 'imaps:': 993, 'imap:': 143 } as const;

/**
 * Reads the URL of an IMAP mailbox. `imap://` is plain text on loopback and STARTTLS anywhere else.
 * @throws UserError saying what to write instead.
 */
export function parseImapUrl(url: string, login: Login): ImapAccount {
  const example = 'write imaps://user@host:993/INBOX';
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new UserError(`the mailbox address is not a URL: ${example}`);
  }
  const { protocol } = parsed;
  if (protocol !== 'imaps:' && protocol !== 'imap:') throw new UserError(`${protocol} is not IMAP: ${example}`);
  if (parsed.password) throw new UserError('the password does not belong into the mailbox URL: give it on its own');
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  const [user, folder] = [decode(parsed.username), decode(parsed.pathname.slice(1)) || 'INBOX'];
  if (!host || !user) throw new UserError(`the mailbox URL names no ${host ? 'user' : 'host'}: ${example}`);
  const plain = isLoopback(host) ? 'plain' : 'starttls';
  return {
    host,
    port: Number(parsed.port) || PORTS[protocol],
    security: protocol === 'imaps:' ? 'tls' : plain,
    user,
    credentials: credentialsOf(login),
    folder,
  };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
