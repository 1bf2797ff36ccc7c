/** Whether a decision's reply is sent, held or left out, and why; written into the outbox with the decision itself (I4, I5). */
import { DateTime } from 'luxon';
import { events, replies, tickets } from '../ledger/index.ts';
import type { Tx } from '../ledger/schema.ts';
import type { Decision, Enquiry, FieldName, ParsedMail } from '../model.ts';
import { compose } from '../pipeline/compose.ts';
import { domainOf } from '../pipeline/identify.ts';
import { replyMessageId } from '../pipeline/thread.ts';
import type { Context } from './context.ts';

/** Marks every mail of ours; a mail that carries it is never answered. */
export const LOOP_HEADER = 'X-Partner-Intake-Loop';
/** Nobody reads these: the ticket is made, the reply is not. */
const UNREAD = /^(no-?reply|do-?not-?reply|mailer-daemon|postmaster)([+._-]|@)/i;
/** A sane address for an envelope: anything else is refused rather than repaired. */
const ADDRESS = /^[^\s@<>,;:"()[\]\\]{1,64}@[^\s@<>,;:"()[\]\\]{1,253}$/;
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
};

type ReplyContext = Pick<Context, 'policy' | 'templates' | 'threadSecret' | 'now'>;

/** @returns the id of a reply that may go at once; undefined when none is due, or it must wait for a person. */
export async function planReply(tx: Tx, ctx: ReplyContext, occasion: Occasion): Promise<number | undefined> {
  const { decision, ticketId, mailId, mail } = occasion;
  const kind = decision.reply;
  if (!kind) return undefined;
  const leave = async (because: string): Promise<undefined> => {
    await events.record(tx, [{ ticketId, mailId, what: `reply ${kind} not sent`, because }]);
  };
  const recipient = mail.from.address;
  if (!ADDRESS.test(recipient)) return leave('the sender has no usable address');
  if (UNREAD.test(recipient)) return leave('nobody reads mail at the address of the sender');
  const { outbound } = ctx.policy;
  if ((await replies.countReplies(tx, ticketId)) >= outbound.maxRepliesPerTicket) {
    return leave(`the ticket has had ${outbound.maxRepliesPerTicket} replies already`);
  }
  if (kind === 'missing-superadmin-note') {
    const since = DateTime.fromJSDate(ctx.now()).minus({ days: outbound.noteEveryDays }).toJSDate();
    const told = await replies.wasToldSince(tx, occasion.partnerKey, kind, since);
    if (told)
      return leave(
        `the partner was told on ${told.toISOString().slice(0, 10)}: once in ${outbound.noteEveryDays} days`,
      );
  }
  const heldBecause = tooOld(occasion, ctx);
  const message = outgoing(occasion, kind, recipient, ctx);
  const id = await replies.intendReply(tx, {
    ticketId,
    mailId,
    kind,
    mailbox: decision.mailbox.used,
    recipient,
    partnerKey: occasion.partnerKey,
    message,
    heldBecause,
    now: ctx.now(),
  });
  if (id === undefined) return leave('this mail has been answered already');
  await events.record(tx, [
    { ticketId, mailId, what: heldBecause ? 'reply held' : 'reply intended', because: heldBecause ?? kind },
  ]);
  return heldBecause ? undefined : id;
}

/** Old mail, found after an outage or in a mailbox connected late, is not answered as if it had come today. */
function tooOld(occasion: Occasion, ctx: ReplyContext): string | null {
  const days = ctx.policy.outbound.holdRepliesToMailOlderThanDays;
  const oldest = DateTime.fromJSDate(ctx.now()).minus({ days });
  const claimed = occasion.mail.date ? DateTime.fromISO(occasion.mail.date) : null;
  const arrived = DateTime.fromJSDate(occasion.arrivedAt);
  if (arrived < oldest) return `the mail arrived more than ${days} days ago`;
  // A mailbox restored from a backup gives old mail a new arrival time; its own date still tells.
  if (claimed?.isValid && claimed < oldest) return `the mail is dated more than ${days} days ago`;
  return null;
}

function outgoing(occasion: Occasion, kind: NonNullable<Decision['reply']>, recipient: string, ctx: ReplyContext) {
  const { decision, mail, enquiry, ticketId } = occasion;
  const mailbox = ctx.policy.mailboxes.mailboxes[decision.mailbox.used];
  const composed = compose(ctx.templates, ctx.policy, {
    kind,
    language: enquiry.language,
    ticketNumber: tickets.ticketNumber(ticketId),
    subject: mail.subject,
    understood: Object.entries(enquiry.fields).map(([field, { value }]) => ({ field: field as FieldName, value })),
    missing: decision.missing,
    superadmin: enquiry.fields.superadminEmail?.value ?? null,
    matchedBy: decision.account?.matchedBy ?? null,
    mailbox: decision.mailbox,
  });
  return {
    messageId: replyMessageId(ctx.threadSecret, ticketId, occasion.fingerprint, domainOf(mailbox.address)),
    from: `"${mailbox.name}" <${mailbox.address}>`,
    to: recipient,
    subject: composed.subject,
    text: composed.text,
    html: composed.html,
    inReplyTo: mail.messageId,
    references: [...mail.references, ...(mail.messageId ? [mail.messageId] : [])].slice(-MAX_REFERENCES),
    headers: {
      'Auto-Submitted': 'auto-replied',
      'X-Auto-Response-Suppress': 'All',
      Precedence: 'auto_reply',
      'Content-Language': composed.language,
      [LOOP_HEADER]: tickets.ticketNumber(ticketId),
    },
  };
}
