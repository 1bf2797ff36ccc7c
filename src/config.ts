/** The one file that reads the environment. Everything wrong with it is said at once, a line a variable, with the mend. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DirectorySource } from './adapters/licences/directories.ts';
import type { OAuthClient } from './adapters/oauth-request.ts';
import { type DeskConfig, readDesk } from './config-desk.ts';
import { licenceSources } from './config-licences.ts';
import { type Expiry, LOGIN_VARIABLE, readExpiries, readOAuth } from './config-oauth.ts';
import { messageOf, UserError } from './errors.ts';
import { MAILBOX_NAMES, type MailboxName } from './model.ts';
import { isMailAddress } from './pipeline/words/mail-address.ts';

export const PROJECT_ROOT = resolve(import.meta.dirname, '..');
const DEFAULT_CONSOLE_PORT = 8025;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

export type Endpoint = {
  readonly url: URL;
  readonly password: string | null;
  /** Where the password was read from, when from a file: it may be changed while we run. */
  readonly passwordFile: string | null;
  /** Used instead of a password. */
  readonly oauth: OAuthClient | null;
};
export type MailboxConfig = Endpoint & { readonly since: Date | null };

export type Config = {
  readonly mailboxes: Readonly<Partial<Record<MailboxName, MailboxConfig>>>;
  readonly smtp: Readonly<Partial<Record<MailboxName, Endpoint>>>;
  /** Null: an embedded PostgreSQL under `varDir`. */
  readonly databaseUrl: string | null;
  /** Null: the queue lies in PostgreSQL too. */
  readonly redisUrl: string | null;
  /** Asked in this order; null: none is set. */
  readonly licences: readonly DirectorySource[] | null;
  readonly partners: URL | null;
  /** Told whenever managers are (escalation.yaml); null when there is none. */
  readonly escalationDesk: string | null;
  /** When passwords and refresh tokens run out, where somebody said so. */
  readonly expiries: readonly Expiry[];
  /** Null: tickets stay in the ledger. */
  readonly desk: DeskConfig | null;
  readonly policyDir: string;
  readonly templatesDir: string;
  readonly varDir: string;
  readonly consoleHost: string;
  readonly consolePort: number;
  /** Whether CONSOLE_PORT was set by hand: a port that was only assumed may be given up. */
  readonly consolePortSet: boolean;
  readonly logLevel: string;
};

type Env = Readonly<Record<string, string | undefined>>;

/** Reads `.env` beside the project or in the working folder, when present; what is set already stays. */
export function loadDotEnv(): void {
  for (const file of new Set([resolve('.env'), join(PROJECT_ROOT, '.env')]))
    if (existsSync(file)) process.loadEnvFile(file);
}

/**
 * The configuration in an environment.
 * @throws UserError with one line for each variable that is wrong.
 */
export function readConfig(env: Env): Config {
  const problems: string[] = [];
  const attempt = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (error) {
      problems.push(messageOf(error));
      return otherwise;
    }
  };
  problems.push(...misspelt(env));
  const mailboxes: Partial<Record<MailboxName, MailboxConfig>> = {};
  const smtp: Partial<Record<MailboxName, Endpoint>> = {};
  for (const name of MAILBOX_NAMES) {
    const upper = name.toUpperCase();
    const since = attempt(() => date(env, `MAILBOX_${upper}_SINCE`), null);
    attempt(() => {
      const mailbox = endpoint(
        env,
        `MAILBOX_${upper}`,
        ['imaps:', 'imap:', 'maildir:'],
        'imaps://user@host:993/INBOX or maildir:PATH',
      );
      if (mailbox) mailboxes[name] = { ...mailbox, since };
    }, undefined);
    attempt(() => {
      const sender = endpoint(
        env,
        `SMTP_${upper}`,
        ['smtps:', 'smtp:', 'maildir:'],
        'smtps://user@host:465 or maildir:PATH',
      );
      if (!sender) return;
      // Mail providers use one login for both directions; a second one is only needed where they differ.
      const own = sender.password !== null || sender.oauth !== null;
      const login = own ? sender : (mailboxes[name] ?? loginIn(env, `MAILBOX_${upper}`));
      const shared = env[`MAILBOX_${upper}`]?.startsWith('imap') ? 'MAILBOX' : 'SMTP';
      if (sender.url.username && login.password === null && !login.oauth) throw notSet(`${shared}_${upper}_PASSWORD`);
      const { password, passwordFile, oauth } = login;
      smtp[name] = { url: sender.url, password, passwordFile, oauth };
    }, undefined);
  }
  const config: Config = {
    mailboxes,
    smtp,
    databaseUrl: attempt(
      () => secretUrl(env, 'DATABASE_URL', ['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/database'),
      null,
    ),
    redisUrl: attempt(() => secretUrl(env, 'REDIS_URL', ['redis:', 'rediss:'], 'redis://host:6379'), null),
    licences: attempt(() => licenceSources(env), null),
    partners: attempt(() => url(env, 'PARTNERS', ['csv:'], 'csv:PATH'), null),
    escalationDesk: attempt(() => address(env, 'ESCALATION_DESK'), null),
    expiries: attempt(() => readExpiries({ env, date: (name) => date(env, name) }), []),
    desk: attempt(() => readDesk({ env, secret: (name) => secret(env, name), date: (name) => date(env, name) }), null),
    policyDir: resolve(env.POLICY_DIR || join(PROJECT_ROOT, 'policy')),
    templatesDir: join(PROJECT_ROOT, 'templates'),
    varDir: resolve(env.VAR_DIR || join(PROJECT_ROOT, 'var')),
    consoleHost: env.CONSOLE_HOST || '127.0.0.1',
    consolePort: attempt(() => port(env), DEFAULT_CONSOLE_PORT),
    consolePortSet: Boolean(env.CONSOLE_PORT),
    logLevel: attempt(() => logLevel(env), 'info'),
  };
  // A password that both directions use is missed by both, and said once.
  if (problems.length > 0) throw new UserError([...new Set(problems)].join('\n'));
  return config;
}

