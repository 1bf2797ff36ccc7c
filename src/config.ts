/** The one file that reads the environment. Everything wrong with it is said at once, a line a variable, with the mend. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf, UserError } from './errors.ts';
import { MAILBOX_NAMES, type MailboxName } from './model.ts';
import { isMailAddress } from './pipeline/words/mail-address.ts';

export const PROJECT_ROOT = resolve(import.meta.dirname, '..');
const DEFAULT_CONSOLE_PORT = 8025;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

export type Endpoint = { readonly url: URL; readonly password: string | null };
export type MailboxConfig = Endpoint & { readonly since: Date | null };

export type Config = {
  readonly mailboxes: Readonly<Partial<Record<MailboxName, MailboxConfig>>>;
  readonly smtp: Readonly<Partial<Record<MailboxName, Endpoint>>>;
  /** Null: an embedded PostgreSQL under `varDir`. */
  readonly databaseUrl: string | null;
  /** Null: the queue lies in PostgreSQL too. */
  readonly redisUrl: string | null;
  readonly licences: URL | null;
  readonly partners: URL | null;
  /** Told whenever managers are (escalation.yaml); null when there is none. */
  readonly escalationDesk: string | null;
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
      // Mail providers use one password for both directions; a second one is only needed where they differ.
      const password = sender.password ?? mailboxes[name]?.password ?? secret(env, `MAILBOX_${upper}_PASSWORD`);
      const shared = env[`MAILBOX_${upper}`]?.startsWith('imap') ? 'MAILBOX' : 'SMTP';
      if (sender.url.username && password === null) throw notSet(`${shared}_${upper}_PASSWORD`);
      smtp[name] = { ...sender, password };
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
    licences: attempt(() => url(env, 'LICENCES', ['csv:'], 'csv:PATH'), null),
    partners: attempt(() => url(env, 'PARTNERS', ['csv:'], 'csv:PATH'), null),
    escalationDesk: attempt(() => address(env, 'ESCALATION_DESK'), null),
    policyDir: resolve(env.POLICY_DIR || join(PROJECT_ROOT, 'policy')),
    templatesDir: join(PROJECT_ROOT, 'templates'),
    varDir: resolve(env.VAR_DIR || join(PROJECT_ROOT, 'var')),
    consoleHost: env.CONSOLE_HOST || '127.0.0.1',
    consolePort: attempt(() => port(env), DEFAULT_CONSOLE_PORT),
    consolePortSet: Boolean(env.CONSOLE_PORT),
    logLevel: attempt(() => logLevel(env), 'info'),
  };
  if (env.TICKETS && env.TICKETS !== 'ledger:')
    problems.push(`TICKETS: ${env.TICKETS} is not supported: leave it unset or set it to ledger:`);
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
  const oauth = Object.keys(env).find((key) => key.startsWith(`${name}_OAUTH_`) && env[key]);
  if (oauth) throw new UserError(`${oauth}: OAuth is not supported yet: use an app password in ${name}_PASSWORD`);
  const password = secret(env, `${name}_PASSWORD`) ?? (decoded(address.password) || null);
  // Whoever shows or hands on the address must not hand on the password.
  address.password = '';
  if (address.protocol.startsWith('imap')) {
    if (!address.username) throw new UserError(`${name}: names no user: write ${example}, with @ in the user as %40`);
    if (password === null) throw notSet(`${name}_PASSWORD`);
  }
  return { url: address, password };
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
  const parsed = new Date(value);
  const day = new Date(value.slice(0, 'yyyy-mm-dd'.length));
  // JavaScript reads 31 February as 3 March.
  if (
    Number.isNaN(parsed.getTime()) ||
    Number.isNaN(day.getTime()) ||
    !value.startsWith(day.toISOString().slice(0, 10))
  )
    throw new UserError(`${name}: "${value}" is not a date: write it as 2026-01-31`);
  return parsed;
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
  const known = /^(MAILBOX|SMTP)_(COM|EU)(_PASSWORD(_FILE)?|_SINCE|_OAUTH_[A-Z_]+)?$/;
  return Object.keys(env)
    .filter((name) => /^(MAILBOX|SMTP)_/.test(name) && !known.test(name))
    .map(
      (name) =>
        `${name}: is not a variable of partner-intake: the mailboxes are MAILBOX_COM, MAILBOX_EU, SMTP_COM and SMTP_EU`,
    );
}
