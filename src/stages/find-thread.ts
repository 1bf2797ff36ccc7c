/**
 * Where a mail belongs: on a ticket, or on one of its own and why. A signed token first; then what it refers to; then the number
 * in its subject. Whichever it is, the sender has to be known on the ticket: an address is data, not proof, and so is a token in the
 * wrong hands (I7). Once a token is there and does not lead anywhere, nothing weaker is asked.
 */
import { threads, tickets } from '../ledger/index.ts';
import type { TicketRow } from '../ledger/tickets.ts';
import type { ParsedMail } from '../model.ts';
import { isForwarded, keepsSubject, quotedNumber } from '../pipeline/reply/subject-prefix.ts';
import { keysNamed, readToken } from '../pipeline/reply/thread.ts';
import { fold } from '../pipeline/words/fold.ts';
import type { Policy } from '../policy.ts';
import type { Context } from './context.ts';
import { isParticipant } from './participants.ts';
import type { ReadMailRow } from './read-row.ts';

export type Thread =
  | { readonly joins: TicketRow; readonly because: string }
  /** `tell`: the ticket it seemed to belong to, whose history says where it went; only where its sender is known there. */
  | { readonly joins: null; readonly because: string; readonly tell: number | null };

type ThreadContext = Pick<Context, 'db' | 'policy' | 'threadKeys' | 'now'>;

/** Tickets of one thread that are looked at for the sender: a thread rarely has made more than two. */
const MOST_TICKETS = 10;

/** Null when nothing about the mail points to a ticket. */
export async function findThread(ctx: ThreadContext, mail: ReadMailRow): Promise<Thread | null> {
  return (await byToken(ctx, mail)) ?? (await byReferences(ctx, mail)) ?? (await byNumber(ctx, mail));
}

async function byToken(ctx: ThreadContext, mail: ReadMailRow): Promise<Thread | null> {
  const shown = { messageIds: threads.referencesOf(mail.parsed), tags: tagsOf(mail.parsed, ctx.policy) };
  const named = keysNamed(shown.messageIds, shown.tags);
  if (named.length === 0) return null;
  const days = ctx.policy.outbound.answerDays;
  const token = readToken(shown, await ctx.threadKeys.named(ctx.db, named), { now: ctx.now(), days });
  if (!token) return null;
  const what = token.from === 'address' ? 'reply address' : 'reference';
  if (token.state === 'forged') return apart(`its signed ${what} is not one of ours`);
  const ticket = await tickets.findTicket(ctx.db, token.ticketId);
  if (!ticket) return apart(`its signed ${what} leads to a ticket that is not there`);
  if (!isParticipant(ticket.sender, mail.parsed.from.address, ctx)) return apart(stranger(ticket));
  if (token.state === 'expired') return apart(`its signed ${what} is older than ${days} days`, ticket);
  return goesOn(mail, ticket, `by its signed ${what}`);
}

/** What stands behind the `+` in the addresses of ours that it was sent to. */
function tagsOf({ to, cc }: ParsedMail, { mailboxes }: Policy): string[] {
  const ours = Object.values(mailboxes.mailboxes).map(({ address }) => address.toLowerCase().split('@'));
  return [...to, ...cc].flatMap((address) => {
    const [, local, tag, domain] = /^([^+]*)\+(.*)@([^@]*)$/.exec(address.toLowerCase()) ?? [];
    return tag && ours.some((one) => one[0] === local && one[1] === domain) ? [tag] : [];
  });
}

async function byReferences(ctx: ThreadContext, mail: ReadMailRow): Promise<Thread | null> {
  const ids = await threads.ticketsOfThread(ctx.db, threads.referencesOf(mail.parsed), MOST_TICKETS);
  const found = await Promise.all(ids.map((id) => tickets.getTicket(ctx.db, id)));
  const known = found.find((ticket) => isParticipant(ticket.sender, mail.parsed.from.address, ctx));
  if (known) return asksAnew(mail, known) ?? goesOn(mail, known, 'by what it refers to');
  return found[0] ? apart(stranger(found[0])) : null;
}

async function byNumber(ctx: ThreadContext, mail: ReadMailRow): Promise<Thread | null> {
  const number = quotedNumber(mail.parsed.subject);
  const id = number === null ? undefined : tickets.ticketId(number);
  const ticket = id === undefined ? undefined : await tickets.findTicket(ctx.db, id);
  if (!ticket) return null;
  if (!isParticipant(ticket.sender, mail.parsed.from.address, ctx)) return apart(stranger(ticket));
  return asksAnew(mail, ticket) ?? goesOn(mail, ticket, 'by the number in its subject');
}

/** A forward, or another subject on an old thread, is a matter of its own. */
function goesOn(mail: ReadMailRow, ticket: TicketRow, how: string): Thread {
  const number = tickets.ticketNumber(ticket.id);
  if (isForwarded(mail.parsed.subject)) return apart(`it forwards mail of ticket ${number}`, ticket);
  if (!keepsSubject(mail.parsed.subject, { subject: ticket.subject, number }))
    return apart(`its subject is another than that of ticket ${number}`, ticket);
  return { joins: ticket, because: `it answers a mail of ours, ${how}` };
}

/** People write a new request by answering an old mail: the template, filled in anew, asks something else. */
function asksAnew({ enquiry }: ReadMailRow, ticket: TicketRow): Thread | null {
  const [now, before] = [enquiry, ticket.enquiry].map(({ fields }) => fold(fields.description?.value ?? ''));
  if (!enquiry.template || !now || now === before) return null;
  return apart(`it fills in the template with another request than ticket ${tickets.ticketNumber(ticket.id)}`, ticket);
}

const stranger = ({ id }: TicketRow): string =>
  `it refers to ticket ${tickets.ticketNumber(id)}, but its sender is not known there`;

const apart = (because: string, known?: TicketRow): Thread => ({ joins: null, because, tell: known?.id ?? null });
