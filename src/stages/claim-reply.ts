/** Whether a mail of the outbox may leave now: the last look at what stops, holds or delays it, one mail after the other (I4, I5). */
import { brakes, claims, events } from '../ledger/index.ts';
import type { ReplyRow } from '../ledger/replies.ts';
import type { Tx } from '../ledger/schema.ts';
import { hourSince, isHourFull, waitsUntil, whyTooOld } from '../pipeline/reply/limits.ts';
import { type Context, mailboxesOf } from './context.ts';
import { whyGone, whyStormy } from './guards.ts';

export type ClaimContext = Pick<Context, 'db' | 'policy' | 'senders' | 'now' | 'log'>;

/** Takes a mail for sending; undefined when it is not to be sent, or not now: then the outbox says why. */
export async function claimReply(ctx: ClaimContext, id: number, instance: number): Promise<ReplyRow | undefined> {
  return await ctx.db.transaction().execute(async (tx) => {
    await brakes.takeSending(tx);
    const on = await brakes.brakesOf(tx);
    if (on.paused) return undefined;
    const mail = await claims.findClaimable(tx, id, mailboxesOf(ctx.senders));
    if (!mail) return undefined;
    // What tells people inside waits for nothing: it may be about this very trouble. It counts for the hour all the same.
    if (mail.kind === 'notice') return await claims.take(tx, id, instance, ctx.now());
    const tell = (what: string, because: string): Promise<void> =>
      events.record(tx, [{ ticketId: mail.ticketId, what, because }]);
    const held = mail.released ? null : await whyHeldNow(tx, ctx, mail, on);
    if (held !== null) {
      await claims.hold(tx, id, held);
      await tell('reply held', held);
      return undefined;
    }
    const full = await whyWaits(tx, ctx, mail);
    if (full) {
      await claims.letWait(tx, id, full.until, full.because);
      if (!mail.waiting) await tell('reply waits', full.because);
      return undefined;
    }
    return await claims.take(tx, id, instance, ctx.now());
  });
}

/** What has become known since the reply was planned. */
async function whyHeldNow(
  tx: Tx,
  ctx: ClaimContext,
  { recipient, mailbox, arrivedAt, dated }: claims.Claimable,
  on: brakes.Brakes,
): Promise<string | null> {
  const old = arrivedAt === null ? null : whyTooOld({ arrivedAt, dated }, ctx.now(), ctx.policy);
  return old ?? (await whyGone(tx, recipient)) ?? (await whyStormy(tx, ctx, mailbox, on));
}

/** Until when, and why, the hour of its mailbox or of all has no room for a mail; null when it has. */
async function whyWaits(tx: Tx, ctx: ClaimContext, { id, mailbox }: claims.Claimable) {
  const since = hourSince(ctx.now());
  const counts = await claims.countHour(tx, id, since, mailboxesOf(ctx.senders));
  const own = counts.filter((one) => one.mailbox === mailbox);
  const seen = { mailbox: used(own), all: used(counts) };
  if (!isHourFull(seen, ctx.policy)) return null;
  const left = await claims.leftSince(tx, id, since);
  const times = (some: readonly claims.Left[]): Date[] => some.map(({ at }) => at);
  const hours = {
    mailbox: { left: times(left.filter((one) => one.mailbox === mailbox)), ahead: ahead(own) },
    all: { left: times(left), ahead: ahead(counts) },
  };
  return waitsUntil(hours, mailbox, ctx.now(), ctx.policy);
}

const ahead = (counts: readonly claims.HourCount[]): number => counts.reduce((sum, one) => sum + one.ahead, 0);
const used = (counts: readonly claims.HourCount[]): number =>
  counts.reduce((sum, one) => sum + one.left + one.ahead, 0);
