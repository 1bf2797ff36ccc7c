/** The Desk portals the configuration names, as ticket systems; none where tickets stay in the ledger. */
import { createDeskTickets } from './adapters/desk/tickets-desk.ts';
import type { Config } from './config.ts';
import { deskSince } from './ledger/desk-plans.ts';
import { openPortalMemory } from './ledger/desk-portals.ts';
import type { Db } from './ledger/schema.ts';
import type { Logger } from './log.ts';
import { MAILBOX_NAMES, type MailboxName } from './model.ts';
import type { Policy } from './policy.ts';
import type { Clock, TicketSystem } from './ports.ts';
import type { Context } from './stages/context.ts';
import type { DeskContext } from './stages/desk/context.ts';

type Options = {
  readonly db: Db;
  readonly policy: () => Policy;
  readonly now: Clock;
  readonly random: () => number;
  readonly log: Logger;
};

/** Opens the portals. Nothing is asked of them yet. */
export function openPortals(
  config: Pick<Config, 'desk'>,
  { db, policy, ...rest }: Options,
  resources: AsyncDisposableStack,
): Partial<Record<MailboxName, TicketSystem>> {
  const systems: Partial<Record<MailboxName, TicketSystem>> = {};
  for (const name of MAILBOX_NAMES) {
    const portal = config.desk?.portals[name];
    if (!portal) continue;
    const memory = openPortalMemory(db, name);
    const system = createDeskTickets({ portal, policy: () => policy().desk, memory, ...rest });
    resources.defer(() => system.close());
    systems[name] = system;
  }
  return systems;
}

/** What the deliver role works with; null where tickets stay in the ledger. */
export async function openDesk(
  config: Pick<Config, 'desk'>,
  ctx: Context,
  resources: AsyncDisposableStack,
): Promise<DeskContext | null> {
  if (!config.desk) return null;
  const options = { db: ctx.db, policy: () => ctx.policy, now: ctx.now, random: ctx.random, log: ctx.log };
  const since = config.desk.since ?? (await deskSince(ctx.db, ctx.now()));
  // With its getters: what a reload exchanges stays exchangeable.
  return Object.defineProperties({} as DeskContext, {
    ...Object.getOwnPropertyDescriptors(ctx),
    desk: { value: openPortals(config, options, resources), enumerable: true },
    deskSince: { value: since, enumerable: true },
  });
}
