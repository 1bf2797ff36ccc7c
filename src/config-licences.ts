/** What LICENCES and PARTNERS name: where licences are looked up, in this order, and who is a partner. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DirectorySource } from './adapters/licences/directories.ts';
import { messageOf, UserError } from './errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

const EXAMPLE = 'csv:PATH or https://host/path, or both with a comma between them, in the order in which to ask';
/** What a header may hold (RFC 9110), without the spaces that a copied token gets. */
const TOKEN = /^[\x21-\x7e]+$/;

/**
 * The sources in `LICENCES`, null when it is not set. Commas and spaces part them only before a scheme: a path may hold both.
 * @throws UserError
 */
export function licenceSources(env: Env): readonly DirectorySource[] | null {
  const value = env.LICENCES?.trim();
  if (!value) return null;
  const token = (): string | null => tokenIn(env);
  const sources = value.split(/[,\s]+(?=[a-z][a-z0-9+.-]*:)/i).map((one) => sourceOf(one.replace(/,$/, ''), token));
  const remote = sources.find((one) => one.kind === 'https');
  if (remote && token() === null && remote.url.protocol === 'https:')
    throw new UserError('LICENCES_TOKEN: is not set: set it, or LICENCES_TOKEN_FILE to a file that holds it');
  return sources;
}

function sourceOf(value: string, token: () => string | null): DirectorySource {
  const url = URL.parse(value);
  // The value itself may hold a password: it is not repeated.
  if (!url || url.href === url.protocol || !['csv:', 'https:', 'http:'].includes(url.protocol))
    throw new UserError(`LICENCES: is not an address that can be used here: write it as ${EXAMPLE}`);
  if (url.protocol === 'csv:') return { kind: 'csv', path: csvPath(url) };
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new UserError(
      'LICENCES: http:// is for this machine only: the token would cross the network readable: write https://',
    );
  if (url.username || url.password)
    throw new UserError('LICENCES: takes no user or password in the address: set LICENCES_TOKEN');
  url.hash = '';
  return { kind: 'https', url, token };
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);

/** `NAME_FILE` weighs more than `NAME`, as for every secret. @throws UserError */
function tokenIn(env: Env): string | null {
  const file = env.LICENCES_TOKEN_FILE;
  let token = env.LICENCES_TOKEN?.trim() || null;
  if (file)
    try {
      token = readFileSync(file, 'utf8').trim() || null;
    } catch (error) {
      throw new UserError(`LICENCES_TOKEN_FILE: cannot be read: ${messageOf(error)}`);
    }
  if (token !== null && !TOKEN.test(token))
    throw new UserError(
      `LICENCES_TOKEN${file ? '_FILE' : ''}: holds what no token does (spaces, line ends or other characters)`,
    );
  return token;
}

/** The path in `csv:PATH`, relative to the working folder; percent-encoded or, as people write it, as it is. */
function csvPath(url: URL): string {
  const text = url.href.slice(url.protocol.length);
  try {
    return resolve(decodeURIComponent(text));
  } catch {
    return resolve(text);
  }
}
