/** A mail of ours came back: the reply says so, its clock runs on, and an address that is gone gets no more by itself. */
import type { NewEvent } from '../ledger/events.ts';
import { clock, outbound, replies, suppressed } from '../ledger/index.ts';
import { addressKey } from '../ledger/recipients.ts';
import type { Tx } from '../ledger/schema.ts';
import type { ParsedMail } from '../model.ts';
import { isGoneForGood } from '../pipeline/reply/suppression.ts';
import { noticeReferences } from '../pipeline/reply/thread.ts';
import type { Context } from './context.ts';
import { reachedNobody } from './resume-clock.ts';

/** RFC 3464: it arrived, or went on to where nobody reports. */
const ARRIVED = new Set(['delivered', 'relayed', 'expanded']);

/**
 * What a report says became of a mail. Its action decides: one that is given up keeps the 4.x.x of what hindered it all the time.
 * Without an action the first figure of the status does (RFC 3463).
 */
function outcomeOf({ action, status }: NonNullable<ParsedMail['bounce']>): 'arrived' | 'delayed' | 'failed' {
  if (action === 'failed') return 'failed';
  if (action === 'delayed') return 'delayed';
  if (ARRIVED.has(action ?? '') || status?.startsWith('2.')) return 'arrived';
  return status?.startsWith('4.') ? 'delayed' : 'failed';
}

/** @returns what the tickets that it concerns are told; nothing when it was none of ours. */
export async function bouncedBack(
  tx: Tx,
  ctx: Pick<Context, 'policy' | 'now'>,
  bounce: ParsedMail['bounce'],
): Promise<NewEvent[]> {
  if (!bounce) return [];
  const outcome = outcomeOf(bounce);
  if (outcome === 'arrived') return [];
  const reply = await clock.bouncedReply(tx, { messageId: bounce.originalMessageId, recipient: bounce.recipient });
  const because = [bounce.recipient ?? 'nobody is named', bounce.status, bounce.diagnostic].filter(Boolean).join(', ');
  if (!reply) return await noticeCameBack(tx, bounce, outcome, because);
  const { ticketId } = reply;
  if (outcome === 'delayed') return [{ ticketId, what: 'reply delayed', because }];
  await replies.markBounced(tx, reply.id, because, ctx.now());
  return [
    { ticketId, what: 'reply did not arrive', because },
    ...(await keptBack(tx, ctx, reply, bounce, because)),
    ...(await reachedNobody(
      tx,
      ctx,
      { ticketId, replyId: reply.id },
      `the question did not reach ${bounce.recipient ?? 'the partner'}`,
    )),
  ];
}

/** People inside who were to be told were not: whoever looks at the tickets sees it. */
async function noticeCameBack(
  tx: Tx,
  { originalMessageId }: NonNullable<ParsedMail['bounce']>,
  outcome: 'delayed' | 'failed',
  because: string,
): Promise<NewEvent[]> {
  const told = await outbound.noticesTold(tx, noticeReferences(originalMessageId === null ? [] : [originalMessageId]));
  const tickets = [...new Set(told.flatMap((one) => one.tickets))];
  const what = outcome === 'delayed' ? 'notice delayed' : 'notice did not arrive';
  return tickets.map((ticketId) => ({ ticketId, what, because }));
}

/**
 * Only a report that names the Message-ID of a reply that left us counts, and only for the address that we wrote to: anybody can write
 * a mail that looks like a report, and a mail that was forwarded says nothing of who forwarded it.
 */
async function keptBack(
  tx: Tx,
  { now }: Pick<Context, 'now'>,
  { id, ticketId, recipient, isProven }: clock.BouncedReply,
  { recipient: named, status }: NonNullable<ParsedMail['bounce']>,
  because: string,
): Promise<NewEvent[]> {
  if (!isProven || !isGoneForGood(status)) return [];
  if (named !== null && addressKey(named) !== addressKey(recipient)) return [];
  if (!(await suppressed.suppress(tx, { address: recipient, because, replyId: id, since: now() }))) return [];
  const unsuppress = `partner-intake outbound unsuppress ${recipient}`;
  return [
    { ticketId, what: 'no more replies to this address', because: `it came back for good: ${unsuppress} ends it` },
  ];
}
