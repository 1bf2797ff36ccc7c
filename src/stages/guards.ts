/** What keeps a reply from going out by itself though it is due: limits by count, addresses that are gone, a storm (I5). */
import { brakes, counts, notices, suppressed } from '../ledger/index.ts';
import { addressKey, domainKey } from '../ledger/recipients.ts';
import type { Tx } from '../ledger/schema.ts';
import type { MailboxName } from '../model.ts';
import { domainOf } from '../pipeline/decide/identify.ts';
import { DAY_MS, domainHasAll, recipientHasAll, stormSince, whyStorm } from '../pipeline/reply/limits.ts';
import type { Context } from './context.ts';

type GuardContext = Pick<Context, 'policy' | 'now' | 'log'>;
type Reply = { readonly recipient: string; readonly mailbox: MailboxName };

/** Why a reply that is being planned must wait for a person; null when it may go. */
export async function whyHeldBack(tx: Tx, ctx: GuardContext, reply: Reply): Promise<string | null> {
  return (
    (await whyTooMany(tx, ctx, reply.recipient)) ??
    (await whyGone(tx, reply.recipient)) ??
    // This one is not in the outbox yet.
    (await whyStormy(tx, ctx, reply.mailbox, await brakes.brakesOf(tx), 1))
  );
}

/** Two machines that answer each other, or one company's flood. */
async function whyTooMany(tx: Tx, ctx: GuardContext, recipient: string): Promise<string | null> {
  const { maxRepliesPerDomainAndDay, maxRepliesPerRecipientAndDay } = ctx.policy.outbound;
  const domain = domainKey(domainOf(recipient));
  const isGeneric = ctx.policy.identification.genericDomains.includes(domain);
  const since = new Date(ctx.now().getTime() - DAY_MS);
  // Two mails decided at once must not both be the last that is allowed.
  await counts.countAlone(tx, isGeneric ? addressKey(recipient) : domain);
  if (recipientHasAll(await counts.countRepliesTo(tx, recipient, since), ctx.policy))
    return `the recipient has had ${maxRepliesPerRecipientAndDay} replies in a day`;
  if (isGeneric || !domainHasAll(await counts.countRepliesToDomain(tx, domain, since), ctx.policy)) return null;
  return `the addresses at ${domain} have had ${maxRepliesPerDomainAndDay} replies in a day`;
}

/** Why mail to this address is kept back: a mail of ours came back from it for good. */
export async function whyGone(tx: Tx, recipient: string): Promise<string | null> {
  const because = await suppressed.whySuppressed(tx, recipient);
  return because === null ? null : `mail to the recipient came back: ${because}`;
}

/**
 * Why replies are held until a person lets go. The reply that is one too many begins the storm: from its transaction on every process
 * knows, and people inside are told once.
 * @param more replies that are not in the outbox yet.
 */
export async function whyStormy(
  tx: Tx,
  ctx: GuardContext,
  mailbox: MailboxName,
  { storm, resumedAt }: brakes.Brakes,
  more = 0,
): Promise<string | null> {
  if (storm) return `storm: ${storm.because}`;
  const now = ctx.now();
  const since = stormSince(now, ctx.policy);
  // One of the future was written before the clock was set back: it must not switch the storm off until then.
  const counted = resumedAt && resumedAt > since && resumedAt <= now ? resumedAt : since;
  const because = whyStorm((await counts.countIntended(tx, counted)) + more, ctx.policy);
  if (because === null) return null;
  if (await brakes.beginStorm(tx, { since: now, because })) {
    ctx.log.error({ because }, 'a storm of replies: all are held until "partner-intake outbound resume"');
    await notices.note(tx, stormNotice(ctx, mailbox, because));
  }
  return `storm: ${because}`;
}

/** One for all managers and the desk: a storm is no region's. */
const stormNotice = ({ policy, now }: GuardContext, mailbox: MailboxName, because: string): notices.NewNotice => ({
  key: `storm ${now().toISOString()}`,
  kind: 'storm',
  level: 'manager',
  region: policy.regions.default[mailbox],
  mailbox,
  ticketId: null,
  recipient: null,
  because: `${because}: no reply is sent until somebody looks (partner-intake outbound list) and ends it (partner-intake outbound resume); what is held is sent or given up by partner-intake outbound release --reason storm, or drop --reason storm`,
  now: now(),
});
