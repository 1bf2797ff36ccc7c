/** A pass, again and again, until stopped: the pass is callable by itself, and stopping waits for the one in flight. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../src/errors.ts';
import type { Logger } from '../src/log.ts';

export type Running = { close(): Promise<void> };

/** Runs `pass` every `everyMs`; what it throws is logged and the next pass comes all the same. */
export function every(everyMs: number, pass: () => Promise<unknown>, name: string, log: Logger): Running {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await pass().catch((error: unknown) => log.error({ cause: messageOf(error) }, `${name} failed`));
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    close() {
      stopping.abort();
      return running;
    },
  };
}
