/** An HTTP server of ours, and its end. */
import { type ServerType, serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Running } from './loop.ts';

/** Requests in flight may end; half a request would hold us for ever. */
const CLOSE_TIMEOUT_MS = 1_000;

/** Serves it. @throws the error of the system when the port cannot be used */
export async function listen(app: Hono, hostname: string, port: number): Promise<Running & { readonly url: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = serve({ fetch: app.fetch, hostname, port }, (info) => resolve(info.port));
  server.on('error', reject);
  const taken = await promise;
  return { url: `http://${hostname}:${taken}/`, close: () => closeServer(server) };
}

function closeServer(server: ServerType): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cut = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), CLOSE_TIMEOUT_MS);
  server.close(() => {
    clearTimeout(cut);
    resolve();
  });
  return promise;
}
