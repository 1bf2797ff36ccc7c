/** Somebody inside answers a notice of ours: no ticket and no reply (I5); noted on the tickets the notice told of. */
import { events, mails, outbound } from '../ledger/index.ts';
import { noticeReferences } from '../pipeline/reply/thread.ts';
import type { Context } from './context.ts';
import { isParticipant } from './participants.ts';
import { whyInside } from './people-inside.ts';
import type { ReadMailRow } from './read-row.ts';

/**
 * Whether the mail answers a notice; if so it is set aside. A partner to whom a notice was forwarded is no one inside: what
 * they write in answer is a request as any other.
 */
export async function answersNotice(
  ctx: Pick<Context, 'db' | 'policy' | 'escalationDesk' | 'partners'>,
  mail: ReadMailRow,
): Promise<boolean> {
  const { parsed } = mail;
  const references = noticeReferences([...(parsed.inReplyTo ? [parsed.inReplyTo] : []), ...parsed.references]);
  if (references.length === 0) return false;
  const sender = parsed.from.address;
  const notices = await outbound.noticesTold(ctx.db, references);
  const isInside = notices.length > 0 && (await whyInside(ctx.db, ctx, sender)) !== null;
  const told = notices.filter(({ recipient }) => isInside || isParticipant(recipient, sender, ctx));
  if (told.length === 0) return false;
  const because = `${sender} answered a notice of ours: it is kept as mail ${mail.id}`;
  await ctx.db.transaction().execute(async (tx) => {
    const settled = await mails.settle(tx, mail.id, { state: 'suppressed', because: 'answer to a notice of ours' });
    if (!settled) return;
    const tickets = [...new Set(told.flatMap((one) => one.tickets))];
    await events.record(tx, [
      { mailId: mail.id, what: 'suppressed', because: 'answer to a notice of ours' },
      ...tickets.map((ticketId) => ({ mailId: mail.id, ticketId, what: 'notice answered', because })),
    ]);
  });
  return true;
}
