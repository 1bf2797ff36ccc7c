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

/** Whether the addresses of one domain that have had so many replies in a day get no more by themselves. */
export const domainHasAll = (had: number, { outbound }: Limits): boolean => had >= outbound.maxRepliesPerDomainAndDay;

/** Replies that were intended after this moment make a storm together. */
export const stormSince = (now: Date, { outbound }: Limits): Date =>
  new Date(now.getTime() - outbound.storm.minutes * MINUTE_MS);

/** Why so many replies since `stormSince` are a storm; null when they are none. */
export function whyStorm(intended: number, { outbound: { storm } }: Limits): string | null {
  return intended > storm.replies ? `more than ${storm.replies} replies in ${storm.minutes} minutes` : null;
}

/** Mails that left after this moment count for the hour. */
export const hourSince = (now: Date): Date => new Date(now.getTime() - HOUR_MS);

/** What an hour has seen: of one mailbox, or of all. */
export type Hour = {
  /** When its mails left, the oldest first. */
  readonly left: readonly Date[];
  /** Mails that have waited longer than the one in question. */
  readonly ahead: number;
};

/** Whether a mailbox, or all together, have no room for one mail more. */
export const isHourFull = (
  { mailbox, all }: { readonly mailbox: number; readonly all: number },
  { outbound }: Limits,
): boolean => mailbox >= outbound.maxMailsPerMailboxAndHour || all >= outbound.maxMailsPerHour;

/** When a mail may leave that its mailbox, or all together, have no room for now, and why; null when it may leave at once. */
export function waitsUntil(
  hours: { readonly mailbox: Hour; readonly all: Hour },
  mailbox: string,
  now: Date,
  { outbound }: Limits,
): { readonly until: Date; readonly because: string } | null {
  const { maxMailsPerMailboxAndHour: ofMailbox, maxMailsPerHour: ofAll } = outbound;
  const opens = [
    { at: opensAt(hours.mailbox, ofMailbox, now), because: `mailbox ${mailbox} sends ${ofMailbox} mails in an hour` },
    { at: opensAt(hours.all, ofAll, now), because: `all mailboxes together send ${ofAll} mails in an hour` },
  ];
  const [last] = opens.filter(({ at }) => at !== null).toSorted((a, b) => Number(b.at) - Number(a.at));
  return last?.at ? { until: last.at, because: last.because } : null;
}

/** When the hour has room for those ahead and for one more: each mail that left gives its room back an hour later. */
function opensAt({ left, ahead }: Hour, most: number, now: Date): Date | null {
  const short = left.length + ahead - most;
  if (short < 0) return null;
  const gives = left[short];
  // Whoever has more before them than an hour takes comes in one of the next.
  return gives
    ? new Date(gives.getTime() + HOUR_MS)
    : new Date(now.getTime() + HOUR_MS * Math.ceil((short + 1) / most));
}

/** Whether a mail that is still not accepted is left to a person. @param triedSince its first attempt: what it waited before was nobody's refusal. */
export const isGivenUp = (triedSince: Date, now: Date, { outbound }: Limits): boolean =>
  now.getTime() - triedSince.getTime() > outbound.giveUpAfterHours * HOUR_MS;

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
