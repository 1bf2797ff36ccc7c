/** What people inside have to be told: breaches, escalations, a partner's many basic requests. Noted once, mailed in a digest. */
import { sql } from 'kysely';
import type { MailboxName, Region } from '../model.ts';
import { record } from './events.ts';
import type { Db, Tx } from './schema.ts';
import { jsonText, plainText } from './text.ts';

/** Names the one advisory lock of the digests. */
const DIGEST_LOCK = 'partner-intake notice digest';

export type NoticeKind = 'warning' | 'breach' | 'escalation' | 'basic-requests' | 'standstill';
export type NoticeLevel = 'lead' | 'manager' | 'account-manager';

export type NewNotice = {
  /** What it is about and which occasion: "breach P-1042 firstResponse". The same key is noted once. */
  readonly key: string;
  readonly kind: NoticeKind;
  readonly level: NoticeLevel;
  readonly region: Region;
  readonly mailbox: MailboxName;
  readonly ticketId: number | null;
  /** Further tickets it is about, when it is about several. */
  readonly tickets?: readonly number[];
  /** Whose country chooses among the region's contacts; the ticket's when left out. */
  readonly country?: string | null;
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
      tickets: jsonText(notice.tickets ?? []),
      country: notice.country ?? null,
      recipient: notice.recipient,
      because: plainText(notice.because),
      created_at: notice.now,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether a notice whose key begins so was noted since `since`. */
export async function wasNotedSince(db: Db, keyStart: string, since: Date): Promise<boolean> {
  const row = await db
    .selectFrom('notice')
    .select('id')
    .where(sql<boolean>`starts_with(key, ${keyStart})`)
    .where('created_at', '>', since)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes the right to compose mails until the transaction ends; false when another process is at it. */
export async function takeDigest(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${DIGEST_LOCK}, 0)) as taken`.execute(tx);
  return rows[0]?.taken ?? false;
}

/**
 * Escalations of which a lead was to be told before `before`, on open tickets where nothing was answered since: the managers'
 * turn. (A breach has a time of its own in the clock.)
 */
export async function followEscalations(tx: Tx, before: Date, now: Date): Promise<void> {
  await sql`
    with due as (
      update notice set followed = true
      where level = 'lead' and not followed and kind = 'escalation' and created_at <= ${before}::timestamptz
      returning *)
    insert into notice (key, kind, level, region, mailbox, ticket_id, country, because, created_at)
    select due.key || ' manager', due.kind, 'manager', due.region, due.mailbox, due.ticket_id, due.country,
      due.because || '; the lead was told ' || to_char(due.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC',
      ${now}::timestamptz
    from due join ticket on ticket.id = due.ticket_id
    where ticket.status = 'open' and not exists (
      select from deadline where deadline.ticket_id = due.ticket_id and deadline.met_at >= due.created_at)
    on conflict (key) do nothing`.execute(tx);
}

export type OpenNotice = {
  readonly id: number;
  readonly level: NoticeLevel;
  readonly region: Region;
  readonly country: string | null;
  readonly recipient: string | null;
  readonly ticketId: number | null;
};

/** Notices whose recipients have not been looked up, oldest first. */
export async function unaddressed(tx: Tx, limit: number): Promise<OpenNotice[]> {
  const { rows } = await sql<OpenNotice>`
    select notice.id, level, notice.region, recipient, ticket_id as "ticketId",
      coalesce(notice.country, ticket.decision->>'country') as country
    from notice left join ticket on ticket.id = notice.ticket_id
    where not addressed order by notice.id limit ${limit}`.execute(tx);
  return rows;
}

/** Keeps whom a notice is for; nobody is said in the ticket's history, or the notice would vanish without a word. */
export async function address(tx: Tx, notice: OpenNotice, recipients: readonly string[]): Promise<void> {
  await tx.updateTable('notice').set({ addressed: true }).where('id', '=', notice.id).execute();
  if (recipients.length > 0) {
    const rows = recipients.map((recipient) => ({ notice_id: notice.id, recipient }));
    await tx.insertInto('notice_recipient').values(rows).execute();
    return;
  }
  if (notice.ticketId === null) return;
  const because = `escalation.yaml names nobody for ${notice.region}`;
  await record(tx, [{ ticketId: notice.ticketId, what: `${notice.level} not told`, because }]);
}

export type WaitingNotice = {
  readonly id: number;
  readonly to: string;
  readonly kind: NoticeKind;
  readonly level: NoticeLevel;
  readonly region: Region;
  readonly mailbox: MailboxName;
  readonly ticketId: number | null;
  readonly tickets: readonly number[];
  readonly because: string;
};

/** What waits to be mailed, the oldest first. */
export async function waiting(tx: Tx): Promise<WaitingNotice[]> {
  return await tx
    .selectFrom('notice_recipient')
    .innerJoin('notice', 'notice.id', 'notice_recipient.notice_id')
    .select([
      'notice.id',
      'notice_recipient.recipient as to',
      'notice.kind',
      'notice.level',
      'notice.region',
      'notice.mailbox',
      'notice.ticket_id as ticketId',
      'notice.tickets',
      'notice.because',
    ])
    .where('notice_recipient.reply_id', 'is', null)
    .orderBy('notice.id')
    .execute();
}

export type Mailed = { readonly replyId: number; readonly heldBecause: string | null };

/** Ties these notices to the mail that tells them, and says so in their tickets' histories. */
export async function settle(
  tx: Tx,
  told: readonly WaitingNotice[],
  recipient: string,
  { replyId, heldBecause }: Mailed,
): Promise<void> {
  const ids = told.map(({ id }) => id);
  await tx
    .updateTable('notice_recipient')
    .set({ reply_id: replyId })
    .where('notice_id', 'in', ids)
    .where('recipient', '=', recipient)
    .execute();
  await record(
    tx,
    told.flatMap(({ ticketId, level, because }) => {
      if (ticketId === null) return [];
      const state = heldBecause ? 'held' : 'intended';
      return [{ ticketId, what: `${level} notice ${state}`, because: `${recipient}: ${heldBecause ?? because}` }];
    }),
  );
}
