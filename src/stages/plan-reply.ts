/** Whether a decision's reply is sent, held or left out, and why; written into the outbox with the decision itself (I4, I5). */
import { counts, type events, replies, tickets } from '../ledger/index.ts';
import type { Tx } from '../ledger/schema.ts';
import {
  type Decision,
  type Enquiry,
  ERASED_DOMAIN,
  type FieldName,
  LOOP_HEADER,
  type MailboxName,
  type ParsedMail,
  type ReplyKind,
} from '../model.ts';
import { domainOf } from '../pipeline/decide/identify.ts';
import { isQuotable } from '../pipeline/mail/message-ids.ts';
import { compose } from '../pipeline/reply/compose.ts';
import { askedSince, notedSince, ticketHasAll, whyTooOld } from '../pipeline/reply/limits.ts';
import { replyAddress, replyMessageId, type ThreadKey } from '../pipeline/reply/thread.ts';
import { isMailAddress } from '../pipeline/words/mail-address.ts';
import type { Policy } from '../policy.ts';
import type { OutgoingMail } from '../ports.ts';
import type { Context } from './context.ts';
import { whyHeldBack } from './guards.ts';
import { whyInside } from './people-inside.ts';
import { isOccasional, receiptDue, receiptFor } from './receipt.ts';

/** Nobody reads these: the ticket is made, the reply is not. */
const UNREAD = /^(no[-_.]?reply|do[-_.]?not[-_.]?reply|mailer-daemon|postmaster)([+._-]|@)/i;
/** References grow with a thread; the last ones are what mail programs use. */
const MAX_REFERENCES = 20;

export type Occasion = {
  readonly ticketId: number;
  readonly mailId: number;
  readonly fingerprint: string;
  readonly arrivedAt: Date;
  readonly mail: ParsedMail;
  readonly enquiry: Enquiry;
  readonly decision: Decision;
  /** The partner's registered domain, or the sender's address: whom "once per partner" counts. */
  readonly partnerKey: string;
  /** The language the partner is registered with; null for a sender who is not. */
  readonly partnerLanguage: string | null;
  /** A ticket made in this very transaction has had no reply yet. */
  readonly newTicket: boolean;
  /** The directory had its first say in this decision: a receipt may tell it. */
  readonly settled?: boolean;
};

type ReplyContext = Pick<
  Context,
  'policy' | 'templates' | 'threadKeys' | 'escalationDesk' | 'partners' | 'now' | 'log'
>;

export type PlannedReply = {
  /** A reply that may go at once; undefined when none is due, or it must wait for a person. */
  readonly replyId?: number;
  /** What the history says of it: for the caller to write. */
  readonly events: readonly events.NewEvent[];
};

/** Decides on the reply and writes it into the outbox, in the transaction of the decision that calls for it. */
export async function planReply(tx: Tx, ctx: ReplyContext, occasion: Occasion): Promise<PlannedReply> {
  const { decision, ticketId, mailId, mail } = occasion;
  const kind = decision.reply ?? receiptDue(occasion, ctx.policy);
  if (!kind) return { events: [] };
  const tell = (what: string, because: string) => ({ events: [{ ticketId, mailId, what, because }] });
  const leaveOut = await whyNot(tx, ctx, occasion, kind);
  if (leaveOut) return tell(`reply ${kind} not sent`, leaveOut);
  const age = { arrivedAt: occasion.arrivedAt, dated: mail.date };
  const heldBecause =
    whyTooOld(age, ctx.now(), ctx.policy) ??
    (await whyHeldBack(tx, ctx, { recipient: mail.from.address, mailbox: decision.mailbox.used }));
  // A receipt that comes late is none.
  if (kind === 'receipt' && heldBecause) return tell(`reply ${kind} not sent`, heldBecause);
  const replyId = await replies.intendReply(tx, {
    ticketId,
    mailId,
    kind,
    mailbox: decision.mailbox.used,
    recipient: mail.from.address,
    partnerKey: occasion.partnerKey,
    asks: asksFor(kind, occasion.enquiry),
    message: outgoing(occasion, kind, ctx, await ctx.threadKeys.current(tx)),
    heldBecause,
    now: ctx.now(),
  });
  if (replyId === undefined) return tell(`reply ${kind} not sent`, 'this mail has been answered already');
  if (heldBecause) return tell('reply held', heldBecause);
  return { replyId, ...tell('reply intended', kind) };
}

