import { ROLES, type Role, startDaemon } from '../../workers/daemon.ts';
import { readConfig } from '../config.ts';
import { messageOf, UsageError } from '../errors.ts';

/**
 * A second signal, or this long after the first (a little longer than the longest send), ends the process whatever is
 * in flight: the ledger has what matters.
 */
const GRACE_MS = 65_000;

/** `start [role]`: runs until SIGTERM or SIGINT, then finishes work in flight; SIGHUP reads policy and templates again. */
export async function start(role: string): Promise<void> {
  if (!(ROLES as readonly string[]).includes(role))
    throw new UsageError(`"${role}" is no role: write one of ${ROLES.join(', ')}`);
  const config = readConfig(process.env);
  const stopped = stopSignal();
  const reloads = reloadSignal();
  const daemon = await startDaemon(config, role as Role);
  reloads.start(() => daemon.reload());
  // A promise that a library forgot is no reason to stop handling mail; what it broke is in the ledger and is tried again.
  process.on('unhandledRejection', (error) =>
    daemon.ctx.log.error({ cause: messageOf(error), stack: stackOf(error) }, 'unhandled'),
  );
  await stopped;
  const timer = setTimeout(() => process.exit(1), GRACE_MS);
  await daemon.close();
  clearTimeout(timer);
  // All is closed: a library that goes on looking for a store that is gone must not hold the process.
  process.exit(0);
}

/** Resolves at the first SIGTERM or SIGINT; the second one exits at once. */
export function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = false;
  const ask = (): void => {
    if (asked) process.exit(1);
    asked = true;
    resolve();
  };
  process.on('SIGTERM', ask);
  process.on('SIGINT', ask);
  return promise;
}

/** Hears SIGHUP from now on; one that comes before `start` is answered then, since the files may have been read already. */
function reloadSignal(): { start(reload: () => void): void } {
  let missed = false;
  let answer = (): void => {
    missed = true;
  };
  process.on('SIGHUP', () => answer());
  return {
    start(reload) {
      answer = reload;
      if (missed) reload();
    },
  };
}

const stackOf = (error: unknown): string | undefined => (error instanceof Error ? error.stack : undefined);
