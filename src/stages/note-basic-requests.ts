/** Too many basic (how-to) requests from one partner: their account manager is told, once per window (DOMAIN). */
import { events, notices, tickets, wishes } from '../ledger/index.ts';
import type { Tx } from '../ledger/schema.ts';
import type { Decision, MailboxName, Partner } from '../model.ts';
import { areManyBasicRequests, basicRequestsSince } from '../pipeline/notice/occasions.ts';
import type { Context } from './context.ts';

export type NewRequest = {
  readonly ticketId: number;
  readonly mailbox: MailboxName;
  readonly decision: Decision;
  readonly partner: Partner | null;
};

/** Counts in the transaction that makes the ticket. A sender who is not registered has no account manager: not counted. */
export async function noteBasicRequests(
  tx: Tx,
  ctx: Pick<Context, 'policy' | 'now'>,
  { ticketId, mailbox, decision, partner }: NewRequest,
): Promise<void> {
  if (decision.requestNature !== 'how-to' || !partner) return;
  const { days } = ctx.policy.escalation.basicRequests;
  const now = ctx.now();
  const since = basicRequestsSince(now, ctx.policy);
  await wishes.lockPartner(tx, partner.domain);
  const asked = await wishes.recentTickets(tx, partner.domain, { nature: 'how-to' }, since);
  const key = `basic-requests ${partner.domain} `;
  if (!areManyBasicRequests(asked.length, ctx.policy) || (await notices.wasNotedSince(tx, key, since))) return;
  const because = `${asked.length} basic (how-to) requests from ${partner.name} within ${days} days`;
  await notices.note(tx, {
    key: `${key}${tickets.ticketNumber(ticketId)}`,
    kind: 'basic-requests',
    level: 'account-manager',
    region: partner.region ?? ctx.policy.regions.countries[partner.country] ?? decision.region,
    mailbox,
    ticketId,
    tickets: asked,
    country: partner.country || null,
    recipient: partner.accountManager || null,
    because,
    now,
  });
  await events.record(tx, [{ ticketId, what: 'many basic requests', because }]);
}
