/** Mails that were set aside because they could not be handled: to look at, to try again, or to drop. */
import { sql } from 'kysely';
import type { MailState } from '../model.ts';
import { record } from './events.ts';
import type { Db } from './schema.ts';

export type Quarantined = {
  readonly id: number;
  readonly messageId: string | null;
  readonly mailbox: string;
  readonly arrivedAt: Date;
  readonly size: number;
  readonly because: string | null;
  /** As far as its headers could be read; null when nothing was. */
  readonly from: string | null;
  readonly subject: string | null;
};

/** All of them, oldest first, or the one with this id. */
export async function listQuarantine(db: Db, id?: number): Promise<Quarantined[]> {
  let query = db
    .selectFrom('mail')
    .select([
      'id',
      'message_id as messageId',
      'mailbox',
      'arrived_at as arrivedAt',
      'size',
      'because',
      sql<string | null>`parsed -> 'from' ->> 'address'`.as('from'),
      sql<string | null>`parsed ->> 'subject'`.as('subject'),
    ])
    .where('state', '=', 'quarantined')
    .orderBy('id');
  if (id !== undefined) query = query.where('id', '=', id);
  return await query.execute();
}

/**
 * Lets a mail run again (`received`), or drops it for good (`suppressed`); false when it is not in quarantine. One that was read as
 * far as its headers go is not read again, which would end here once more: it is decided by what they say.
 */
export async function endQuarantine(db: Db, id: number, to: 'received' | 'suppressed'): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    const row = await tx
      .updateTable('mail')
      .set({
        state: to === 'received' ? sql<MailState>`case when parsed is null then 'received' else 'parsed' end` : to,
        because: to === 'suppressed' ? 'dropped from quarantine by hand' : null,
        attempts: 0,
        next_attempt_at: null,
        updated_at: sql`now()`,
      })
      .where('id', '=', id)
      .where('state', '=', 'quarantined')
      .returning('id')
      .executeTakeFirst();
    if (!row) return false;
    const what = to === 'received' ? 'released from quarantine' : 'dropped from quarantine';
    await record(tx, [{ mailId: id, by: 'associate', what, because: 'by hand' }]);
    return true;
  });
}
