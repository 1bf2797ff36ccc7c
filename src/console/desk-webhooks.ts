/** What Desk tells of changes by webhook. A delivery is a hint: only its headers are signed, so that each ticket is read anew before anything is believed. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { lookAtChanged } from '../ledger/desk-tickets.ts';
import type { MailboxName } from '../model.ts';
import type { Context } from '../stages/context.ts';

/** Against bodies that are made to be large: a delivery is a list of tickets. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;
const MAX_EVENTS = 1_000;
/** Zoho wants an answer within five seconds: the keys must be there sooner. */
const KEYS_TIMEOUT_MS = 3_000;

const Events = z
  .array(
    z.object({
      eventType: z.string(),
      payload: z.object({ id: z.string().optional(), ticketId: z.string().optional() }),
    }),
  )
  .max(MAX_EVENTS);

export type WebhookPortal = {
  readonly name: MailboxName;
  /** Where the keys are that its deliveries are signed with. */
  readonly desk: string;
};

/**
 * `/desk/com` and `/desk/eu`. Desk asks with GET and POST, unsigned, when a webhook is made, and wants 200: so that is the answer to
 * everything, and what is not signed has no effect.
 */
export function createDeskWebhooks(ctx: Pick<Context, 'db' | 'now' | 'log'>, portals: readonly WebhookPortal[]): Hono {
  const app = new Hono();
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES }));
  for (const { name, desk } of portals) {
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', desk), { timeoutDuration: KEYS_TIMEOUT_MS });
    app.get(`/desk/${name}`, (c) => c.text('ready'));
    app.post(`/desk/${name}`, async (c) => {
      const token = c.req.header('X-ZDesk-JWT');
      if (!token) return c.text('ready');
      try {
        await jwtVerify(token, keys, { algorithms: ['RS256'] });
        const events = Events.parse(await c.req.json());
        const now = ctx.now();
        await lookAtChanged(ctx.db, changesIn(events, now), now);
      } catch (error) {
        // The poll finds what is lost here.
        ctx.log.warn({ portal: name, cause: messageOf(error) }, 'a delivery of Desk was not taken');
      }
      return c.text('ready');
    });
  }
  return app;
}

/** A ticket event names the ticket as `id`, one of a comment or a thread as `ticketId`. */
const changesIn = (events: z.infer<typeof Events>, now: Date) =>
  events.flatMap(({ payload: { id, ticketId } }) =>
    (ticketId ?? id) ? [{ id: String(ticketId ?? id), at: now }] : [],
  );
