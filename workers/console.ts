/** The console role: pages for associates, health for the operator's tools, metrics for Prometheus. */
import { type ServerType, serve } from '@hono/node-server';
import type { Config } from '../src/config.ts';
import { createConsole } from '../src/console/app.ts';
import { UserError } from '../src/errors.ts';
import type { Context } from '../src/stages/context.ts';
import type { Running } from './loop.ts';

/** Requests in flight may end; half a request would hold us for ever. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * Serves the console. A port that was only assumed is given up when it is taken; one that was set, or the console
 * as a role of its own, must be had.
 */
export async function startConsole(
  ctx: Context,
  config: Config,
  required: boolean,
): Promise<Running & { url: string | null }> {
  const app = createConsole(ctx);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = serve({ fetch: app.fetch, hostname: config.consoleHost, port: config.consolePort }, (info) =>
    resolve(info.port),
  );
  server.on('error', reject);
  try {
    const port = await promise;
    const url = `http://${config.consoleHost}:${port}/`;
    ctx.log.info({ url }, 'console');
    return { url, close: () => closeServer(server) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (required || config.consolePortSet) {
      throw new UserError(
        `CONSOLE_PORT: port ${config.consolePort} cannot be used (${code}): choose another, or 0 for any free one`,
      );
    }
    ctx.log.warn({ port: config.consolePort, code }, 'the console is not served: its port is taken');
    return { url: null, close: async () => undefined };
  }
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
