/** What people inside have to be told: breaches, escalations, a partner's many basic requests. Noted once, mailed in a digest. */
import { type RawBuilder, sql } from 'kysely';
import type { MailboxName, Region } from '../model.ts';
import type { NoticeKind, NoticeLevel } from '../notice-model.ts';
import { record } from './events.ts';
import type { Db, Passed, Tx } from './schema.ts';
import { jsonText, plainText } from './text.ts';

/** Names the one advisory lock of the digests. */
const DIGEST_LOCK = 'partner-intake notice digest';

export type NewNotice = {
  /** What it is about and which occasion: "breach P-1042 firstResponse 2026-03-02T17:00:00.000Z". The same key is noted once. */
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
  /** What had passed without an answer, if that is why an escalation is told. */
  readonly passed?: Passed | null | undefined;
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
      passed: notice.passed ?? null,
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
 * Nothing is left of an escalation (`told`, a notice) for which the managers would be told: something was answered since, or what
 * had passed is open no more, because an associate marked it afterwards as answered before.
 */
const answered = (told: RawBuilder<unknown>) => sql<boolean>`
  exists (select from deadline where deadline.ticket_id = ${told}.ticket_id and deadline.met_at >= ${told}.created_at)
  or (${told}.passed is not null and not exists (
    select from deadline
    where deadline.ticket_id = ${told}.ticket_id and met_at is null and cancelled_at is null
      and case ${told}.passed when 'target' then target_at else commitment_at end <= ${told}.created_at))`;

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
    where ticket.status = 'open' and not (${answered(sql`due`)})
    on conflict (key) do nothing`.execute(tx);
}

export type ToldEscalation = {
  /** Occasions so far: the leads were told so often. */
  readonly times: number;
  readonly lastAt: Date;
  /** The last occasion is over: something was answered since, or the managers' turn has come. */
  readonly over: boolean;
};

/** What the leads were told of wishes to escalate this ticket; null when nothing. */
export async function toldEscalation(tx: Tx, ticketId: number): Promise<ToldEscalation | null> {
  const { rows } = await sql<ToldEscalation>`
    select count(*) over () as times, created_at as "lastAt",
      followed or ${answered(sql`notice`)} as over
    from notice where ticket_id = ${ticketId} and kind = 'escalation' and level = 'lead'
    order by id desc limit 1`.execute(tx);
  const [row] = rows;
  return row ? { ...row, times: Number(row.times) } : null;
}

export type OpenNotice = {
  readonly id: number;
  readonly kind: NoticeKind;
  readonly level: NoticeLevel;
  readonly region: Region;
  readonly country: string | null;
  readonly recipient: string | null;
  readonly ticketId: number | null;
  readonly tickets: readonly number[];
};

/** Notices whose recipients have not been looked up, oldest first. */
export async function unaddressed(tx: Tx, limit: number): Promise<OpenNotice[]> {
  const { rows } = await sql<OpenNotice>`
    select notice.id, notice.kind, level, notice.region, recipient, ticket_id as "ticketId", notice.tickets,
      coalesce(notice.country, ticket.decision->>'country') as country
    from notice left join ticket on ticket.id = notice.ticket_id
    where not addressed order by notice.id limit ${limit}`.execute(tx);
  return rows;
}

/**
 * Keeps whom a notice is for.
 * @param notTold why nobody of the level itself is told; said in the tickets' histories. Null when somebody is.
 */
export async function address(
  tx: Tx,
  notice: OpenNotice,
  recipients: readonly string[],
  notTold: string | null,
): Promise<void> {
  await tx.updateTable('notice').set({ addressed: true }).where('id', '=', notice.id).execute();
  if (recipients.length > 0) {
    const rows = recipients.map((recipient) => ({ notice_id: notice.id, recipient }));
    await tx.insertInto('notice_recipient').values(rows).execute();
  }
  if (notTold === null) return;
  const because = notTold;
  await record(
    tx,
    ticketsOf(notice).map((ticketId) => ({ ticketId, what: `${notice.level} not told`, because })),
  );
}

/** The ticket a notice is about, or those of a summary. */
const ticketsOf = ({ ticketId, tickets }: Pick<OpenNotice, 'ticketId' | 'tickets'>): readonly number[] =>
  ticketId === null ? tickets : [ticketId];

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

/** Says once in the tickets' histories that these notices wait, and for what. */
export async function sayWaiting(
  tx: Tx,
  waiting: readonly WaitingNotice[],
  recipient: string,
  why: string,
): Promise<void> {
  for (const notice of waiting) {
    const [what, because] = [`${notice.level} notice waits`, plainText(`${recipient}: ${why}: ${notice.because}`)];
    for (const ticketId of ticketsOf(notice)) {
      await sql`
        insert into event (ticket_id, by, what, because)
        select ${ticketId}::bigint, 'daemon', ${what}, ${because}
        where not exists (
          select from event where ticket_id = ${ticketId}::bigint and what = ${what} and because = ${because})`.execute(
        tx,
      );
    }
  }
}

/** Ties these notices to the mail that tells them, and says so in their tickets' histories. */
export async function settle(
  tx: Tx,
  told: readonly WaitingNotice[],
  recipient: string,
  replyId: number,
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
    told.flatMap((notice) =>
      ticketsOf(notice).map((ticketId) => ({
        ticketId,
        what: `${notice.level} notice intended`,
        because: `${recipient}: ${notice.because}`,
      })),
    ),
  );
}
