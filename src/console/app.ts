/** What the console serves: health, metrics, and the tickets to read. */
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { clockState } from '../ledger/clock-passes.ts';
import { stateOf } from '../ledger/state.ts';
import { ticketId } from '../ledger/tickets.ts';
import { listTickets, showTicket } from '../ledger/views.ts';
import { STAGES } from '../ports.ts';
import type { Context } from '../stages/context.ts';
import { metricsText } from './metrics.ts';
import { listPage, ticketPage } from './pages.ts';

/** Unfinished rows older than this mean that nobody works on them: not ready. */
const MAX_UNFINISHED_AGE_MS = 15 * 60_000;

export function createConsole(ctx: Pick<Context, 'db' | 'queue' | 'now'>): Hono {
  const app = new Hono();
  app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"] } }));
  app.get('/health/live', (c) => c.json({ live: true }));
  app.get('/health/ready', async (c) => {
    try {
      const state = await stateOf(ctx.db);
      await ctx.queue.check();
      const age = state.oldestUnfinished ? ctx.now().getTime() - state.oldestUnfinished.getTime() : 0;
      return c.json(
        { ready: age <= MAX_UNFINISHED_AGE_MS, oldestUnfinishedSeconds: Math.round(age / 1000) },
        age <= MAX_UNFINISHED_AGE_MS ? 200 : 503,
      );
    } catch {
      return c.json({ ready: false, because: 'the database or the queue does not answer' }, 503);
    }
  });
  app.get('/metrics', async (c) => {
    const depths = await Promise.all(STAGES.map(async (stage) => [stage, await ctx.queue.depth(stage)] as const));
    const now = ctx.now();
    return c.text(metricsText(await stateOf(ctx.db), depths, await clockState(ctx.db, now), now));
  });
  app.get('/', async (c) => c.html(listPage(await listTickets(ctx.db), ctx.now())));
  app.get('/tickets/:number', async (c) => {
    const id = ticketId(c.req.param('number'));
    const ticket = id === undefined ? undefined : await showTicket(ctx.db, id);
    return ticket ? c.html(ticketPage(ticket, ctx.now())) : c.text('There is no such ticket.', 404);
  });
  return app;
}
