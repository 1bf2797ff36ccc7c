/** Mail that was just stored -> read, and handed to the classify role. */
import { messageOf } from '../errors.ts';
import type { Context } from './context.ts';
import { readMails } from './read-mail.ts';

/** From here on the ledger has the mail: what fails now is taken up by the sweep. */
export async function takeIn(
  ctx: Pick<Context, 'db' | 'read' | 'log' | 'queue'>,
  fresh: ReadonlyMap<number, Buffer>,
): Promise<void> {
  try {
    await ctx.queue.enqueue('mail', await readMails(ctx, [...fresh.keys()], fresh));
  } catch (error) {
    ctx.log.warn({ count: fresh.size, cause: messageOf(error) }, 'stored, to be read by the sweep');
  }
}
