/** The poll role: each mailbox is read by the one process that holds its lease; the others stand by and take over. */
import { setTimeout as delay } from 'node:timers/promises';
import { backoff } from '../src/adapters/backoff.ts';
import { messageOf, verdictOf } from '../src/errors.ts';
import { mailboxes as ledger } from '../src/ledger/index.ts';
import type { Mailbox, MailboxMemory } from '../src/ports.ts';
import type { Context } from '../src/stages/context.ts';
import { storeArrivals } from '../src/stages/store.ts';
import { takeIn } from '../src/stages/take-in.ts';
import type { Leases } from './leases.ts';
import type { Running } from './loop.ts';

/** How often a poller that stands by asks for the lease. */
const STANDBY_MS = 2_000;

export type Polled = { readonly mailbox: Mailbox; readonly since: Date };

/** Starts one loop a mailbox. Closing waits until the batch in flight is stored. */
export function startPoll(ctx: Context, leases: Leases, polled: readonly Polled[]): Running {
  const stopping = new AbortController();
  const loops = polled.map((one) => pollMailbox(ctx, leases, one, stopping.signal));
  return {
    async close() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

async function pollMailbox(
  ctx: Context,
  leases: Leases,
  { mailbox, since }: Polled,
  stopping: AbortSignal,
): Promise<void> {
  const { name } = mailbox;
  let failures = 0;
  while (!stopping.aborted) {
    let pause = 0;
    try {
      const lease = await unlessStopped(leases.current(), stopping);
      if (await lease.tryMailbox(name)) {
        ctx.log.info({ mailbox: name }, 'reading');
        const signal = AbortSignal.any([stopping, lease.lost]);
        try {
          while (!signal.aborted) {
            await pollPass(ctx, mailbox, since, signal);
            failures = 0;
            await mailbox.wait(signal);
          }
        } finally {
          if (!lease.lost.aborted) await lease.releaseMailbox(name);
        }
      } else {
        pause = STANDBY_MS;
      }
    } catch (error) {
      if (stopping.aborted) break;
      failures += 1;
      pause = backoff(failures, ctx.random);
      ctx.log.warn(
        { mailbox: name, failures, againInMs: pause, verdict: verdictOf(error), cause: messageOf(error) },
        'cannot read the mailbox',
      );
    }
    await delay(pause, undefined, { signal: stopping }).catch(() => undefined);
  }
  await mailbox.close();
}

/** The promise, or an error as soon as we stop: leases may take as long to come back as the database does. */
function unlessStopped<T>(promise: Promise<T>, stopping: AbortSignal): Promise<T> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(new Error('stopping'));
  if (stopping.aborted) stop();
  stopping.addEventListener('abort', stop, { once: true });
  return Promise.race([promise, stopped]).finally(() => stopping.removeEventListener('abort', stop));
}

/**
 * Reads everything new in a mailbox: stores it, reads it, wakes the classify role. While a batch is being read
 * the next one is fetched. @returns how many mails were new.
 */
export async function pollPass(ctx: Context, mailbox: Mailbox, startDate: Date, signal: AbortSignal): Promise<number> {
  const since = await ledger.rememberMailbox(ctx.db, mailbox.name, startDate);
  const memory: MailboxMemory = {
    since,
    cursor: () => ledger.cursorOf(ctx.db, mailbox.name),
    known: (locators) => ledger.knownLocators(ctx.db, mailbox.name, locators),
  };
  let count = 0;
  let reading: Promise<void> = Promise.resolve();
  try {
    for await (const batch of mailbox.drain(memory, signal)) {
      const fresh = await storeArrivals(ctx, mailbox.name, batch);
      count += fresh.size;
      await reading;
      reading = takeIn(ctx, fresh);
    }
  } finally {
    await reading;
  }
  return count;
}
