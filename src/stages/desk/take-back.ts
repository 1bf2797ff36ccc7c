/** What associates changed in Desk -> the ledger: the workflow runs as if they had done it here, and what they set is kept. */
import { UserError } from '../../errors.ts';
import { deskTickets, events, tickets } from '../../ledger/index.ts';
import type { TicketRow } from '../../ledger/tickets.ts';
import { changedByHand, fieldsOf, type TicketField, type Told, toldOf } from '../../pipeline/deliver/fields.ts';
import type { RemoteTicket, TicketSystem } from '../../ports.ts';
import { decideAgain, untilUnchanged } from '../decide-again.ts';
import { type Mark, markTicket } from '../mark-ticket.ts';
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
  readonly remoteId: string | null;
  readonly told: Told;
  readonly telling: Told;
};

/**
 * Reads a ticket in Desk and takes over what was changed there by hand. Twice is as once.
 * @returns what its fields are known to say there now, and when it was last changed; null when it is not there any more
 */
export async function takeBack(
  ctx: DeskContext,
  system: TicketSystem,
  { ticketId, remoteId, told, telling }: Counterpart,
): Promise<{ told: Told; seenAt: Date | null }> {
  const there = remoteId === null ? null : await system.read(remoteId);
  if (!there) return { told, seenAt: null };
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
  return { told: { ...told, ...takenNow }, seenAt: there.changedAt };
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
  { closed, answeredAt, number }: RemoteTicket,
): Promise<void> {
  const known = await deskTickets.stateThere(ctx.db, ticketId);
  if (answeredAt && (!known.answeredAt || answeredAt > known.answeredAt))
    await mark(ctx, ticketId, 'responded', answeredAt);
  if (closed !== known.closed) {
    ctx.log.info({ ticket: ticketId, there: number, closed }, 'closed or opened in Desk');
    await mark(ctx, ticketId, closed ? 'resolved' : 'reopened', ctx.now());
  }
  await deskTickets.rememberState(ctx.db, ticketId, { closed, answeredAt: answeredAt ?? known.answeredAt });
}

/** What the clock refuses (a time before another mark) is no fault of the call. */
async function mark(ctx: DeskContext, ticketId: number, what: Mark, at: Date): Promise<void> {
  try {
    await markTicket(ctx, { ticketId, mark: what, at });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    ctx.log.info({ ticket: ticketId, mark: what, cause: error.message }, 'a change in Desk marks nothing here');
  }
}
