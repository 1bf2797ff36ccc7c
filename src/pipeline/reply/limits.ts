/** What outbound.yaml allows: how many mails, in answer to how old a mail, and how long one is tried. Pure. */
import type { Policy } from '../../policy.ts';

type Limits = Pick<Policy, 'outbound'>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Also the day within which a recipient's mails are counted. */
export const DAY_MS = 24 * HOUR_MS;

/** A partner who was sent a note after this moment is not sent another now. */
export const notedSince = (now: Date, { outbound }: Limits): Date =>
  new Date(now.getTime() - outbound.noteEveryDays * DAY_MS);

/** A question that was asked on a ticket after this moment is not asked there again now. */
export const askedSince = (now: Date, { outbound }: Limits): Date =>
  new Date(now.getTime() - outbound.askAgainDays * DAY_MS);

/** Why a mail is too old to be answered as if it had come today; null when it is not. Old mail comes after an outage, or from a mailbox connected late. */
export function whyTooOld(
  { arrivedAt, dated }: { readonly arrivedAt: Date; readonly dated: string | null },
  now: Date,
  { outbound }: Limits,
): string | null {
  const days = outbound.holdRepliesToMailOlderThanDays;
  const oldest = now.getTime() - days * DAY_MS;
  if (arrivedAt.getTime() < oldest) return `the mail arrived more than ${days} days ago`;
  // A mailbox restored from a backup gives old mail a new arrival time; its own date still tells.
  if (dated && Date.parse(dated) < oldest) return `the mail is dated more than ${days} days ago`;
  return null;
}

/** Whether a ticket that has had so many replies gets no more. */
export const ticketHasAll = (had: number, { outbound }: Limits): boolean => had >= outbound.maxRepliesPerTicket;

/** Whether a recipient who has had so many mails in a day gets no more by itself. */
export const recipientHasAll = (had: number, { outbound }: Limits): boolean =>
  had >= outbound.maxRepliesPerRecipientAndDay;

/** Whether a mail that is still not accepted is left to a person. */
export const isGivenUp = (createdAt: Date, now: Date, { outbound }: Limits): boolean =>
  now.getTime() - createdAt.getTime() > outbound.giveUpAfterHours * HOUR_MS;

/**
 * What becomes of a mail whose outcome was unknown, after it was looked for among the sent mail: `sending` looks again.
 * @param ageMs since the attempt began: it may be on its way at this moment, or be filed a little later.
 */
export function afterLooking(
  found: 'sent' | 'not-sent' | 'unknown',
  ageMs: number,
  { outbound }: Limits,
): 'sent' | 'intended' | 'held' | 'sending' {
  if (found === 'sent') return 'sent';
  if (found === 'not-sent') return ageMs > outbound.believeAbsenceAfterSeconds * 1000 ? 'intended' : 'sending';
  return ageMs > outbound.unknownOutcomeMinutes * MINUTE_MS ? 'held' : 'sending';
}
