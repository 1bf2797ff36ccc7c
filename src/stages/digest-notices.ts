/** Notices that wait -> one mail to each person concerned, through the outbox (I4, I5). */
import { counts, notices, replies, stories } from '../ledger/index.ts';
import type { WaitingNotice } from '../ledger/notices.ts';
import type { Tx } from '../ledger/schema.ts';
import { LOOP_HEADER, MAILBOX_NAMES, type MailboxName } from '../model.ts';
import { domainOf } from '../pipeline/decide/identify.ts';
import { everyManager, namedFor, recipientsOf } from '../pipeline/notice/contacts.ts';
import { composeNotice } from '../pipeline/notice/notice.ts';
import { managersSince, mayBeMailed } from '../pipeline/notice/occasions.ts';
import { DAY_MS, recipientHasAll } from '../pipeline/reply/limits.ts';
import { noticeMessageId } from '../pipeline/reply/thread.ts';
import type { OutgoingMail } from '../ports.ts';
import type { Context } from './context.ts';

/** Notices addressed in one pass; the next takes the rest. */
const ADDRESS_LIMIT = 2_000;

export type DigestContext = Pick<
  Context,
  'db' | 'policy' | 'senders' | 'noticeSecret' | 'escalationDesk' | 'now' | 'log'
>;

/**
 * Finds out whom each new notice is for, and writes what waits for one person into the outbox as one mail, in one
 * transaction. Whoever comes while another process is at it leaves it to that one.
 * @returns the ids of the outbox rows to send.
 */
export async function digestNotices(ctx: DigestContext): Promise<number[]> {
  return await ctx.db.transaction().execute(async (tx) => {
    if (!(await notices.takeDigest(tx))) return [];
    const now = ctx.now();
    await notices.followEscalations(tx, managersSince(now, ctx.policy), now);
    for (const notice of await notices.unaddressed(tx, ADDRESS_LIMIT)) {
      const recipients =
        notice.kind === 'storm'
          ? everyManager(ctx.policy, ctx.escalationDesk)
          : recipientsOf(notice, ctx.policy, ctx.escalationDesk);
      await notices.address(tx, notice, recipients, notTold(notice, recipients, ctx));
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

/** Why nobody of the level a notice is for is told of it; null when somebody is. The account manager's lead stands in by rule. */
function notTold(notice: notices.OpenNotice, recipients: readonly string[], ctx: DigestContext): string | null {
  // A storm is no region's and no ticket's.
  if (notice.level === 'account-manager' || notice.kind === 'storm') return null;
  if (namedFor(notice, ctx.policy, ctx.escalationDesk).length > 0) return null;
  const nobody = `escalation.yaml names no ${notice.level} for ${notice.region}`;
  const desk = notice.level === 'manager' ? ', and no ESCALATION_DESK is set' : '';
  return `${nobody}${desk}: told instead: ${recipients.join(', ')}`;
}

/** @returns the row to send; null when the recipient's turn has not come: the notices wait for it. */
async function mailTo(
  tx: Tx,
  ctx: DigestContext,
  recipient: string,
  waiting: readonly WaitingNotice[],
  now: Date,
): Promise<number | null> {
  if (!mayBeMailed(await replies.lastNoticeTo(tx, recipient), now, ctx.policy)) return null;
  const most = ctx.policy.outbound.maxRepliesPerRecipientAndDay;
  const had = await counts.countRepliesTo(tx, recipient, new Date(now.getTime() - DAY_MS));
  if (recipientHasAll(had, ctx.policy)) {
    // Nothing is written that somebody would have to release: it goes out by itself when the limit allows.
    await notices.sayWaiting(tx, waiting, recipient, `has had ${most} mails in a day`);
    return null;
  }
  const [first] = waiting;
  if (!first) return null;
  const mailbox = mailboxThatSends(first.mailbox, ctx);
  const id = await replies.intendNotice(tx, {
    mailbox,
    recipient,
    message: await outgoing(tx, ctx, recipient, waiting, mailbox),
    now,
  });
  if (id === undefined) throw new Error('a notice was mailed, but is not marked so');
  await notices.settle(tx, waiting, recipient, id);
  return id;
}

/** A notice goes out by any mailbox that can send: people inside answer to none. */
function mailboxThatSends(wanted: MailboxName, { senders, log }: DigestContext): MailboxName {
  if (senders[wanted]) return wanted;
  const other = MAILBOX_NAMES.find((name) => senders[name]);
  if (!other)
    log.error({ mailbox: wanted }, 'a notice cannot go out: no mailbox has an SMTP server (SMTP_COM, SMTP_EU)');
  return other ?? wanted;
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
  return {
    messageId: noticeMessageId(ctx.noticeSecret, notes, domainOf(mailbox.address)),
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
