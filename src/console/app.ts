/** What the console serves: health, metrics, and the tickets to read. */
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Expiry } from '../config-oauth.ts';
import { type OutboundState, outboundState } from '../ledger/brakes.ts';
import { clockState } from '../ledger/clock-passes.ts';
import { deskState } from '../ledger/desk-calls.ts';
import { stateOf } from '../ledger/state.ts';
import { ticketId } from '../ledger/tickets.ts';
import { listTickets, showTicket } from '../ledger/views.ts';
import { STAGES } from '../ports.ts';
import type { Context } from '../stages/context.ts';
import { attachmentBytes, ticketAttachments } from '../stages/ticket-attachments.ts';
import { download } from './download.ts';
import { expiryMetrics } from './expiry-metrics.ts';
import { metricsText } from './metrics.ts';
import { listPage, ticketPage } from './pages.ts';

/** Unfinished rows older than this mean that nobody works on them: not ready. */
const MAX_UNFINISHED_AGE_MS = 15 * 60_000;

export function createConsole(
  ctx: Pick<Context, 'db' | 'queue' | 'now' | 'read' | 'takeAttachment'>,
  expiries: readonly Expiry[] = [],
): Hono {
  const app = new Hono();
  app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"] } }));
  app.get('/health/live', (c) => c.json({ live: true }));
  app.get('/health/ready', async (c) => {
    try {
      const state = await stateOf(ctx.db);
      await ctx.queue.check();
      const age = state.oldestUnfinished ? ctx.now().getTime() - state.oldestUnfinished.getTime() : 0;
      return c.json(
        {
          ready: age <= MAX_UNFINISHED_AGE_MS,
          oldestUnfinishedSeconds: Math.round(age / 1000),
          // A person's decision or a storm: nothing that a restart would mend.
          outbound: stopped(await outboundState(ctx.db)),
        },
        age <= MAX_UNFINISHED_AGE_MS ? 200 : 503,
      );
    } catch {
      return c.json({ ready: false, because: 'the database or the queue does not answer' }, 503);
    }
  });
  app.get('/metrics', async (c) => {
    const depths = await Promise.all(STAGES.map(async (stage) => [stage, await ctx.queue.depth(stage)] as const));
    const now = ctx.now();
    return c.text(
      metricsText({
        state: await stateOf(ctx.db),
        depths,
        clock: await clockState(ctx.db, now),
        outbound: await outboundState(ctx.db),
        desk: await deskState(ctx.db),
        now,
      }) + expiryMetrics(expiries, now),
    );
  });
  app.get('/', async (c) => c.html(listPage(await listTickets(ctx.db), ctx.now(), await outboundState(ctx.db))));
  app.get('/tickets/:number', async (c) => {
    const id = ticketId(c.req.param('number'));
    const ticket = id === undefined ? undefined : await showTicket(ctx.db, id);
    if (id === undefined || !ticket) return c.text('There is no such ticket.', 404);
    return c.html(ticketPage(ticket, ctx.now(), await ticketAttachments(ctx.db, id, ctx.read)));
  });
  app.get('/tickets/:number/attachments/:n', async (c) => {
    const id = ticketId(c.req.param('number'));
    const all = id === undefined ? [] : await ticketAttachments(ctx.db, id);
    const one = all.find(({ number }) => String(number) === c.req.param('n'));
    if (!one?.kept) return c.text(one ? 'Its bytes were dropped.' : 'There is no such attachment.', one ? 410 : 404);
    const bytes = await attachmentBytes(ctx, one);
    return bytes ? download(one, bytes) : c.text('It is not in its mail as it is read now.', 404);
  });
  return app;
}

/** What stops sending, without whose words: this page is read by machines. */
const stopped = ({ paused, storm, held, waiting }: OutboundState) => ({
  pausedSince: paused?.since.toISOString() ?? null,
  stormSince: storm?.since.toISOString() ?? null,
  held,
  waiting,
});
