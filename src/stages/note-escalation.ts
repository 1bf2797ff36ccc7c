/** A partner asks to escalate: judged and kept on the ticket; the region's lead is told when it is justified. */
import { events, notices, tickets, wishes } from '../ledger/index.ts';
import type { Tx } from '../ledger/schema.ts';
import type { ParsedMail, Partner } from '../model.ts';
import { escalationWish } from '../pipeline/decide/escalation-wish.ts';
import { judgeEscalation } from '../pipeline/notice/escalation.ts';
import { recurringSince } from '../pipeline/notice/occasions.ts';
import type { Context } from './context.ts';
import { isParticipant } from './participants.ts';
import type { ReadMailRow } from './read-row.ts';

/** Ticket numbers that a mail names; the first of a ticket its sender is known on counts. */
const NUMBER = /\bP-(\d{1,15})\b/gi;
const MOST_NUMBERS = 5;
/** The text that is searched for them. */
const TEXT_LENGTH = 20_000;

type WishContext = Pick<Context, 'policy' | 'now'>;

/** The words with which a mail asks to escalate, whatever type of request it names; null when it does not. */
export const wishIn = ({ parsed, enquiry }: ReadMailRow, { policy }: WishContext): string | null =>
  escalationWish({ subject: parsed.subject, text: parsed.text, enquiry }, policy);

/**
 * Records a wish, in the transaction that ends its mail.
 * @param ticketId the ticket the mail became or was appended to; another that it names by number comes before it.
 */
export async function noteEscalation(
  tx: Tx,
  ctx: WishContext,
  { mail, partner, ticketId, said }: { mail: ReadMailRow; partner: Partner | null; ticketId: number; said: string },
): Promise<void> {
  const about = await wishes.lockEscalated(tx, (await namedTicket(tx, ctx, mail.parsed)) ?? ticketId);
  if (!about) return;
  const now = ctx.now();
  const since = recurringSince(now, ctx.policy);
  const critical = about.partnerDomain
    ? await wishes.recentTickets(tx, about.partnerDomain, { nature: 'incident', severity: 'S1' }, since)
    : [];
  const asked = {
    ...about,
    subject: mail.parsed.subject,
    text: mail.parsed.text,
    enquiry: mail.enquiry,
    partner,
    recentCritical: critical.length,
    now,
  };
  const verdict = judgeEscalation(asked, ctx.policy);
  const number = tickets.ticketNumber(about.id);
  await wishes.keepWish(tx, about.id, verdict.outcome, verdict.because);
  await events.record(tx, [
    { mailId: mail.id, ticketId: about.id, by: 'partner', what: 'escalation wished', because: said },
    { ticketId: about.id, what: SAID[verdict.outcome], because: `${verdict.rule}: ${verdict.because}` },
    ...(about.id === ticketId
      ? []
      : [{ ticketId, what: 'escalation wished', because: `it asks to escalate ticket ${number}` }]),
  ]);
  if (verdict.outcome !== 'told') return;
  const before = await notices.toldEscalation(tx, about.id);
  if (before && !before.over) {
    const because = `the lead was told at ${before.lastAt.toISOString()}, and nothing was answered since`;
    await events.record(tx, [{ ticketId: about.id, what: 'lead not told again', because }]);
    return;
  }
  // What is wished after an answer, or after the managers' turn, is another occasion.
  const occasion = before ? ` ${before.times + 1}` : '';
  await notices.note(tx, {
    key: `escalation ${number}${occasion}`,
    kind: 'escalation',
    level: 'lead',
    region: about.region,
    mailbox: about.mailbox,
    ticketId: about.id,
    recipient: null,
    // A risk stays one, whatever turns out to have been answered.
    passed: judgeEscalation({ ...asked, due: {} }, ctx.policy).outcome === 'told' ? null : PASSED[verdict.rule],
    because: `${verdict.because}; ${said}`,
    now,
  });
}

/** Reasons that are gone when an answer turns out to have been given before. */
const PASSED: Readonly<Record<string, 'target' | 'commitment' | undefined>> = {
  'escalation.response-passed': 'commitment',
  'escalation.outage': 'target',
  'escalation.high-impact': 'target',
};

const SAID = {
  told: 'escalation justified',
  wished: 'escalation too early',
  'not-offered': 'escalation not offered',
} as const;

/** A number is a claim: it counts where the sender is known on the ticket (I7). */
async function namedTicket(tx: Tx, ctx: WishContext, { subject, text, from }: ParsedMail): Promise<number | undefined> {
  const named = `${subject}\n${text.slice(0, TEXT_LENGTH)}`.matchAll(NUMBER);
  for (const id of [...new Set([...named].map((match) => Number(match[1])))].slice(0, MOST_NUMBERS)) {
    const ticket = await tickets.findTicket(tx, id);
    if (ticket && isParticipant(ticket.sender, from.address, ctx)) return id;
  }
  return undefined;
}
