/** What people inside have to be told: breaches, escalations, a partner's many basic requests. Noted once, mailed in a digest. */
import type { MailboxName, Region } from '../model.ts';
import type { Db } from './schema.ts';
import { plainText } from './text.ts';

export type NewNotice = {
  /** What it is about and which occasion: "breach P-1042 firstResponse". The same key is noted once. */
  readonly key: string;
  readonly kind: 'warning' | 'breach' | 'escalation' | 'basic-requests' | 'standstill';
  readonly level: 'lead' | 'manager' | 'account-manager';
  readonly region: Region;
  readonly mailbox: MailboxName;
  readonly ticketId: number | null;
  /** Whom to tell, when the region's contacts do not say it: the partner's account manager. */
  readonly recipient: string | null;
  readonly because: string;
  readonly now: Date;
};

/** Notes what has to be told, inside the transaction that finds it. @returns false when it was noted before. */
export async function note(db: Db, notice: NewNotice): Promise<boolean> {
  const row = await db
    .insertInto('notice')
    .values({
      key: notice.key,
      kind: notice.kind,
      level: notice.level,
      region: notice.region,
      mailbox: notice.mailbox,
      ticket_id: notice.ticketId,
      recipient: notice.recipient,
      because: plainText(notice.because),
      created_at: notice.now,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
