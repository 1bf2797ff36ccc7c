/** The decisions taken on a ticket, one after the other. */
import { IntakeError } from '../errors.ts';
import type { Decision } from '../model.ts';
import type { Db } from './schema.ts';

/** A decision with the one before it; null before the first. @throws IntakeError `permanent` when there is none with this id */
export async function decisionWithBefore(
  db: Db,
  ticketId: number,
  id: number,
): Promise<{ before: Decision | null; after: Decision; trigger: string }> {
  const rows = await db
    .selectFrom('decision')
    .select(['id', 'decision', 'trigger'])
    .where('ticket_id', '=', ticketId)
    .where('id', '<=', id)
    .orderBy('id', 'desc')
    .limit(2)
    .execute();
  const [last, before] = rows;
  if (last?.id !== id) throw new IntakeError('permanent', 'no-decision', `there is no decision ${id}`);
  return { before: before?.decision ?? null, after: last.decision, trigger: last.trigger };
}
