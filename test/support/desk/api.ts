/** Every URL of the double, joined. */
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { errorAnswer } from './answers.ts';
import { contactRoutes, organisationRoutes } from './contacts.ts';
import { conversationRoutes } from './conversation.ts';
import { fieldRoutes } from './fields.ts';
import { budget } from './limits.ts';
import type { DeskEnv, Oauth } from './oauth.ts';
import { searchRoutes } from './search.ts';
import { ticketRoutes } from './tickets.ts';
import type { World } from './types.ts';

export type ApiOptions = {
  /** Awaited in every call, once it has its place. */
  readonly pause: () => Promise<void> | null;
  /** Hears of errors that are no answer of Desk's. */
  readonly bug: (error: unknown) => void;
};

export function openApi(
  world: World,
  oauth: Oauth,
  jwks: () => Promise<object>,
  { pause, bug }: ApiOptions,
): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.onError((error) => {
    if (error instanceof HTTPException) return error.getResponse();
    if (error.name !== 'AbortError') bug(error);
    return errorAnswer('INTERNAL_SERVER_ERROR');
  });
  app.notFound(() => errorAnswer('URL_NOT_FOUND'));
  app.route('/', oauth.routes);
  app.get('/.well-known/jwks.json', async (c) => c.json(await jwks()));
  app.use('/api/v1/*', oauth.identify, budget(world), async (_c, next) => {
    await pause();
    await next();
  });
  const parts = [ticketRoutes, searchRoutes, conversationRoutes, contactRoutes, organisationRoutes];
  for (const part of parts) app.route('/api/v1', part(world));
  app.route('/api/v1', fieldRoutes());
  return app;
}