/** Why no reply is written at all (I5), or null. */
async function whyNot(tx: Tx, ctx: ReplyContext, occasion: Occasion, kind: ReplyKind): Promise<string | null> {
  const recipient = occasion.mail.from.address;
  const { unanswerable } = occasion.mail;
  if (unanswerable !== undefined) return `${unanswerable}: mail of lists and machines is never answered`;
  if (!isMailAddress(recipient)) return 'the sender has no usable address';
  if (recipient.endsWith(`@${ERASED_DOMAIN}`)) return "the sender's data were erased";
  const inside = await whyInside(tx, ctx, recipient);
  if (inside) return inside;
  if (UNREAD.test(recipient)) return 'nobody reads mail at the address of the sender';
  const { maxRepliesPerTicket, noteEveryDays } = ctx.policy.outbound;
  if (!occasion.newTicket && ticketHasAll(await counts.countReplies(tx, occasion.ticketId), ctx.policy)) {
    return `the ticket has had ${maxRepliesPerTicket} replies already`;
  }
  // A late answer, or the directory's, reopens nothing: an associate looks at it.
  if (!occasion.newTicket && (await tickets.isResolved(tx, occasion.ticketId))) return 'the ticket is resolved';
  const again = occasion.newTicket ? null : await asksAgain(tx, ctx, occasion, kind);
  if (again) return again;
  if (!isOccasional(kind, ctx.policy)) return null;
  const told = await replies.wasToldSince(tx, occasion.partnerKey, kind, notedSince(ctx.now(), ctx.policy));
  return told ? `the partner was told on ${told.toISOString().slice(0, 10)}: once in ${noteEveryDays} days` : null;
}

/** What a reply of this kind asks for, in words to compare. Another address that nobody knows is another question. */
function asksFor(kind: ReplyKind, { fields }: Enquiry): string | null {
  if (kind === 'missing-superadmin-ask') return 'superadminEmail';
  if (kind === 'superadmin-unknown') return `superadminEmail instead of ${fields.superadminEmail?.value ?? ''}`;
  return null;
}

async function asksAgain(tx: Tx, ctx: ReplyContext, occasion: Occasion, kind: ReplyKind): Promise<string | null> {
  const asks = asksFor(kind, occasion.enquiry);
  if (asks === null) return null;
  const asked = await replies.wasAskedSince(tx, occasion.ticketId, asks, askedSince(ctx.now(), ctx.policy));
  const days = ctx.policy.outbound.askAgainDays;
  return asked ? `the same was asked on ${asked.toISOString().slice(0, 10)}: once in ${days} days` : null;
}

/** Where an answer goes, when not to the mailbox itself: to an address that names its ticket, where the mail server takes such. */
export const answersTo = (
  { address, plusAddressing }: Policy['mailboxes']['mailboxes'][MailboxName],
  key: ThreadKey,
  ticketId: number,
  now: Date,
): { replyTo?: string } => (plusAddressing ? { replyTo: replyAddress(key, ticketId, address, now) } : {});

function outgoing(occasion: Occasion, kind: ReplyKind, ctx: ReplyContext, key: ThreadKey): OutgoingMail {
  const { decision, mail, enquiry, ticketId } = occasion;
  const mailbox = ctx.policy.mailboxes.mailboxes[decision.mailbox.used];
  const composed = compose(ctx.templates, ctx.policy, {
    kind,
    language: enquiry.language,
    partnerLanguage: occasion.partnerLanguage,
    ticketNumber: tickets.ticketNumber(ticketId),
    subject: mail.subject,
    // What an associate filled in is not the partner's to read.
    understood: Object.entries(enquiry.fields)
      .filter(([, { by }]) => by === undefined)
      .map(([field, { value }]) => ({ field: field as FieldName, value })),
    missing: decision.missing,
    superadmin: enquiry.fields.superadminEmail?.value ?? null,
    matchedBy: decision.account?.matchedBy ?? null,
    mailbox: decision.mailbox,
    receipt: kind === 'receipt' ? receiptFor(occasion, ctx.policy, ctx.now()) : null,
  });
  return {
    messageId: replyMessageId(key, ticketId, occasion.fingerprint, domainOf(mailbox.address), ctx.now()),
    from: `"${mailbox.name}" <${mailbox.address}>`,
    to: mail.from.address,
    ...answersTo(mailbox, key, ticketId, ctx.now()),
    subject: composed.subject,
    text: composed.text,
    html: composed.html,
    inReplyTo: mail.messageId && isQuotable(mail.messageId) ? mail.messageId : null,
    references: [...mail.references, ...(mail.messageId ? [mail.messageId] : [])]
      .filter(isQuotable)
      .slice(-MAX_REFERENCES),
    headers: {
      'Auto-Submitted': 'auto-replied',
      'X-Auto-Response-Suppress': 'All',
      Precedence: 'auto_reply',
      'Content-Language': composed.language,
      [LOOP_HEADER]: tickets.ticketNumber(ticketId),
    },
  };
}
