/** Notices that wait -> one mail to each person concerned, through the outbox (I4, I5). */
import { createHmac } from 'node:crypto';
import { notices, replies, stories } from '../ledger/index.ts';
import type { WaitingNotice } from '../ledger/notices.ts';
import type { Tx } from '../ledger/schema.ts';
import { LOOP_HEADER } from '../model.ts';
import { recipientsOf } from '../pipeline/contacts.ts';
import { domainOf } from '../pipeline/identify.ts';
import { composeNotice } from '../pipeline/notice.ts';
import type { OutgoingMail } from '../ports.ts';
import type { Context } from './context.ts';

/** Notices addressed in one pass; the next takes the rest. */
const ADDRESS_LIMIT = 2_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const HASH_LENGTH = 32;

export type DigestContext = Pick<Context, 'db' | 'policy' | 'threadSecret' | 'escalationDesk' | 'now' | 'log'>;

/**
 * Finds out whom each new notice is for, and writes what waits for one person into the outbox as one mail, in one
 * transaction. Whoever comes while another process is at it leaves it to that one.
 * @returns the ids of the outbox rows to send.
 */
export async function digestNotices(ctx: DigestContext): Promise<number[]> {
  return await ctx.db.transaction().execute(async (tx) => {
    if (!(await notices.takeDigest(tx))) return [];
    const now = ctx.now();
    const { managerAfterHours } = ctx.policy.escalation;
    await notices.followEscalations(tx, new Date(now.getTime() - managerAfterHours * HOUR_MS), now);
    for (const notice of await notices.unaddressed(tx, ADDRESS_LIMIT)) {
      await notices.address(tx, notice, recipientsOf(notice, ctx.policy, ctx.escalationDesk));
    }
    const byRecipient = Map.groupBy(await notices.waiting(tx), (notice) => notice.to);
    const ids: number[] = [];
    for (const [recipient, waiting] of byRecipient) {
      const id = await mailTo(tx, ctx, recipient, waiting, now);
      if (id !== null) ids.push(id);
    }
    return ids;
  });
}

/** @returns the row to send; null when the recipient's turn has not come, or a person has to look first. */
async function mailTo(
  tx: Tx,
  ctx: DigestContext,
  recipient: string,
  waiting: readonly WaitingNotice[],
  now: Date,
): Promise<number | null> {
  const { digest } = ctx.policy.escalation;
  const last = await replies.lastNoticeTo(tx, recipient);
  if (last && now.getTime() - last.at.getTime() < digest.everyMinutes * MINUTE_MS) return null;
  const most = ctx.policy.outbound.maxRepliesPerRecipientAndDay;
  const full = (await replies.countRepliesTo(tx, recipient, new Date(now.getTime() - DAY_MS))) >= most;
  // One mail that is held says that something is wrong; a heap of them says no more.
  if (full && last?.held) return null;
  const heldBecause = full ? `the recipient has had ${most} mails in a day` : null;
  const [first] = waiting;
  if (!first) return null;
  const id = await replies.intendNotice(tx, {
    mailbox: first.mailbox,
    recipient,
    message: await outgoing(tx, ctx, recipient, waiting, first.mailbox),
    heldBecause,
    now,
  });
  if (id === undefined) throw new Error('a notice was mailed, but is not marked so');
  await notices.settle(tx, waiting, recipient, { replyId: id, heldBecause });
  return heldBecause ? null : id;
}

async function outgoing(
  tx: Tx,
  ctx: DigestContext,
  recipient: string,
  waiting: readonly WaitingNotice[],
  from: WaitingNotice['mailbox'],
): Promise<OutgoingMail> {
  const ids = waiting.flatMap(({ ticketId }) => (ticketId === null ? [] : [ticketId]));
  const told = await stories.storiesOf(tx, [...new Set(ids)]);
  const briefs = await stories.briefsOf(tx, [...new Set(waiting.flatMap(({ tickets }) => tickets))]);
  const inputs = waiting.map((notice) => ({
    ...notice,
    story: (notice.ticketId !== null && told.get(notice.ticketId)) || null,
    related: notice.tickets.flatMap((id) => briefs.get(id) ?? []),
  }));
  const mailbox = ctx.policy.mailboxes.mailboxes[from];
  // The same notices to the same person are the same mail, whoever composes it (I4).
  const notes = `${recipient} ${waiting.map(({ id }) => id).join(' ')}`;
  const hash = createHmac('sha256', ctx.threadSecret).update(notes).digest('hex').slice(0, HASH_LENGTH);
  return {
    messageId: `<pi-notice.${hash}@${domainOf(mailbox.address)}>`,
    from: `"${mailbox.name}" <${mailbox.address}>`,
    to: recipient,
    ...composeNotice(inputs, ctx.policy, ctx.now()),
    inReplyTo: null,
    references: [],
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      Precedence: 'bulk',
      'Content-Language': 'en',
      [LOOP_HEADER]: 'notice',
    },
  };
}
