/** Decides a ticket again: after an answer, an associate's hand, or the directory's return. Nothing is overwritten, the change is told. */
import { isDeepStrictEqual } from 'node:util';
import { IntakeError } from '../errors.ts';
import { events, tickets } from '../ledger/index.ts';
import type { Tx } from '../ledger/schema.ts';
import type { TicketRow } from '../ledger/tickets.ts';
import type { Actor, Decision, Enquiry, FieldValue, SeverityOverride } from '../model.ts';
import { classify } from '../pipeline/decide/classify.ts';
import { keptAccount } from '../pipeline/decide/kept-account.ts';
import { consult } from './consult.ts';
import type { Context } from './context.ts';
import { difference } from './difference.ts';
import { keepClock } from './keep-clock.ts';
import { type PlannedReply, planReply } from './plan-reply.ts';
import { partnerKey, type ReadMailRow, readingOf, summary } from './read-row.ts';

export type Change = {
  readonly ticketId: number;
  /** What set it off: `answer`, `set`, `directory`. */
  readonly trigger: string;
  readonly by: Actor;
  readonly because: string;
  /** The super admin's address that was named, if any. */
  readonly superadmin: FieldValue | null;
  /** Other fields that were given. */
  readonly keys?: Enquiry['fields'];
  /** A severity set by hand, or that it is left to the rules again; later decisions keep to it. */
  readonly severity?: SeverityOverride | 'by-the-rules';
  /** The mail that set it off; else the ticket's own mail is what a reply would answer. */
  readonly mail?: ReadMailRow;
  /** Ends that mail in the same transaction; false when somebody else did, and then nothing is done. */
  readonly settleMail?: (tx: Tx) => Promise<boolean>;
};

export type AgainContext = Pick<
  Context,
  'db' | 'policy' | 'templates' | 'directory' | 'partners' | 'threadKeys' | 'escalationDesk' | 'now' | 'log'
>;

/** Two people and a directory rarely meet on one ticket; more often than this something is wrong. */
const MOST_TRIES = 5;
/** Fewer tell no language. */
const LETTERS_OF_A_LANGUAGE = 20;
const CHANGED = 'changed-meanwhile';

/** Runs `work` again when the ticket it looked at was changed by somebody else before it was done. */
export async function untilUnchanged<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof IntakeError) || error.code !== CHANGED || tried >= MOST_TRIES) throw error;
    }
  }
}

/**
 * Runs the workflow once more and keeps the new decision beside the old ones.
 * @returns the id of a reply to send, if one is due.
 * @throws IntakeError `temporary`, for `untilUnchanged`, when somebody else decided the ticket meanwhile.
 */
export async function decideAgain(ctx: AgainContext, change: Change): Promise<number | undefined> {
  const before = await tickets.getTicket(ctx.db, change.ticketId);
  const origin = await readingOf(ctx.db, before.mail_id);
  const enquiry = withGiven(before.enquiry, change);
  const { partner, directory } = await consult(ctx, enquiry, before.sender);
  // The clock keeps starting at the first mail: an answer does not buy time, nor cost it.
  const decision = classify(
    {
      mail: origin.parsed,
      enquiry,
      mailbox: before.mailbox,
      arrivedAt: origin.arrivedAt,
      directory,
      keptAccount: keptAccount(before, enquiry),
      partner,
      override: overrideAfter(before.decision, change),
    },
    ctx.policy,
  );
  return await ctx.db.transaction().execute(async (tx) => {
    const ticket = await tickets.getTicket(tx, change.ticketId, { lock: true });
    // Asking the directory takes its time: what somebody else did meanwhile must not be undone.
    if (!isDeepStrictEqual(ticket, before))
      throw new IntakeError('temporary', CHANGED, 'the ticket was changed while it was decided again');
    if (change.settleMail && !(await change.settleMail(tx))) return undefined;
    if (change.trigger === 'directory' && (!directory.reachable || !ticket.directory_pending)) return undefined;
    if (change.trigger === 'answer' && !change.superadmin && Object.keys(change.keys ?? {}).length === 0)
      return undefined;
    await tickets.redecide(tx, {
      ticketId: ticket.id,
      mailId: change.mail?.id ?? null,
      trigger: change.trigger,
      enquiry,
      decision,
      superadmin: superadminAfter(ticket, change, enquiry, decision),
      directoryPending: !directory.reachable,
      partnerDomain: partner?.domain ?? null,
      now: ctx.now(),
    });
    const decided = {
      ticketId: ticket.id,
      by: change.by,
      what: difference(ticket.decision, decision),
      because: `${change.because}; ${summary(decision)}`,
    };
    // An associate who fills the field by hand speaks to the partner himself.
    const occasion = change.mail ?? origin;
    const planned: PlannedReply =
      change.by === 'associate'
        ? { events: [] }
        : await planReply(tx, ctx, {
            ticketId: ticket.id,
            mailId: occasion.id,
            fingerprint: occasion.fingerprint,
            arrivedAt: occasion.arrivedAt,
            mail: occasion.parsed,
            enquiry: { ...enquiry, language: languageOf(occasion, before.enquiry) },
            decision,
            partnerKey: partnerKey(partner, occasion.parsed),
            partnerLanguage: partner?.language ?? null,
            newTicket: false,
            settled: change.trigger === 'directory',
          });
    const ticking = await keepClock(tx, ctx, {
      ticketId: ticket.id,
      decision,
      arrivedAt: origin.arrivedAt,
      replyId: planned.replyId,
      newTicket: false,
      answeredAt: change.trigger === 'answer' ? change.mail?.arrivedAt : undefined,
    });
    await events.record(tx, [...ticking, decided, ...planned.events]);
    return planned.replyId;
  });
}

/** A bare address is in no language: then it is the ticket's. */
function languageOf({ parsed, enquiry }: ReadMailRow, ticket: Enquiry): string {
  const words = parsed.text.replace(/\S+@\S+/g, ' ').match(/\p{L}/gu)?.length ?? 0;
  return words < LETTERS_OF_A_LANGUAGE ? ticket.language : enquiry.language;
}

const withGiven = (enquiry: Enquiry, { superadmin, keys }: Pick<Change, 'superadmin' | 'keys'>): Enquiry => ({
  ...enquiry,
  fields: { ...enquiry.fields, ...keys, ...(superadmin ? { superadminEmail: superadmin } : {}) },
});

/**
 * What the ticket shows as the super admin: an associate's word, else the account's of the decision, else what the partner gave.
 * So it never says another account than the decision; where an associate's does, the decision has the tag of the conflict.
 */
function superadminAfter(
  ticket: TicketRow,
  change: Change,
  enquiry: Enquiry,
  decision: Decision,
): { email: string; by: Actor } | null {
  if (change.superadmin && change.by === 'associate') return { email: change.superadmin.value, by: change.by };
  if (ticket.superadmin_by === 'associate' && ticket.superadmin_email)
    return { email: ticket.superadmin_email, by: 'associate' };
  const given = enquiry.fields.superadminEmail?.value;
  const email = decision.account?.superadminEmail ?? given;
  if (email === undefined) return null;
  if (email === change.superadmin?.value) return { email, by: change.by };
  if (email === ticket.superadmin_email) return { email, by: ticket.superadmin_by ?? 'daemon' };
  return { email, by: decision.account ? 'daemon' : 'partner' };
}

const overrideAfter = (before: Decision, { severity }: Change): SeverityOverride | undefined =>
  severity === 'by-the-rules' ? undefined : (severity ?? before.override);
