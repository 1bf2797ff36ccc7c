/** Wakes what the ledger calls unfinished: losing the whole queue loses nothing. */
import { mails, replies } from '../ledger/index.ts';
import type { Stage } from '../ports.ts';
import { type Context, mailboxesOf } from './context.ts';

/** A row untouched for this long is not being worked on at this moment, or is worth a second look. */
const SWEEP_GRACE_MS = 10_000;
/** Rows woken by one pass; the next pass takes the rest. */
const SWEEP_LIMIT = 1_000;

/** @returns how many rows were woken. With `graceMs: 0` everything unfinished is, as after a start. */
export async function sweep(
  ctx: Pick<Context, 'db' | 'queue' | 'now' | 'senders'>,
  stage: Stage,
  graceMs = SWEEP_GRACE_MS,
): Promise<number> {
  const now = ctx.now();
  const before = new Date(now.getTime() - graceMs);
  const ids =
    stage === 'mail'
      ? await mails.unfinishedMails(ctx.db, before, now, SWEEP_LIMIT)
      : await replies.unfinishedReplies(ctx.db, before, now, SWEEP_LIMIT, mailboxesOf(ctx.senders));
  await ctx.queue.enqueue(stage, ids);
  return ids.length;
}