/** The path in `csv:PATH` or `maildir:PATH`, relative to the working folder. */
export const pathOf = (address: URL): string => resolve(decoded(address.href.slice(address.protocol.length)));

/** As it stands when it is not percent-encoded: people write paths and passwords as they are. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function endpoint(env: Env, name: string, schemes: readonly string[], example: string): Endpoint | null {
  const address = url(env, name, schemes, example);
  if (!address) return null;
  const { oauth, passwordFile, ...set } = loginIn(env, name);
  const password = set.password ?? (decoded(address.password) || null);
  if (oauth && password !== null)
    throw new UserError(`${name}_PASSWORD: is set, and ${name}_OAUTH_CLIENT_ID too: leave out one of them`);
  // Whoever shows or hands on the address must not hand on the password.
  address.password = '';
  if (address.protocol.startsWith('imap')) {
    if (!address.username) throw new UserError(`${name}: names no user: write ${example}, with @ in the user as %40`);
    if (password === null && !oauth) throw notSet(`${name}_PASSWORD`);
  }
  return { url: address, password, passwordFile, oauth };
}

/** What the variables of an account say about its login. */
function loginIn(env: Env, name: string): Omit<Endpoint, 'url'> {
  const password = secret(env, `${name}_PASSWORD`);
  const passwordFile = password === null ? null : env[`${name}_PASSWORD_FILE`] || null;
  return { password, passwordFile, oauth: readOAuth(name, { env, secret: (one) => secret(env, one) }) };
}

const notSet = (name: string): UserError =>
  new UserError(`${name}: is not set: set it, or ${name}_FILE to a file that holds it`);

function url(env: Env, name: string, schemes: readonly string[], example: string): URL | null {
  const value = env[name]?.trim();
  return value ? parseUrl(name, value, schemes, example) : null;
}

function parseUrl(name: string, value: string, schemes: readonly string[], example: string): URL {
  const parsed = URL.parse(value);
  // The value itself may hold a password: it is not repeated.
  if (!parsed || !schemes.includes(parsed.protocol) || parsed.href === parsed.protocol)
    throw new UserError(`${name}: is not an address that can be used here: write it as ${example}`);
  return parsed;
}

function secretUrl(env: Env, name: string, schemes: readonly string[], example: string): string | null {
  const value = secret(env, name);
  return value === null ? null : parseUrl(name, value, schemes, example).href;
}

/** A secret from its variable or from the file that `NAME_FILE` names. */
function secret(env: Env, name: string): string | null {
  const file = env[`${name}_FILE`];
  if (!file) return env[name] || null;
  try {
    return readFileSync(file, 'utf8').trim() || null;
  } catch (error) {
    throw new UserError(`${name}_FILE: cannot be read: ${messageOf(error)}`);
  }
}

function date(env: Env, name: string): Date | null {
  const value = env[name];
  if (!value) return null;
  const parsed = parseDate(value);
  if (!parsed) throw new UserError(`${name}: "${value}" is not a date: write it as 2026-01-31`);
  return parsed;
}

/** An ISO date, with or without a time; null when it is none. */
export function parseDate(value: string): Date | null {
  const parsed = new Date(value);
  const day = new Date(value.slice(0, 'yyyy-mm-dd'.length));
  if (Number.isNaN(parsed.getTime()) || Number.isNaN(day.getTime())) return null;
  // JavaScript reads 31 February as 3 March.
  return value.startsWith(day.toISOString().slice(0, 10)) ? parsed : null;
}

function address(env: Env, name: string): string | null {
  const value = env[name]?.trim();
  if (!value) return null;
  if (!isMailAddress(value))
    throw new UserError(`${name}: "${value}" is not a mail address: write it as desk@vendor.example`);
  return value.toLowerCase();
}

function port(env: Env): number {
  if (!env.CONSOLE_PORT) return DEFAULT_CONSOLE_PORT;
  const value = Number(env.CONSOLE_PORT);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new UserError(
      `CONSOLE_PORT: "${env.CONSOLE_PORT}" is not a port: write a number from 0 to 65535 (0: any free one)`,
    );
  return value;
}

function logLevel(env: Env): string {
  const value = env.LOG_LEVEL || 'info';
  if (!LOG_LEVELS.includes(value))
    throw new UserError(`LOG_LEVEL: "${value}" is not a level: write one of ${LOG_LEVELS.join(', ')}`);
  return value;
}

/** A variable of ours with a name we do not know would be silently without effect. */
function misspelt(env: Env): string[] {
  const isKnown = (name: string): boolean => {
    const rest = /^(?:MAILBOX|SMTP)_(?:COM|EU)(|_.+)$/.exec(name)?.[1];
    return rest === '' || rest === '_SINCE' || LOGIN_VARIABLE.test(rest ?? '');
  };
  return Object.keys(env)
    .filter((name) => /^(MAILBOX|SMTP)_/.test(name) && !isKnown(name))
    .map(
      (name) =>
        `${name}: is not a variable of partner-intake: the mailboxes are MAILBOX_COM, MAILBOX_EU, SMTP_COM and SMTP_EU`,
    );
}
