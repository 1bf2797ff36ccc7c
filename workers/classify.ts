/** The classify role: mail jobs -> decisions and tickets, and the sweep that makes losing the queue harmless. */
import { IntakeError, messageOf, verdictOf } from '../src/errors.ts';
import { mails } from '../src/ledger/index.ts';
import { type Context, pinned } from '../src/stages/context.ts';
import { decideMail } from '../src/stages/decide-mail.ts';
import { retryAt } from '../src/stages/retry.ts';
import { sweep } from '../src/stages/sweep.ts';
import { every, type Running } from './loop.ts';

/** Mails decided at once by one process: mostly waiting for the database. */
const CONCURRENCY = 8;
const SWEEP_EVERY_MS = 5_000;
/** A mail that failed this often, for this long, is set aside for a person: an outage of a night is no fault of a mail. */
const MAX_ATTEMPTS = 10;
const GIVE_UP_MS = 24 * 60 * 60_000;

/** Starts the role. Closing waits for what is in flight. */
export async function startClassify(ctx: Context): Promise<Running> {
  const worker = ctx.queue.work('mail', (id) => handleMail(pinned(ctx), id), CONCURRENCY);
  await sweep(ctx, 'mail', 0);
  const sweeping = every(SWEEP_EVERY_MS, () => sweep(ctx, 'mail'), 'sweep of mails', ctx.log);
  return {
    async close() {
      await sweeping.close();
      await worker.close();
    },
  };
}

/** One job: a mail that fails is tried again later, and one that keeps failing is quarantined with its cause; others go on. */
export async function handleMail(ctx: Context, id: number): Promise<void> {
  try {
    await decideMail(ctx, id);
  } catch (error) {
    const mail = await mails.findMail(ctx.db, id);
    const attempts = (mail?.attempts ?? 0) + 1;
    const age = mail ? ctx.now().getTime() - mail.storedAt.getTime() : 0;
    ctx.log.warn({ mail: id, attempts, cause: messageOf(error) }, 'a mail could not be decided');
    if (verdictOf(error) === 'permanent' || (attempts >= MAX_ATTEMPTS && age > GIVE_UP_MS)) {
      await mails.setAside(ctx.db, id, 'quarantined', messageOf(error));
      return;
    }
    const { next, inMs } = retryAt(attempts, ctx);
    await mails.postpone(ctx.db, id, messageOf(error), next);
    throw new IntakeError('temporary', 'retry', messageOf(error), { retryInMs: inMs }, { cause: error });
  }
}
