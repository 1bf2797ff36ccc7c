/** One reply of the outbox -> sent, to be tried again, held or failed (I4). */
import { setTimeout as delay } from 'node:timers/promises';
import { IntakeError, messageOf, verdictOf } from '../errors.ts';
import { events, replies } from '../ledger/index.ts';
import { livingInstances } from '../ledger/leases.ts';
import type { ReplyRow } from '../ledger/replies.ts';
import { afterLooking, isGivenUp } from '../pipeline/reply/limits.ts';
import type { MailSender } from '../ports.ts';
import { claimReply } from './claim-reply.ts';
import type { Context } from './context.ts';
import { questionReleased, unsentSince } from './resume-clock.ts';
import { retryAt } from './retry.ts';

/** Between two look-ups of an unknown outcome: a server files its copy a little after it answers. */
const LOOK_AGAIN_MS = 3_000;
/** Shorter together than the time after which others take up the reply of a sender that lost its lease. */
const RECORD_TRIES = 5;
const RECORD_PAUSE_MS = 1_000;

export type SendContext = Pick<Context, 'db' | 'policy' | 'senders' | 'now' | 'random' | 'log'>;

/** Replies this process is busy with: one that is being sent is not looked up. */
const busy = new Set<number>();

/** @param instance this process's lease: whoever finds a reply in `sending` can tell whether its sender still lives. */
export async function sendReply(ctx: SendContext, id: number, instance: number): Promise<void> {
  if (busy.has(id)) return;
  busy.add(id);
  try {
    const reply = await claimReply(ctx, id, instance);
    if (reply) return await attempt(ctx, reply, instance);
    const other = await replies.findReply(ctx.db, id);
    if (other?.state === 'sending') await settleUnknown(ctx, other, instance);
  } finally {
    busy.delete(id);
  }
}

async function attempt(ctx: SendContext, reply: ReplyRow, instance: number): Promise<void> {
  const outcome = await (ctx.senders[reply.mailbox] as MailSender).send(reply.message).then(
    (said) => ({ said }),
    (error: unknown) => ({ error }),
  );
  // What fails from here on is the ledger, not the mail server: it must not look like a mail that was not accepted.
  if ('said' in outcome) {
    await record(ctx, reply, instance, { state: 'sent', because: `accepted: ${outcome.said}` });
    return await askedAtLast(ctx, reply);
  }
  const { error } = outcome;
  const because = messageOf(error);
  const verdict = verdictOf(error);
  ctx.log.warn({ reply: reply.id, verdict, attempts: reply.attempts }, 'a reply was not accepted');
  if (verdict === 'unknown') {
    const next = new Date(ctx.now().getTime() + LOOK_AGAIN_MS);
    await record(ctx, reply, instance, { state: 'sending', because: `outcome unknown: ${because}`, next });
    throw retryLater(error, LOOK_AGAIN_MS);
  }
  if (verdict === 'permanent') return await record(ctx, reply, instance, { state: 'failed', because });
  const { giveUpAfterHours } = ctx.policy.outbound;
  if (isGivenUp(reply.triedSince ?? reply.createdAt, ctx.now(), ctx.policy)) {
    return await record(ctx, reply, instance, {
      state: 'held',
      because: `tried for ${giveUpAfterHours} hours: ${because}`,
    });
  }
  const { next, inMs } = retryAt(reply.attempts, ctx);
  await record(ctx, reply, instance, { state: 'intended', because, next });
  throw retryLater(error, inMs);
}

/** A question that waited for its mail server stops the clock of its ticket from now on, not from when it was written. */
async function askedAtLast(ctx: SendContext, { id, ticketId, kind, createdAt }: ReplyRow): Promise<void> {
  if (ticketId === null || kind === 'notice' || kind === 'receipt' || createdAt > unsentSince(ctx.now())) return;
  await ctx.db.transaction().execute(async (tx) => {
    await events.record(tx, await questionReleased(tx, ctx, { ticketId, replyId: id, reply: kind }));
  });
}

/** Writes an outcome down, through a short loss of the database: an outcome that is lost has to be looked up. */
async function record(ctx: SendContext, reply: ReplyRow, instance: number, end: replies.AttemptEnd): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await replies.finishReply(ctx.db, reply, instance, end);
    } catch (error) {
      ctx.log.warn({ reply: reply.id, tried, cause: messageOf(error) }, 'the outcome of a reply could not be written');
      if (tried >= RECORD_TRIES) throw retryLater(error, LOOK_AGAIN_MS);
      await delay(RECORD_PAUSE_MS);
    }
  }
}

/**
 * A reply in `sending` whose sender is gone, or that this process could not finish: it may have been accepted.
 * It is looked up; only a proven absence lets it be sent again, and what cannot be proven waits for a person.
 */
async function settleUnknown(ctx: SendContext, reply: ReplyRow, instance: number): Promise<void> {
  if (reply.sender !== instance) {
    if (reply.sender !== null && (await livingInstances(ctx.db)).has(reply.sender)) return;
    if (!(await replies.adoptReply(ctx.db, reply.id, reply.sender, instance))) return;
  }
  const found = (await ctx.senders[reply.mailbox]?.find(reply.message.messageId)) ?? 'unknown';
  const end = afterLooking(found, reply.ageMs, ctx.policy);
  if (end === 'sent') {
    await replies.finishReply(ctx.db, reply, instance, {
      state: 'sent',
      because: 'found among the sent mail: it had been accepted',
    });
    return;
  }
  if (end === 'intended') {
    await replies.finishReply(ctx.db, reply, instance, {
      state: 'intended',
      because: 'not among the sent mail: it had not been accepted',
    });
    throw retryLater(new Error('to be sent again'), 0);
  }
  if (end === 'held') {
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
