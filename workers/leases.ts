/** Keeps this process's leases open: when their connection breaks, whoever relied on one is told, and it is opened anew. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../src/errors.ts';
import { type Instance, openInstance } from '../src/ledger/leases.ts';
import type { Logger } from '../src/log.ts';

const REOPEN_MS = 1_000;

export type Leases = {
  /** The leases of this moment; waits while they are being opened anew. */
  current(): Promise<Instance>;
  close(): Promise<void>;
};

/** @throws what the first connection throws; later ones are tried until closed. */
export async function openLeases(url: string, log: Logger): Promise<Leases> {
  const stopping = new AbortController();
  let current = Promise.resolve(await openInstance(url));
  const reopen = async (): Promise<Instance> => {
    for (;;) {
      stopping.signal.throwIfAborted();
      try {
        const instance = await openInstance(url);
        watch(instance);
        return instance;
      } catch (error) {
        log.warn({ cause: messageOf(error) }, 'the leases are lost; trying to open them again');
        await delay(REOPEN_MS, undefined, { signal: stopping.signal });
      }
    }
  };
  const watch = (instance: Instance): void => {
    instance.lost.addEventListener('abort', () => {
      if (stopping.signal.aborted) return;
      current = reopen();
      current.catch(() => undefined);
    });
  };
  watch(await current);
  return {
    current: () => current,
    async close() {
      stopping.abort();
      await current.then((instance) => instance.close()).catch(() => undefined);
    },
  };
}
