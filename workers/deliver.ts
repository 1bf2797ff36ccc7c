/** The deliver role: tickets to Zoho Desk and associates' changes back. The ledger is the truth; Desk follows it, in order. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DeskConfig } from '../src/config-desk.ts';
import { createDeskWebhooks } from '../src/console/desk-webhooks.ts';
import { messageOf, UserError } from '../src/errors.ts';
import { deskPortals, deskTickets } from '../src/ledger/index.ts';
import { MAILBOX_NAMES, type MailboxName } from '../src/model.ts';
import { changesFrom, nextPollMs } from '../src/pipeline/deliver/limits.ts';
import { pinned } from '../src/stages/context.ts';
import type { DeskContext } from '../src/stages/desk/context.ts';
import { type Delivering, deliverDue, takeUpOrphans } from '../src/stages/desk/deliver.ts';
import { lookAtTicket } from '../src/stages/desk/look-at-ticket.ts';
import { planDesk } from '../src/stages/desk/plan.ts';
import { takeUpUnwritten } from '../src/stages/desk/write-down.ts';
import { listen } from './http.ts';
import type { Leases } from './leases.ts';
import { every, type Running } from './loop.ts';

/** When there was nothing to do, it is asked again after this. */
const PASS_EVERY_MS = 1_000;
/** Calls begun at once by one process; each portal's adapter keeps to what the edition allows. */
const CONCURRENCY = 8;
/** A pass over a long backlog comes to an end, so that what is new is planned and people's changes are looked at. */
const PASS_MS = 15_000;
/** Tickets looked at in one pass. */
const LOOK_LIMIT = 100;

export type DeliverState = Omit<Delivering, 'instance'>;

/** Nothing is known of the portals yet. */
export const newDeliverState = (ctx: DeskContext): DeliverState => ({
  quiet: new Map(),
  unwritten: new Map(),
  short: () => MAILBOX_NAMES.filter((name) => ctx.desk[name]?.isShort?.() ?? false),
});

/** Starts the role. Closing waits for the calls in flight. @throws UserError when the port for webhooks cannot be had */
export async function startDeliver(ctx: DeskContext, leases: Leases, config: DeskConfig): Promise<Running> {
  const webhooks = await serveWebhooks(ctx, config);
  const state = newDeliverState(ctx);
  const stopping = new AbortController();
  const delivering = every(
    PASS_EVERY_MS,
    async () => deliverPass(pinned(ctx), { ...state, instance: (await leases.current()).id }, stopping.signal),
    'deliver',
    ctx.log,
  );
  const asking = askForChanges(ctx, stopping.signal);
  return {
    async close() {
      stopping.abort();
      await Promise.all([webhooks?.close(), delivering.close(), asking]);
    },
  };
}

async function serveWebhooks(ctx: DeskContext, { portals, webhooks }: DeskConfig): Promise<Running | null> {
  if (!webhooks) return null;
  try {
    const served = await listen(createDeskWebhooks(ctx, Object.values(portals)), webhooks.host, webhooks.port);
    ctx.log.info({ url: served.url }, 'webhooks of Desk');
    return served;
  } catch (error) {
    throw new UserError(
      `DESK_WEBHOOK_PORT: port ${webhooks.port} cannot be used (${messageOf(error)}): choose another, or 0 for any free one`,
    );
  }
}

/** What is due now: plans what is new, makes calls until none is due (for a while), looks at tickets that were changed there. */
export async function deliverPass(ctx: DeskContext, delivering: Delivering, stopping?: AbortSignal): Promise<void> {
  await takeUpUnwritten(ctx, delivering.unwritten);
  await takeUpOrphans(ctx);
  await planDesk(ctx);
  const end = performance.now() + PASS_MS;
  const goOn = (): boolean => !stopping?.aborted && performance.now() < end;
  await deliverDue(ctx, delivering, { atOnce: CONCURRENCY, goOn });
  const portals = Object.keys(ctx.desk) as MailboxName[];
  const looks = { portals, short: delivering.short(), now: ctx.now(), limit: LOOK_LIMIT };
  for (const one of await deskTickets.dueLooks(ctx.db, looks)) if (!stopping?.aborted) await lookAtTicket(ctx, one);
}

async function askForChanges(ctx: DeskContext, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    await changesPass(pinned(ctx));
    await delay(nextPollMs(ctx.policy.desk), undefined, { signal: stopping }).catch(() => undefined);
  }
}

/** Asks each portal what was changed there since it was last asked. */
export async function changesPass(ctx: DeskContext): Promise<void> {
  for (const name of MAILBOX_NAMES) {
    const system = ctx.desk[name];
    if (!system) continue;
    try {
      const now = ctx.now();
      const known = (await deskPortals.changesKnownUntil(ctx.db, name)) ?? ctx.deskSince;
      const changes = await system.changedSince(changesFrom(known, ctx.policy.desk));
      await deskTickets.lookAtChanged(ctx.db, changes, now);
      await deskPortals.knowChangesUntil(ctx.db, name, now);
    } catch (error) {
      ctx.log.warn({ portal: name, cause: messageOf(error) }, 'Desk could not be asked for changes');
    }
  }
}
