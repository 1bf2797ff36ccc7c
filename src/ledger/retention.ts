/** What is old enough to go: the bytes of mails, then their texts. What is unfinished, in quarantine, or on an open ticket stays. */
import { sql } from 'kysely';
import type { Db, Tx } from './schema.ts';
import { isAbout, withoutLetter, withoutName, withoutStory, withoutTexts } from './texts.ts';

const LAST_RUN = 'retention-run';
/** Names the one advisory lock of the runs. */
const RUN_LOCK = 'partner-intake retention';

/**
 * Mails that ended, with all there is to do on their ticket, before `before`. A partner's answer to a resolved ticket that nobody has
 * looked at, a reply that is not out yet, and what is still to be told to Desk keep everything of their ticket.
 */
const over = (before: Date) => sql`
  mail.state in ('ticketed', 'appended', 'suppressed') and mail.updated_at <= ${before}::timestamptz
  and (mail.ticket_id is null or exists (
    select from ticket where ticket.id = mail.ticket_id and ${ticketOver(before)}))`;
/** Where nothing has been brought there for so long, nothing is waited for. */
const deskIsUsed = (before: Date) => sql`exists (select from desk_call where updated_at > ${before}::timestamptz)`;
const ticketOver = (before: Date) => sql`
  ticket.status = 'resolved' and ticket.updated_at <= ${before}::timestamptz and ticket.answered_after_resolved is null
  and not exists (
    select from reply where reply.ticket_id = ticket.id and reply.state in ('intended', 'sending', 'held'))
  and not exists (
    select from desk_call where desk_call.ticket_id = ticket.id and desk_call.state in ('intended', 'sending'))
  and not (ticket.untold and ${deskIsUsed(before)}
    and exists (select from desk_ticket where desk_ticket.ticket_id = ticket.id))`;

export type Dropping = { readonly count: number; readonly bytes: number };

/** Drops the bytes of at most `limit` mails. Two processes never drop the same. */
export async function dropOriginals(tx: Tx, before: Date, now: Date, limit: number): Promise<Dropping> {
  const { rows } = await sql<Dropping>`
    with due as (
      select original.mail_id, octet_length(original.raw) as bytes
      from original join mail on mail.id = original.mail_id
      where original.raw is not null and ${over(before)}
      order by original.mail_id limit ${limit} for update of original skip locked),
    dropped as (
      update original set raw = null, dropped_at = ${now}::timestamptz, dropped_because = 'retention'
      from due where due.mail_id = original.mail_id returning due.bytes)
    select count(*) as count, coalesce(sum(bytes), 0)::bigint as bytes from dropped`.execute(tx);
  return rows[0] ?? { count: 0, bytes: 0 };
}

/** Drops the texts of at most `limit` mails: what their writers wrote, the names of files, and the replies to them. */
export async function dropMailTexts(tx: Tx, before: Date, now: Date, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with due as (
      select mail.id from mail where mail.texts_dropped_at is null and ${over(before)}
      order by mail.id limit ${limit} for update of mail skip locked),
    stripped as (
      update mail set texts_dropped_at = ${now}::timestamptz,
        parsed = ${withoutTexts(sql`parsed`)}, enquiry = ${withoutStory(sql`enquiry`)}
      from due where due.id = mail.id returning mail.id),
    files as (
      update attachment set filename = '', dangerous = ${withoutName(sql`dangerous`)} from due where due.id = attachment.mail_id),
    letters as (update reply set message = ${withoutLetter(sql`message`)} from due where due.id = reply.mail_id)
    select count(*) as count from stripped`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** Drops the subject and the story of at most `limit` tickets, and what notices told of them. */
export async function dropTicketTexts(tx: Tx, before: Date, now: Date, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with due as (
      select ticket.id from ticket where ticket.texts_dropped_at is null and ${ticketOver(before)}
      order by ticket.id limit ${limit} for update of ticket skip locked),
    notices as (
      update reply set message = ${withoutLetter(sql`message`)}
      from notice_recipient join notice on notice.id = notice_recipient.notice_id
      where notice_recipient.reply_id = reply.id and reply.state in ('sent', 'failed')
        and ${isAbout(sql`array(select id from due)`)}),
    stripped as (
      update ticket set texts_dropped_at = ${now}::timestamptz, subject = '', directory_pending = false,
        enquiry = ${withoutStory(sql`enquiry`)}
      from due where due.id = ticket.id returning ticket.id)
    select count(*) as count from stripped`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** Takes the right to run for as long as the transaction lasts; false when another process has it. */
export async function takeRetention(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${RUN_LOCK}, 0)) as taken`.execute(tx);
  return rows[0]?.taken ?? false;
}

/** When everything that was due had been dropped; null when it never was. */
export async function lastRetention(db: Db): Promise<Date | null> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', LAST_RUN).executeTakeFirst();
  return row ? new Date(row.value) : null;
}

export async function setLastRetention(db: Db, at: Date): Promise<void> {
  const value = at.toISOString();
  await db
    .insertInto('setting')
    .values({ key: LAST_RUN, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}
