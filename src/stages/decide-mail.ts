/** One mail -> its end: a ticket, an addition to one, or set aside with the reason (I3). Safe to run twice or at once (I2). */
import { IntakeError } from '../errors.ts';
import { events, mails, threads, tickets } from '../ledger/index.ts';
import { UNFINISHED } from '../ledger/mails.ts';
import { classify } from '../pipeline/decide/classify.ts';
import { answersNotice } from './answer-to-notice.ts';
import { appendAnswer } from './append-answer.ts';
import { bouncedBack } from './bounced-back.ts';
import { consult } from './consult.ts';
import type { Context } from './context.ts';
import { findThread, type Thread } from './find-thread.ts';
import { keepClock } from './keep-clock.ts';
import { noteBasicRequests } from './note-basic-requests.ts';
import { noteEscalation, wishIn } from './note-escalation.ts';
import { planReply } from './plan-reply.ts';
import { readMails } from './read-mail.ts';
import { partnerKey, type ReadMailRow, summary } from './read-row.ts';

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
  const thread = await findThread(ctx, reading);
  const replyId = thread?.joins
    ? await appendAnswer(ctx, reading, { ticketId: thread.joins.id, because: thread.because })
    : await openTicket(ctx, reading, thread);
  if (replyId !== undefined) await ctx.queue.enqueue('reply', [replyId]);
}

/** No ticket and no answer. What came back is told on the ticket whose reply it was. */
async function suppress(ctx: Context, { id, parsed }: ReadMailRow): Promise<void> {
  await ctx.db.transaction().execute(async (tx) => {
    const isNew = await mails.setAside(tx, id, 'suppressed', `${parsed.kind}: ${parsed.kindBecause}`);
    if (isNew && parsed.kind === 'bounce') await events.record(tx, await bouncedBack(tx, ctx, parsed.bounce));
  });
}

/** @param apart why it is on no ticket that it points to, when it does. */
async function openTicket(ctx: Context, mail: ReadMailRow, apart: Thread | null): Promise<number | undefined> {
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
    await threads.keepThread(tx, ticketId, mail.parsed);
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
      settled: directory.reachable,
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
      ...(apart ? toldApart(apart, mail.id, ticketId) : []),
      ...ticking,
      ...planned.events,
    ]);
    const said = wishIn(mail, ctx);
    if (said !== null) await noteEscalation(tx, ctx, { mail, partner, ticketId, said });
    await noteBasicRequests(tx, ctx, { ticketId, mailbox: mail.mailbox, decision, partner });
    return planned.replyId;
  });
}

/** Said on the new ticket, and on the one it seemed to belong to: whoever looks at either finds the other. */
function toldApart({ because, ...apart }: Thread, mailId: number, ticketId: number): events.NewEvent[] {
  const tell = apart.joins === null ? apart.tell : null;
  const elsewhere = `ticket ${tickets.ticketNumber(ticketId)} was made of a mail from here`;
  return [
    { mailId, ticketId, what: 'not appended', because },
    ...(tell === null ? [] : [{ mailId, ticketId: tell, what: elsewhere, because }]),
  ];
}
