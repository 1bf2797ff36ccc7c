/**
 * Where a mail belongs: on a ticket, or on one of its own and why. What points to a ticket is asked nearest first: the mail it
 * answers, the address it was sent to, what else it refers to, the number in its subject. A signed token, a mail of the ticket, or an
 * ancestor of one; whichever it is, the sender has to be known there: an address is data, not proof, and so is a token in the wrong
 * hands (I7). A token that proves nothing ends the search where it is the nearest.
 */
import { threads, tickets } from '../ledger/index.ts';
import type { TicketRow } from '../ledger/tickets.ts';
import type { ParsedMail } from '../model.ts';
import { isForwarded, keepsSubject, quotedNumbers } from '../pipeline/reply/subject-prefix.ts';
import { keysNamed, readToken, type Sign, type ThreadToken } from '../pipeline/reply/thread.ts';
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
/** A ticket that something points to, and how. */
type Place = { readonly ticketId: number; readonly how: string; readonly signed: boolean };

/** Tickets that one thread is related to, of which so many are looked at: a newsletter's thread is on hundreds. */
const MOST_RELATED = 500;
const MOST_PLACES = 20;

/** Null when nothing about the mail points to a ticket. */
export async function findThread(ctx: ThreadContext, mail: ReadMailRow): Promise<Thread | null> {
  const signs = signsOf(mail.parsed, ctx.policy);
  const keys = await ctx.threadKeys.named(ctx.db, keysNamed(signs));
  const messageIds = threads.referencesOf(mail.parsed);
  const related = Map.groupBy(
    await threads.ticketsOfThread(ctx.db, messageIds, MOST_RELATED),
    ({ messageId }) => messageId,
  );
  const places: Place[] = [];
  let stranger: number | null = null;
  for (const sign of signs) {
    const token = readToken(sign, keys, { now: ctx.now(), days: ctx.policy.outbound.answerDays });
    if (token && token.state !== 'valid' && places.length === 0 && stranger === null)
      return await proofless(ctx, mail, token);
    if (token?.state === 'valid')
      places.push({ ticketId: token.ticketId, how: `by its signed ${NAMES[token.from]}`, signed: true });
    for (const { ticketId, sender } of ('messageId' in sign && related.get(sign.messageId)) || []) {
      if (isParticipant(sender, mail.parsed.from.address, ctx))
        places.push({ ticketId, how: 'by what it refers to', signed: false });
      else stranger ??= ticketId;
    }
  }
  for (const number of quotedNumbers(mail.parsed.subject))
    places.push({ ticketId: tickets.ticketId(number) ?? 0, how: 'by the number in its subject', signed: false });
  const unique = places.filter(({ ticketId }, index) => places.findIndex((one) => one.ticketId === ticketId) === index);
  const found = await firstThatFits(ctx, mail, unique.slice(0, MOST_PLACES));
  return found ?? (stranger === null ? null : foreign(stranger));
}

const NAMES = { reference: 'reference', address: 'reply address' } as const;

/** The mail it answers, the addresses of ours it was sent to, then what else it refers to. */
function signsOf(parsed: ParsedMail, { mailboxes }: Policy): Sign[] {
  const ours = Object.values(mailboxes.mailboxes).map(({ address }) => address.toLowerCase().split('@'));
  const tags = [...parsed.to, ...parsed.cc].flatMap((address) => {
    const [, local, tag, domain] = /^([^+]*)\+(.*)@([^@]*)$/.exec(address.toLowerCase()) ?? [];
    return tag && ours.some((one) => one[0] === local && one[1] === domain) ? [{ tag }] : [];
  });
  const [nearest, ...others] = threads.referencesOf(parsed).map((messageId) => ({ messageId }));
  return [...(nearest ? [nearest] : []), ...tags, ...others];
}

async function proofless(ctx: ThreadContext, mail: ReadMailRow, token: ThreadToken): Promise<Thread> {
  const what = `its signed ${NAMES[token.from]}`;
  if (token.state === 'forged') return apart(`${what} is not one of ours`);
  const ticket = await tickets.findTicket(ctx.db, token.ticketId);
  const isKnown = ticket && isParticipant(ticket.sender, mail.parsed.from.address, ctx);
  return apart(`${what} is older than ${ctx.policy.outbound.answerDays} days`, isKnown ? ticket : undefined);
}

/** The first of the places that the mail goes on at; else why it does not at the first where its sender is known. */
async function firstThatFits(ctx: ThreadContext, mail: ReadMailRow, places: readonly Place[]): Promise<Thread | null> {
  let [known, unknown]: (Thread | null)[] = [null, null];
  for (const place of places) {
    const ticket = await tickets.findTicket(ctx.db, place.ticketId);
    if (!ticket) continue;
    if (isParticipant(ticket.sender, mail.parsed.from.address, ctx)) {
      const thread = goesOn(mail, ticket, place);
      if (thread.joins) return thread;
      known ??= thread;
    } else unknown ??= foreign(ticket.id);
  }
  return known ?? unknown ?? null;
}

/** A forward, another subject on an old thread, or the template filled in anew, is a matter of its own. */
function goesOn(mail: ReadMailRow, ticket: TicketRow, { how, signed }: Place): Thread {
  const number = tickets.ticketNumber(ticket.id);
  if (isForwarded(mail.parsed.subject)) return apart(`it forwards mail of ticket ${number}`, ticket);
  if (!keepsSubject(mail.parsed.subject, { subject: ticket.subject, number }))
    return apart(`its subject is another than that of ticket ${number}`, ticket);
  if (asksAnew(mail, ticket, signed))
    return apart(`it fills in the template with another request than ticket ${number}`, ticket);
  return { joins: ticket, because: `it answers a mail of ours, ${how}` };
}

/** People write a new request by answering an old mail; but one who is asked may answer with the whole template. */
function asksAnew({ enquiry }: ReadMailRow, ticket: TicketRow, signed: boolean): boolean {
  const [now, before] = [enquiry, ticket.enquiry].map(({ fields }) => fold(fields.description?.value ?? ''));
  if (!enquiry.template || !now || now === before) return false;
  const { missing, provisional } = ticket.decision;
  if (!signed || (missing.length === 0 && !provisional)) return true;
  const product = ticket.enquiry.fields.product?.value;
  return Boolean(before && product && enquiry.fields.product && enquiry.fields.product.value !== product);
}

const foreign = (ticketId: number): Thread =>
  apart(`it refers to ticket ${tickets.ticketNumber(ticketId)}, but its sender is not known there`);

const apart = (because: string, known?: TicketRow): Thread => ({ joins: null, because, tell: known?.id ?? null });
