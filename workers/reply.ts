/** The reply role: the outbox -> SMTP, and the sweep that takes up what a dead process left behind. */
import { type Context, pinned } from '../src/stages/context.ts';
import { sendReply } from '../src/stages/send-reply.ts';
import { sweep } from '../src/stages/sweep.ts';
import type { Leases } from './leases.ts';
import { every, type Running } from './loop.ts';

/** Replies sent at once by one process: as many as the SMTP pool has connections. */
const CONCURRENCY = 4;
const SWEEP_EVERY_MS = 5_000;

/** Starts the role. Closing waits for what is in flight. */
export async function startReply(ctx: Context, leases: Leases): Promise<Running> {
  const worker = ctx.queue.work(
    'reply',
    async (id) => sendReply(pinned(ctx), id, (await leases.current()).id),
    CONCURRENCY,
  );
  const sweeping = every(SWEEP_EVERY_MS, () => sweep(ctx, 'reply'), 'sweep of replies', ctx.log);
  return {
    async close() {
      await sweeping.close();
      await worker.close();
    },
  };
}
