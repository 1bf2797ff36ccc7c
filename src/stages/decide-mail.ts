/** One mail -> its end: a ticket, an addition to one, or set aside with the reason (I3). Safe to run twice or at once (I2). */
import { IntakeError } from '../errors.ts';
import { events, mails, tickets } from '../ledger/index.ts';
import { UNFINISHED } from '../ledger/mails.ts';
import { classify } from '../pipeline/decide/classify.ts';
import { ticketOfReferences } from '../pipeline/reply/thread.ts';
import { answersNotice } from './answer-to-notice.ts';
import { appendAnswer } from './append-answer.ts';
import { consult } from './consult.ts';
import type { Context } from './context.ts';
import { keepClock } from './keep-clock.ts';
import { noteBasicRequests } from './note-basic-requests.ts';
import { noteEscalation, wishIn } from './note-escalation.ts';
import { isParticipant } from './participants.ts';
import { planReply } from './plan-reply.ts';
import { readMails } from './read-mail.ts';
import { partnerKey, type ReadMailRow, summary } from './read-row.ts';
import { bouncedBack } from './resume-clock.ts';

/** Decides a mail that is stored; does nothing when it is finished already. */
export async function decideMail(ctx: Context, id: number): Promise<void> {
  let mail = await mails.findMail(ctx.db, id);
  if (mail?.state === 'received') {
    await readMails(ctx, [id]);
    mail = await mails.findMail(ctx.db, id);
  }
  if (!mail || !UNFINISHED.includes(mail.state) || !mail.parsed || !mail.enquiry) return;
  const reading = { ...mail, parsed: mail.parsed, enquiry: mail.enquiry };
  if (mail.parsed.kind !== 'request') {
    await suppress(ctx, reading);
    return;
  }
  if (await answersNotice(ctx, reading)) return;
  const answered = await answeredTicket(ctx, reading);
  const replyId =
    answered && isParticipant(answered.sender, mail.parsed.from.address, ctx)
      ? await appendAnswer(ctx, reading, answered.id)
      : await openTicket(ctx, reading, answered?.id ?? null);
  if (replyId !== undefined) await ctx.queue.enqueue('reply', [replyId]);
}

/** No ticket and no answer. What came back is told on the ticket whose reply it was. */
async function suppress(ctx: Context, { id, parsed }: ReadMailRow): Promise<void> {
  await ctx.db.transaction().execute(async (tx) => {
    const isNew = await mails.setAside(tx, id, 'suppressed', `${parsed.kind}: ${parsed.kindBecause}`);
    if (isNew && parsed.kind === 'bounce') await events.record(tx, await bouncedBack(tx, ctx, parsed.bounce));
  });
}

/** The ticket of the reply of ours that this mail answers, by its signed reference. */
async function answeredTicket(ctx: Context, { parsed }: ReadMailRow): Promise<tickets.TicketRow | undefined> {
  const references = [...(parsed.inReplyTo ? [parsed.inReplyTo] : []), ...parsed.references];
  const ticketId = ticketOfReferences(ctx.threadSecret, references);
  return ticketId === null ? undefined : await tickets.findTicket(ctx.db, ticketId);
}

/** @param stranger the ticket whose reference the mail carries, though its sender is nobody known there. */
async function openTicket(ctx: Context, mail: ReadMailRow, stranger: number | null): Promise<number | undefined> {
  const { partner, directory } = await consult(ctx, mail.enquiry, mail.parsed.from.address);
  const decision = classify(
    { mail: mail.parsed, enquiry: mail.enquiry, mailbox: mail.mailbox, arrivedAt: mail.arrivedAt, directory, partner },
    ctx.policy,
  );
  return await ctx.db.transaction().execute(async (tx) => {
    const ticketId = await tickets.createTicket(tx, {
      mailId: mail.id,
      sender: mail.parsed.from.address,
      subject: mail.parsed.subject,
      mailbox: mail.mailbox,
      enquiry: mail.enquiry,
      decision,
      directoryPending: !directory.reachable,
      partnerDomain: partner?.domain ?? null,
      now: ctx.now(),
    });
    if (ticketId === undefined) return undefined;
    const number = tickets.ticketNumber(ticketId);
    const settled = await mails.settle(tx, mail.id, { state: 'ticketed', because: `ticket ${number}`, ticketId });
    if (!settled)
      throw new IntakeError('temporary', 'settled-elsewhere', 'the mail was set aside while it was decided');
    const planned = await planReply(tx, ctx, {
      ticketId,
      mailId: mail.id,
      fingerprint: mail.fingerprint,
      arrivedAt: mail.arrivedAt,
      mail: mail.parsed,
      enquiry: mail.enquiry,
      decision,
      partnerKey: partnerKey(partner, mail.parsed),
      partnerLanguage: partner?.language ?? null,
      newTicket: true,
    });
    const ticking = await keepClock(tx, ctx, {
      ticketId,
      decision,
      arrivedAt: mail.arrivedAt,
      replyId: planned.replyId,
      newTicket: true,
    });
    const made = `ticket ${number} made${mail.parsed.degraded ? ' (degraded)' : ''}`;
    await events.record(tx, [
      { mailId: mail.id, ticketId, what: made, because: summary(decision) },
      ...(stranger === null ? [] : [{ mailId: mail.id, ticketId, what: 'not appended', because: foreign(stranger) }]),
      ...ticking,
      ...planned.events,
    ]);
    const said = wishIn(mail, ctx);
    if (said !== null) await noteEscalation(tx, ctx, { mail, partner, ticketId, said });
    await noteBasicRequests(tx, ctx, { ticketId, mailbox: mail.mailbox, decision, partner });
    return planned.replyId;
  });
}

const foreign = (ticketId: number): string =>
  `it refers to ticket ${tickets.ticketNumber(ticketId)}, but its sender is not known there`;
