/** The console role: pages for associates, health for the operator's tools, metrics for Prometheus. */
import type { Config } from '../src/config.ts';
import { createConsole } from '../src/console/app.ts';
import { UserError } from '../src/errors.ts';
import type { Context } from '../src/stages/context.ts';
import { listen } from './http.ts';
import type { Running } from './loop.ts';

/**
 * Serves the console. A port that was only assumed is given up when it is taken; one that was set, or the console
 * as a role of its own, must be had.
 */
export async function startConsole(
  ctx: Context,
  config: Config,
  required: boolean,
): Promise<Running & { url: string | null }> {
  const app = createConsole(ctx, config.expiries);
  try {
    const served = await listen(app, config.consoleHost, config.consolePort);
    ctx.log.info({ url: served.url }, 'console');
    return served;
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
