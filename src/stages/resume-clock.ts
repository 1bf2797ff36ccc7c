/** What moves the waiting for the partner beside decisions: a question that asked nobody, is asked after all, or waited too long. */
import type { NewEvent } from '../ledger/events.ts';
import { clock as ledger } from '../ledger/index.ts';
import type { Tx } from '../ledger/schema.ts';
import type { AskingKind } from '../model.ts';
import { isOpen, refreshed } from './clock-rows.ts';
import type { Context } from './context.ts';
import { moved } from './keep-clock.ts';
import { beginPause, type Changed, endPauses, isWaiting, longestUntil, stoppedBy } from './pauses.ts';

type ClockContext = Pick<Context, 'policy' | 'now'>;

/** A question that asked nobody: all the time since counts, as if it had not been. */
const NEVER_ASKED = new Date(0);

/**
 * The partner has written. What is awaited is still awaited until a decision finds it given; an answer on a resolved ticket
 * reopens nothing by itself: it is noted. Call it with the ticket locked.
 */
export async function partnerAnswered(
  tx: Tx,
  ticketId: number,
  { at, gives }: { readonly at: Date; readonly gives: boolean },
): Promise<NewEvent[]> {
  const [clock] = await ledger.lockClocks(tx, [ticketId]);
  if (clock?.status === 'resolved') {
    await ledger.noteLateAnswer(tx, ticketId, at);
    const because = 'an associate has to look: the clock does not run until it is marked reopened';
    return [{ ticketId, what: 'answered after it was resolved', because }];
  }
  if (!clock || gives || !isWaiting(clock)) return [];
  return [{ ticketId, what: 'clock stays paused', because: 'the answer does not give what was asked for' }];
}

/** A question that waits in the outbox longer has asked nobody yet; sent at last, it stops the clock from then on. */
const UNSENT_MS = 15 * 60_000;
export const unsentSince = (now: Date): Date => new Date(now.getTime() - UNSENT_MS);

/** A question that nobody could send so far, or that a person holds, has asked nothing. */
export async function neverAsked(tx: Tx, ctx: ClockContext, ticketId: number): Promise<NewEvent[]> {
  const [clock] = await ledger.lockClocks(tx, [ticketId]);
  const open = clock?.pauses.filter(({ until_at }) => until_at === null) ?? [];
  const unsent = await ledger.unsentReplies(
    tx,
    open.flatMap(({ reply_id }) => reply_id ?? []),
    unsentSince(ctx.now()),
  );
  if (!clock || !open.some(({ reply_id }) => reply_id !== null && unsent.has(reply_id))) return [];
  return await resume(tx, ctx, clock, NEVER_ASKED, 'the question was not sent');
}

/**
 * A question that was held goes out after all: the partner is waited for from now on, and not for the time it lay here. Nothing
 * waits when something else is missing by now, or nothing, or when the ticket waits for another question already.
 */
export async function questionReleased(
  tx: Tx,
  ctx: ClockContext,
  { ticketId, replyId, reply }: { readonly ticketId: number; readonly replyId: number; readonly reply: AskingKind },
): Promise<NewEvent[]> {
  const [clock] = await ledger.lockClocks(tx, [ticketId]);
  // A ticket that the clock does not know yet is taken up with its question.
  if (!clock || clock.status === 'resolved' || clock.calendars.length === 0) return [];
  // While it was on its way the first time it may have begun a pause; then it asked nobody.
  const [own, others] = [
    clock.pauses.filter(({ reply_id }) => reply_id === replyId),
    clock.pauses.filter(({ reply_id }) => reply_id !== replyId),
  ];
  const unasked = await endPauses(tx, { ticketId, pauses: own }, NEVER_ASKED, 'the question was not sent');
  const before = { pauses: [...others, ...unasked.pauses], events: unasked.events };
  const stops = stoppedBy(reply, ctx.policy);
  const asks = clock.decision.reply === reply && stops.length > 0 && !isWaiting(before);
  const begun = asks
    ? await beginPause(tx, { ticketId, pauses: before.pauses }, { reply, replyId, stops }, ctx.now())
    : { pauses: before.pauses, events: [] };
  return await follow(tx, ctx, clock, { pauses: begun.pauses, events: [...before.events, ...begun.events] });
}

/** A question that was not answered for the policy's longest pause stops nothing any more. */
export async function waitedTooLong(tx: Tx, ctx: ClockContext, ticketId: number): Promise<NewEvent[]> {
  const { longestHours } = ctx.policy.commitment.pauses;
  const [clock] = await ledger.lockClocks(tx, [ticketId]);
  const open = clock?.pauses.find(({ until_at }) => until_at === null);
  if (!clock || !open) return [];
  const until = longestUntil(open.from_at, ctx.policy);
  if (until > ctx.now()) return [];
  return await resume(tx, ctx, clock, until, `what was asked for did not come in ${longestHours} hours`);
}

/** A question that reached nobody has asked nothing: no clock waits for it. */
export async function reachedNobody(
  tx: Tx,
  ctx: ClockContext,
  { ticketId, replyId }: { readonly ticketId: number; readonly replyId: number },
  because: string,
): Promise<NewEvent[]> {
  const [clock] = await ledger.lockClocks(tx, [ticketId]);
  const waits = clock?.pauses.some(({ reply_id, until_at }) => reply_id === replyId && until_at === null);
  return clock && waits ? await resume(tx, ctx, clock, NEVER_ASKED, because) : [];
}

async function resume(
  tx: Tx,
  ctx: ClockContext,
  clock: ledger.TicketClock,
  at: Date,
  because: string,
): Promise<NewEvent[]> {
  return await follow(tx, ctx, clock, await endPauses(tx, clock, at, because));
}

/** The deadlines of a ticket after its pauses changed. */
async function follow(
  tx: Tx,
  ctx: ClockContext,
  clock: ledger.TicketClock,
  { pauses, events }: Changed,
): Promise<NewEvent[]> {
  if (events.length === 0) return [];
  const rows = clock.deadlines.filter(isOpen).map((row) => refreshed(row, { ...clock, pauses }, ctx.now()));
  await ledger.putDeadlines(tx, rows);
  return [...events, ...moved(clock, rows, clock.calendars.at(-1)?.calendar.zone ?? 'UTC')];
}
