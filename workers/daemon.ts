/** The daemon: config -> build -> start the roles, and close them in the reverse order. */
import { assemble } from '../src/assemble.ts';
import type { Config } from '../src/config.ts';
import { messageOf, UserError } from '../src/errors.ts';
import { MAILBOX_NAMES } from '../src/model.ts';
import { openDesk } from '../src/open-desk.ts';
import { openMailboxes, startDate } from '../src/open-mailboxes.ts';
import type { Context } from '../src/stages/context.ts';
import { startClassify } from './classify.ts';
import { startClock } from './clock.ts';
import { startConsole } from './console.ts';
import { startDeliver } from './deliver.ts';
import { startExpiry } from './expiry.ts';
import { openLeases } from './leases.ts';
import { startPoll } from './poll.ts';
import { startReply } from './reply.ts';

export const ROLES = ['all', 'poll', 'classify', 'reply', 'clock', 'deliver', 'console'] as const;
export type Role = (typeof ROLES)[number];

export type Daemon = {
  readonly ctx: Context;
  readonly consoleUrl: string | null;
  /** Reads policy and templates again: in force for the next mail, or refused whole with a line in the log. */
  reload(): void;
  close(): Promise<void>;
};

/**
 * Starts one role, or all in one process.
 * @throws UserError naming the variable that a role needs and lacks.
 */
export async function startDaemon(config: Config, role: Role): Promise<Daemon> {
  requireFor(config, role);
  const runs = (one: Role): boolean => role === 'all' || role === one;
  await using building = new AsyncDisposableStack();
  const { ctx, ledger, rules } = await assemble(config, building);
  const leases = await openLeases(ledger.url, ctx.log);
  building.defer(() => leases.close());
  const start = (running: { close(): Promise<void> }): void => building.defer(() => running.close());
  let consoleUrl: string | null = null;
  if (runs('console')) {
    const served = await startConsole(ctx, config, role === 'console');
    consoleUrl = served.url;
    start(served);
  }
  if (runs('reply')) start(await startReply(ctx, leases));
  if (runs('clock')) start(startClock(ctx));
  const desk = runs('deliver') ? await openDesk(config, ctx, building) : null;
  if (desk && config.desk) start(await startDeliver(desk, leases, config.desk));
  if (runs('poll') || runs('reply')) start(startExpiry(config.expiries, ctx.now, ctx.log));
  if (runs('classify')) start(await startClassify(ctx));
  if (runs('poll')) {
    const polled = openMailboxes(config, ctx.log).map((mailbox) => ({
      mailbox,
      since: startDate(config, mailbox.name),
    }));
    start(startPoll(ctx, leases, polled));
  }
  ctx.log.info(
    {
      role,
      mailboxes: Object.keys(config.mailboxes),
      queue: config.redisUrl ? 'redis' : 'postgresql',
      policy: ctx.policy.hash,
    },
    'started',
  );
  const open = building.move();
  return {
    ctx,
    consoleUrl,
    reload: () => void rules.reload(),
    async close() {
      // A connection that breaks while it is being closed leaves nothing undone: the next start sweeps.
      await open.disposeAsync().catch((error: unknown) => ctx.log.error({ cause: messageOf(error) }, 'closing'));
      ctx.log.info({ role }, 'stopped');
    },
  };
}

function requireFor(config: Config, role: Role): void {
  const problems: string[] = [];
  if ((role === 'all' || role === 'poll') && Object.keys(config.mailboxes).length === 0) {
    problems.push(
      'MAILBOX_COM: no mailbox is set: set MAILBOX_COM or MAILBOX_EU, for example imaps://user@host:993/INBOX',
    );
  }
  if ((role === 'all' || role === 'classify' || role === 'clock' || role === 'deliver') && !config.licences) {
    problems.push(
      'LICENCES: is not set: without a licence directory every account would be unknown: set it to csv:PATH or https://host/path',
    );
  }
  if (role === 'all') {
    for (const name of MAILBOX_NAMES) {
      const upper = name.toUpperCase();
      if (config.mailboxes[name] && !config.smtp[name])
        problems.push(
          `SMTP_${upper}: is not set: replies to mail in MAILBOX_${upper} need it, for example smtps://user@host:465`,
        );
    }
  }
  if (role === 'deliver' && !config.desk)
    problems.push('TICKETS: the deliver role has nothing to do: set it to desk:, and the DESK_COM_ variables');
  if (role === 'reply' && Object.keys(config.smtp).length === 0) {
    problems.push('SMTP_COM: no way out for mail is set: set SMTP_COM and SMTP_EU, for example smtps://user@host:465');
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'));
}
