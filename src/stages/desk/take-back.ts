/** What associates changed in Desk -> the ledger: the workflow runs as if they had done it here, and what they set is kept. */
import { isDeepStrictEqual } from 'node:util';
import { IntakeError, UserError } from '../../errors.ts';
import { deskTickets, events, tickets } from '../../ledger/index.ts';
import type { TicketRow } from '../../ledger/tickets.ts';
import { changedByHand, fieldsOf, type TicketField, type Told, toldOf } from '../../pipeline/deliver/fields.ts';
import type { RemoteTicket, TicketFields, TicketSystem } from '../../ports.ts';
import { decideAgain, untilUnchanged } from '../decide-again.ts';
import { type Marking, markTicket } from '../mark-ticket.ts';
import { type Correction, settableField } from '../set-field.ts';
import type { DeskContext } from './context.ts';
import { signer } from './sign.ts';

const WHO = 'an associate in Desk';
const WHY = 'changed in Desk';

/** By what `set` calls each field that the workflow takes from a person. */
const SET_AS: Readonly<Partial<Record<TicketField, string>>> = {
  superadminEmail: 'superadmin',
  severity: 'severity',
  service: 'product',
};

type Counterpart = {
  readonly ticketId: number;
  readonly remoteId: string;
  /** The call that is being made, if it is for one. */
  readonly id?: number | null;
};

export type TakenBack = {
  /** What we know to have said there. */
  readonly told: Told;
  /** What stands there. */
  readonly there: Told;
  /** When it was last changed there. */
  readonly seenAt: Date;
};

/** What goes on about a ticket here is over after this, as a rule. */
const BUSY_MS = 2_000;

/**
 * Reads a ticket in Desk and takes over what was changed there by hand. Twice is as once.
 * @returns null when it is not there any more
 * @throws IntakeError `temporary` when a call of ours is just changing it: whose change is read cannot be told
 */
export async function takeBack(
  ctx: DeskContext,
  system: TicketSystem,
  { ticketId, remoteId, id = null }: Counterpart,
): Promise<TakenBack | null> {
  const before = await deskTickets.saidThere(ctx.db, ticketId, id);
  const there = await system.read(remoteId);
  if (!there) return null;
  const after = await deskTickets.saidThere(ctx.db, ticketId, id);
  if (after.busy || !isDeepStrictEqual(before, after))
    throw new IntakeError('temporary', 'desk-changing', 'a call of ours is changing the ticket', {
      retryInMs: BUSY_MS,
    });
  const { told, telling } = after;
  const sign = signer(ctx);
  const changed = changedByHand(there.fields, told, telling, sign);
  const taken: TicketField[] = [];
  for (const name of changed) if (await takeField(ctx, ticketId, name, there)) taken.push(name);
  await takeState(ctx, ticketId, there);
  const takenNow = toldOf(pick(there.fields, taken), sign);
  // What is not taken over stays there until what is known here changes, and is no news again.
  const kept = toldOf(
    pick(
      there.fields,
      changed.filter((name) => !taken.includes(name)),
    ),
    sign,
  );
  if (changed.length > 0) await deskTickets.rememberThere(ctx.db, ticketId, { taken: takenNow, kept });
  return { told: { ...told, ...takenNow }, there: toldOf(there.fields, sign), seenAt: there.changedAt };
}

const pick = <T extends object, K extends keyof T>(from: T, names: readonly K[]): Partial<T> =>
  Object.fromEntries(names.map((name) => [name, from[name]])) as unknown as Partial<T>;

/** What the ledger has already is no news; what it cannot take over stays there, and the history says so. @returns whether it is here now */
async function takeField(
  ctx: DeskContext,
  ticketId: number,
  name: TicketField,
  { fields, number }: RemoteTicket,
): Promise<boolean> {
  const ticket = await tickets.getTicket(ctx.db, ticketId);
  const value = fields[name];
  if (fieldsOf(ticket)[name] === value) return true;
  const correction = correctionOf(ctx, name, value, ticket);
  if (typeof correction === 'string') {
    const because = `${name} of ${number} in Desk is ${value ?? 'empty'} now: ${correction}`;
    await events.record(ctx.db, [{ ticketId, by: 'associate', what: 'changed in Desk', because }]);
    return false;
  }
  // A rule of Desk may write it in another way, each time: nobody meant anything by it.
  if (isMeant(correction, fieldsOf(ticket)[name])) return false;
  const replyId = await untilUnchanged(() =>
    decideAgain(ctx, {
      ticketId,
      trigger: 'set',
      by: 'associate',
      because: `${name} was set to ${value} in Desk (${number})`,
      ...correction,
    }),
  );
  if (replyId !== undefined) await ctx.queue.enqueue('reply', [replyId]);
  return true;
}

/** Whether it says in other letters what is here. */
function isMeant({ superadmin, keys }: Correction, here: TicketFields[TicketField]): boolean {
  const meant = superadmin?.value ?? keys?.product?.value;
  return meant !== undefined && meant.toLowerCase() === String(here ?? '').toLowerCase();
}

/** What the workflow is given; or why it is given nothing. */
function correctionOf(
  ctx: DeskContext,
  name: TicketField,
  value: RemoteTicket['fields'][TicketField],
  ticket: TicketRow,
): Correction | string {
  if (ticket.texts_dropped_at) return 'its texts were dropped, it cannot be decided again';
  const field = SET_AS[name];
  if (!field) return 'it is kept there, and changes nothing here';
  if (value === null || value === '') return 'what is known here stays';
  try {
    return settableField(field)(String(value), { by: WHO, at: ctx.now(), because: WHY }, ctx.policy);
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}

/** Closed there is resolved here; an answer given there is one. */
async function takeState(
  ctx: DeskContext,
  ticketId: number,
  { closed, closedAt, answeredAt, number }: RemoteTicket,
): Promise<void> {
  const known = await deskTickets.stateThere(ctx.db, ticketId);
  if (answeredAt && (!known.answeredAt || answeredAt > known.answeredAt))
    await mark(ctx, { ticketId, mark: 'responded', at: earlier(answeredAt, ctx.now()) });
  if (closed !== known.closed) {
    ctx.log.info({ ticket: ticketId, there: number, closed }, 'closed or opened in Desk');
    // Closed when it was closed there, though nobody looked: its promises were kept then. The answer before it comes first.
    const at = closedAt && answeredAt && answeredAt > closedAt ? answeredAt : (closedAt ?? ctx.now());
    await mark(
      ctx,
      closed ? { ticketId, mark: 'resolved', at, nearest: true } : { ticketId, mark: 'reopened', at: ctx.now() },
    );
  }
  await deskTickets.rememberState(ctx.db, ticketId, { closed, answeredAt: answeredAt ?? known.answeredAt });
}

/** What the clock refuses (a time before another mark) is no fault of the call. */
async function mark(ctx: DeskContext, marking: Marking): Promise<void> {
  try {
    await markTicket(ctx, marking);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { ticketId, mark: what } = marking;
    ctx.log.info({ ticket: ticketId, mark: what, cause: error.message }, 'a change in Desk marks nothing here');
  }
}

/** Desk's clock may be ahead of ours. */
const earlier = (one: Date, other: Date): Date => (one < other ? one : other);
