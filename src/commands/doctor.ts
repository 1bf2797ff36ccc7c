import { openQueue } from '../adapters/queue-bullmq.ts';
import { openSenders } from '../assemble.ts';
import { type Config, readConfig } from '../config.ts';
import { messageOf } from '../errors.ts';
import { brakesOf } from '../ledger/brakes.ts';
import type { Db } from '../ledger/schema.ts';
import { createLogger } from '../log.ts';
import { expiryWarnings } from '../login-expiry.ts';
import { MAILBOX_NAMES } from '../model.ts';
import { openPortals } from '../open-desk.ts';
import { openMailboxes } from '../open-mailboxes.ts';
import { openConfiguredLedger, openDirectories } from '../open-stores.ts';
import type { Policy } from '../policy.ts';
import { loadRules } from '../rules.ts';
import { brakeWords } from './outbound.ts';
import { say } from './support.ts';

/** A check that has not answered by then is called wrong. */
const CHECK_TIMEOUT_MS = 20_000;

/** `doctor`: tries every configured connection, in plain words. Exit code 1 when one is wrong. */
export async function doctor(): Promise<void> {
  const config = readConfig(process.env);
  await using resources = new AsyncDisposableStack();
  let wrong = 0;
  const notes: string[] = [];
  for (const [name, check] of checksFor(config, resources, notes)) {
    try {
      say(`ok     ${name}: ${await inTime(check())}`);
    } catch (error) {
      wrong += 1;
      say(`WRONG  ${name}: ${messageOf(error)}`);
    }
  }
  notes.push(...expiryWarnings(config.expiries, new Date()).map(({ line }) => line));
  for (const note of notes) say(`note   ${note}`);
  if (Object.keys(config.mailboxes).length === 0)
    say('note   no mailbox is configured: set MAILBOX_COM and MAILBOX_EU');
  const [sends] = Object.keys(config.smtp);
  for (const name of Object.keys(config.mailboxes).filter((one) => !Object.hasOwn(config.smtp, one)))
    say(
      `note   mailbox ${name} has no SMTP server: its replies wait; notices go out by ${sends ?? 'no mailbox either'}`,
    );
  say(wrong === 0 ? 'Everything that is configured works.' : `${wrong} of the above must be mended.`);
  if (wrong > 0) process.exitCode = 1;
}

type Check = readonly [name: string, check: () => Promise<string>];

/** @param notes takes what is no fault of a connection. */
function checksFor(config: Config, resources: AsyncDisposableStack, notes: string[]): Check[] {
  let databaseUrl: string | undefined;
  let db: Db | undefined;
  let policy: Policy | undefined;
  const checks: Check[] = [
    [
      'policy',
      async () => {
        policy = loadRules(config).policy;
        return `${config.policyDir} is valid (${policy.hash})`;
      },
    ],
    [
      'database',
      async () => {
        const ledger = await openConfiguredLedger(config, resources);
        databaseUrl = ledger.url;
        db = ledger.db;
        notes.push(...(await stopped(ledger.db)));
        return config.databaseUrl
          ? 'answers, schema up to date'
          : `embedded PostgreSQL under ${config.varDir} runs, schema up to date`;
      },
    ],
    [
      'queue',
      async () => {
        if (!databaseUrl && !config.redisUrl) throw new Error('needs the database');
        const queue = await openQueue({
          redisUrl: config.redisUrl,
          databaseUrl: databaseUrl ?? '',
          onError: () => undefined,
        });
        resources.defer(() => queue.close());
        return await queue.check();
      },
    ],
    ['licences', () => openDirectories({ ...config, partners: null }).directory.check()],
    ['partners', () => openDirectories({ ...config, licences: null }).partners.check()],
  ];
  for (const mailbox of openMailboxes(config, createLogger('silent'))) {
    resources.defer(() => mailbox.close());
    checks.push([`mailbox ${mailbox.name}`, () => mailbox.check()]);
  }
  for (const [name, sender] of Object.entries(openSenders(config, createLogger('silent')))) {
    resources.defer(() => sender.close());
    checks.push([`smtp ${name}`, () => sender.check()]);
  }
  for (const name of MAILBOX_NAMES.filter((one) => config.desk?.portals[one]))
    checks.push([
      `desk ${name}`,
      async () => {
        const rules = policy;
        if (!db || !rules) throw new Error(`needs the ${rules ? 'database' : 'policy'}`);
        const options = { db, policy: () => rules, now: () => new Date(), random: Math.random };
        const systems = openPortals(config, { ...options, log: createLogger('silent') }, resources);
        return (await systems[name]?.check()) ?? 'is not configured';
      },
    ]);
  return checks;
}

/** What keeps mail from going out though everything works. */
async function stopped(db: Db): Promise<string[]> {
  const { paused, storm } = await brakesOf(db);
  const end = 'partner-intake outbound resume';
  return [
    ...(paused ? [`all sending is stopped ${brakeWords(paused)}: ${end}`] : []),
    ...(storm ? [`a storm of replies ${brakeWords(storm)}, all are held: ${end}`] : []),
  ];
}

function inTime(check: Promise<string>): Promise<string> {
  const { promise, reject } = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS / 1000} seconds`)),
    CHECK_TIMEOUT_MS,
  );
  return Promise.race([check, promise]).finally(() => clearTimeout(timer));
}
