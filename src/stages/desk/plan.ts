/** What is new about a ticket -> calls to Desk, in the order in which people there have to see it. */
import { messageOf } from '../../errors.ts';
import type { PlannedCall, Tellable } from '../../ledger/desk-plans.ts';
import { deskPlans, tickets } from '../../ledger/index.ts';
import type { Tx } from '../../ledger/schema.ts';
import type { MailboxName } from '../../model.ts';
import { ticketAttachments } from '../ticket-attachments.ts';
import type { DeskContext } from './context.ts';

/** Tickets planned in one pass; the next pass takes the rest. */
const PLAN_LIMIT = 500;

/** Plans everything that is untold; a ticket that cannot be planned holds up no other. @returns how many tickets there were */
export async function planDesk(ctx: DeskContext): Promise<number> {
  const ids = await deskPlans.untoldTickets(ctx.db, ctx.deskSince, PLAN_LIMIT);
  for (const id of ids) {
    try {
      await ctx.db.transaction().execute((tx) => planTicket(tx, ctx, id));
    } catch (error) {
      ctx.log.error(
        { ticket: id, cause: messageOf(error) },
        'what is new about a ticket could not be planned for Desk',
      );
    }
  }
  return ids.length;
}

async function planTicket(tx: Tx, ctx: DeskContext, ticketId: number): Promise<void> {
  const tellable = await deskPlans.lockUntold(tx, ticketId, (mailbox) => portalOf(ctx, mailbox));
  if (!tellable) return;
  const { decision } = await tickets.getTicket(tx, ticketId);
  await deskPlans.addCalls(tx, ticketId, [
    ...decided(tellable),
    ...tellable.mails.map((mailId): PlannedCall => ({ kind: 'note', marker: `mail-${mailId}`, mailId })),
    ...(await files(tx, ticketId)),
    ...tellable.replies.map((replyId): PlannedCall => ({ kind: 'note', marker: `reply-${replyId}`, replyId })),
  ]);
  await deskPlans.markPlanned(tx, tellable, decision.priorityCustomer);
}

/** The first decision makes the ticket; each later one updates it. All are explained. */
const decided = ({ decisions, isNew }: Tellable): PlannedCall[] =>
  decisions.flatMap((decisionId, index): PlannedCall[] => [
    isNew && index === 0 ? { kind: 'create', marker: 'ticket' } : { kind: 'update', marker: `update-${decisionId}` },
    { kind: 'note', marker: `decision-${decisionId}`, decisionId },
  ]);

/** Each file once; logos are left out. */
async function files(tx: Tx, ticketId: number): Promise<PlannedCall[]> {
  const all = await ticketAttachments(tx, ticketId);
  return all
    .filter(({ role }) => role !== 'logo')
    .map(({ sha256 }) => ({ kind: 'attachment', marker: `file-${sha256.slice(0, MARKED_DIGITS)}` }));
}

const MARKED_DIGITS = 24;

/** The portal of the mailbox, or the only one there is. */
function portalOf({ desk }: Pick<DeskContext, 'desk'>, mailbox: MailboxName): MailboxName {
  const [only] = Object.keys(desk) as MailboxName[];
  return desk[mailbox] || !only ? mailbox : only;
}
