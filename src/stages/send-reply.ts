/** One reply of the outbox -> sent, to be tried again, held or failed (I4). */
import { IntakeError, messageOf, verdictOf } from '../errors.ts';
import { replies } from '../ledger/index.ts';
import { livingInstances } from '../ledger/leases.ts';
import type { ReplyRow } from '../ledger/replies.ts';
import type { MailboxName } from '../model.ts';
import type { MailSender } from '../ports.ts';
import type { Context } from './context.ts';
import { retryAt } from './retry.ts';

/** Between two look-ups of an unknown outcome: a server files its copy a little after it answers. */
const LOOK_AGAIN_MS = 3_000;

export type SendContext = Pick<Context, 'db' | 'policy' | 'senders' | 'now' | 'random' | 'log'>;

/** @param instance this process's lease: whoever finds a reply in `sending` can tell whether its sender still lives. */
export async function sendReply(ctx: SendContext, id: number, instance: number): Promise<void> {
  const reply = await replies.claimReply(ctx.db, id, instance, Object.keys(ctx.senders) as MailboxName[]);
  if (reply) return await attempt(ctx, reply, instance);
  const other = await replies.findReply(ctx.db, id);
  if (other?.state === 'sending') await settleUnknown(ctx, other, instance);
}

async function attempt(ctx: SendContext, reply: ReplyRow, instance: number): Promise<void> {
  try {
    const said = await (ctx.senders[reply.mailbox] as MailSender).send(reply.message);
    await replies.finishReply(ctx.db, reply, instance, { state: 'sent', because: `accepted: ${said}` });
  } catch (error) {
    const because = messageOf(error);
    const verdict = verdictOf(error);
    ctx.log.warn({ reply: reply.id, verdict, attempts: reply.attempts }, 'a reply was not accepted');
    if (verdict === 'unknown') {
      const next = new Date(ctx.now().getTime() + LOOK_AGAIN_MS);
      await replies.finishReply(ctx.db, reply, instance, {
        state: 'sending',
        because: `outcome unknown: ${because}`,
        next,
      });
      throw retryLater(error, LOOK_AGAIN_MS);
    }
    if (verdict === 'permanent' || reply.attempts >= ctx.policy.outbound.maxAttempts) {
      await replies.finishReply(ctx.db, reply, instance, { state: 'failed', because });
      return;
    }
    const { next, inMs } = retryAt(reply.attempts, ctx);
    await replies.finishReply(ctx.db, reply, instance, { state: 'intended', because, next });
    throw retryLater(error, inMs);
  }
}

/**
 * A reply in `sending` whose sender is gone, or that this process could not finish: it may have been accepted.
 * It is looked up; only a proven absence lets it be sent again, and what cannot be proven waits for a person.
 */
async function settleUnknown(ctx: SendContext, reply: ReplyRow, instance: number): Promise<void> {
  const ours = reply.sender === instance;
  if (!ours) {
    if (reply.sender !== null && (await livingInstances(ctx.db)).has(reply.sender)) return;
    if (!(await replies.adoptReply(ctx.db, reply.id, reply.sender, instance))) return;
  } else if (reply.because === null) return; // being sent at this moment
  const found = (await ctx.senders[reply.mailbox]?.find(reply.message.messageId)) ?? 'unknown';
  if (found === 'sent') {
    await replies.finishReply(ctx.db, reply, instance, {
      state: 'sent',
      because: 'found among the sent mail: it had been accepted',
    });
    return;
  }
  if (found === 'not-sent') {
    await replies.finishReply(ctx.db, reply, instance, {
      state: 'intended',
      because: 'not among the sent mail: it had not been accepted',
    });
    throw retryLater(new Error('to be sent again'), 0);
  }
  const waited = ctx.now().getTime() - reply.updatedAt.getTime();
  if (waited > ctx.policy.outbound.unknownOutcomeMinutes * 60_000) {
    await replies.finishReply(ctx.db, reply, instance, {
      state: 'held',
      because: 'it may have been sent: look in the Sent folder, then release or drop it',
    });
    return;
  }
  await replies.finishReply(ctx.db, reply, instance, {
    state: 'sending',
    because: 'outcome unknown: looked for among the sent mail',
    next: new Date(ctx.now().getTime() + LOOK_AGAIN_MS),
  });
  throw retryLater(new Error('outcome unknown'), LOOK_AGAIN_MS);
}

const retryLater = (cause: unknown, retryInMs: number): IntakeError =>
  new IntakeError('temporary', 'retry', messageOf(cause), { retryInMs }, { cause });
