/** `TICKETS=desk:` and the variables of the Desk portals. The .com and the .eu mailbox may belong to different organisations and data centres. */
import { UserError } from './errors.ts';
import { MAILBOX_NAMES, type MailboxName } from './model.ts';

/** A portal of Zoho Desk, and how to get in. */
export type DeskPortal = {
  /** Whose variables say so; its tickets come from this mailbox, and from the other one when that has no portal of its own. */
  readonly name: MailboxName;
  /** Origin of its REST API. */
  readonly desk: string;
  /** Origin of its accounts server. */
  readonly accounts: string;
  readonly orgId: string;
  readonly departmentId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
};

/** Where tickets go beside the ledger, and from when on. */
export type DeskConfig = {
  readonly portals: Readonly<Partial<Record<MailboxName, DeskPortal>>>;
  /** Tickets made before this are not taken there; null: before the first start with Desk. */
  readonly since: Date | null;
  /** Where webhooks of Desk are taken; null: changes are only asked for. */
  readonly webhooks: { readonly host: string; readonly port: number } | null;
};

type Host = { readonly desk: string; readonly accounts: string };
const host = (desk: string, accounts: string): Host => ({ desk: `https://${desk}`, accounts: `https://${accounts}` });

/** Zoho's data centres. A table: the `api_domain` of a token's answer is not Desk's. */
export const DATA_CENTRES: Readonly<Record<string, Host>> = {
  us: host('desk.zoho.com', 'accounts.zoho.com'),
  eu: host('desk.zoho.eu', 'accounts.zoho.eu'),
  in: host('desk.zoho.in', 'accounts.zoho.in'),
  au: host('desk.zoho.com.au', 'accounts.zoho.com.au'),
  jp: host('desk.zoho.jp', 'accounts.zoho.jp'),
  ca: host('desk.zohocloud.ca', 'accounts.zohocloud.ca'),
  sa: host('desk.zoho.sa', 'accounts.zoho.sa'),
  cn: host('desk.zoho.com.cn', 'accounts.zoho.com.cn'),
  sg: host('desk.zoho.sg', 'accounts.zoho.sg'),
  ae: host('desk.zoho.ae', 'accounts.zoho.ae'),
};

/** How config.ts reads one variable, and a date. */
export type Reader = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secret: (name: string) => string | null;
  readonly date: (name: string) => Date | null;
};

/** The Desk portals; null when tickets stay in the ledger. @throws UserError with a line for each variable that is wrong. */
export function readDesk({ env, secret, date }: Reader): DeskConfig | null {
  const tickets = env.TICKETS?.trim() || 'ledger:';
  if (tickets === 'ledger:') return null;
  if (tickets !== 'desk:')
    throw new UserError(`TICKETS: ${tickets} is not supported: leave it unset, or set it to ledger: or desk:`);
  const problems: string[] = [];
  const portals: Partial<Record<MailboxName, DeskPortal>> = {};
  for (const name of MAILBOX_NAMES) {
    const portal = readPortal(name, env, secret, problems);
    if (portal) portals[name] = portal;
  }
  if (problems.length === 0 && Object.keys(portals).length === 0)
    problems.push('DESK_COM_DATA_CENTRE: is not set: TICKETS=desk: needs a portal: set the DESK_COM_ variables');
  const port = env.DESK_WEBHOOK_PORT?.trim();
  if (port && !(/^\d{1,5}$/.test(port) && Number(port) <= MAX_PORT))
    problems.push(`DESK_WEBHOOK_PORT: "${port}" is not a port: write a number from 0 to ${MAX_PORT} (0: any free one)`);
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  const webhooks = port ? { host: env.DESK_WEBHOOK_HOST || '127.0.0.1', port: Number(port) } : null;
  return { portals, since: date('TICKETS_SINCE'), webhooks };
}

const MAX_PORT = 65_535;
const NEEDED = ['DATA_CENTRE', 'ORG_ID', 'DEPARTMENT_ID', 'CLIENT_ID', 'CLIENT_SECRET', 'REFRESH_TOKEN'] as const;

function readPortal(
  name: MailboxName,
  env: Reader['env'],
  secret: Reader['secret'],
  problems: string[],
): DeskPortal | undefined {
  const prefix = `DESK_${name.toUpperCase()}_`;
  // A file of a secret alone is none: the compose file names them all.
  if (!NEEDED.some((key) => env[prefix + key])) return undefined;
  const before = problems.length;
  const values = Object.fromEntries(
    NEEDED.map((key) => {
      const value = secret(prefix + key)?.trim() ?? '';
      if (value === '') problems.push(`${prefix}${key}: is not set: Desk portal ${name} needs it`);
      return [key, value];
    }),
  ) as Record<(typeof NEEDED)[number], string>;
  for (const key of ['ORG_ID', 'DEPARTMENT_ID'] as const)
    if (values[key] !== '' && !/^\d{1,20}$/.test(values[key]))
      problems.push(`${prefix}${key}: "${values[key]}" is not an id: Desk's are numbers`);
  const at = values.DATA_CENTRE === '' ? undefined : hostOf(values.DATA_CENTRE);
  if (values.DATA_CENTRE !== '' && !at)
    problems.push(
      `${prefix}DATA_CENTRE: is not a data centre of Zoho: write one of ${Object.keys(DATA_CENTRES).join(', ')}`,
    );
  if (!at || problems.length > before) return undefined;
  return {
    name,
    ...at,
    orgId: values.ORG_ID,
    departmentId: values.DEPARTMENT_ID,
    clientId: values.CLIENT_ID,
    clientSecret: values.CLIENT_SECRET,
    refreshToken: values.REFRESH_TOKEN,
  };
}

/** A data centre by its name; for tests and the demo also a server on this machine that plays both. */
function hostOf(value: string): Host | undefined {
  if (Object.hasOwn(DATA_CENTRES, value.toLowerCase())) return DATA_CENTRES[value.toLowerCase()];
  const url = URL.parse(value);
  return url?.protocol === 'http:' && url.hostname === '127.0.0.1'
    ? { desk: url.origin, accounts: url.origin }
    : undefined;
}
