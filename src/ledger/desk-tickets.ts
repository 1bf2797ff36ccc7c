/** Tickets and their counterparts in Desk: what was told there, what was seen there. */
import { sql } from 'kysely';
import type { MailboxName } from '../model.ts';
import type { Db } from './schema.ts';

/** The tickets there that stand for these here: `#123 (com)`. */
export async function namesThere(db: Db, ticketIds: readonly number[]): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select '#' || remote_number || ' (' || portal || ')' as name from desk_ticket
    where ticket_id = any(${[...ticketIds]}::bigint[]) and remote_number is not null order by ticket_id`.execute(db);
  return rows.map(({ name }) => name);
}

type Hashes = Readonly<Record<string, string>>;

export type Said = {
  readonly told: Hashes;
  readonly telling: Hashes;
  /** Another call is under way that may change it there. */
  readonly busy: boolean;
};

/** What is known here of the ticket's fields there. @param mine a call that is not counted as another one */
export async function saidThere(db: Db, ticketId: number, mine: number | null): Promise<Said> {
  const { rows } = await sql<Said>`
    select told, telling, exists (
      select from desk_call where desk_call.ticket_id = desk_ticket.ticket_id and kind <> 'verify' and state = 'sending'
        and sender is not null and id is distinct from ${mine}::bigint) as busy
    from desk_ticket where ticket_id = ${ticketId}`.execute(db);
  return rows[0] ?? { told: {}, telling: {}, busy: false };
}

/** The markers of the ticket's files that were planned before this call. */
export async function filesBefore(db: Db, ticketId: number, callId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('desk_call')
    .select('marker')
    .where('ticket_id', '=', ticketId)
    .where('kind', '=', 'attachment')
    .where('id', '<', callId)
    .execute();
  return rows.map(({ marker }) => marker);
}

/** What fields were set to by a call that goes on: hashes by name. */
export async function rememberTold(db: Db, ticketId: number, told: Hashes): Promise<void> {
  await sql`update desk_ticket set told = told || ${JSON.stringify(told)}::jsonb where ticket_id = ${ticketId}`.execute(
    db,
  );
}

/** What people wrote there, by field: what was taken over counts as told, what is kept there alone is no news any more. */
export async function rememberThere(
  db: Db,
  ticketId: number,
  { taken, kept }: { taken: Hashes; kept: Hashes },
): Promise<void> {
  await sql`
    update desk_ticket set told = told || ${JSON.stringify(taken)}::jsonb,
      telling = (telling - ${Object.keys(taken)}::text[]) || ${JSON.stringify(kept)}::jsonb
    where ticket_id = ${ticketId}`.execute(db);
}

/** What a call is about to set its fields to: before it, since nobody may learn how it ended. */
export async function rememberTelling(db: Db, ticketId: number, telling: Hashes): Promise<void> {
  await sql`update desk_ticket set telling = telling || ${JSON.stringify(telling)}::jsonb where ticket_id = ${ticketId}`.execute(
    db,
  );
}

export type StateThere = { readonly closed: boolean; readonly answeredAt: Date | null };

/** As it was when it was last looked at. */
export async function stateThere(db: Db, ticketId: number): Promise<StateThere> {
  return await db
    .selectFrom('desk_ticket')
    .select(['closed', 'answered_at as answeredAt'])
    .where('ticket_id', '=', ticketId)
    .executeTakeFirstOrThrow();
}

export async function rememberState(db: Db, ticketId: number, { closed, answeredAt }: StateThere): Promise<void> {
  await db
    .updateTable('desk_ticket')
    .set({ closed, answered_at: answeredAt })
    .where('ticket_id', '=', ticketId)
    .execute();
}

/** A change in a portal: which ticket, and when it was changed. */
export type ChangeThere = { readonly id: string; readonly at: Date };

/** Has the tickets that were changed there looked at. What was looked at since, and tickets that are not ours, are left alone. */
export async function lookAtChanged(db: Db, changes: readonly ChangeThere[], now: Date): Promise<number> {
  if (changes.length === 0) return 0;
  const { rows } = await sql<{ ticket_id: number }>`
    update desk_ticket set look_at = ${now}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as changed(id text, at timestamptz)
    where remote_id = changed.id and (seen_at is null or seen_at < changed.at) and look_at is null
    returning ticket_id`.execute(db);
  return rows.length;
}

export type ToLookAt = {
  readonly ticketId: number;
  readonly portal: MailboxName;
  readonly remoteId: string;
  readonly told: Readonly<Record<string, string>>;
  readonly telling: Readonly<Record<string, string>>;
};

export type DueLooks = {
  readonly portals: readonly MailboxName[];
  /** Those of them whose day is nearly used up: only priority customers' tickets are looked at. */
  readonly short: readonly MailboxName[];
  readonly now: Date;
  readonly limit: number;
};

/**
 * Tickets that are due to be looked at: priority customers' first, then the longest waiting. Those with a call in the making come
 * later: it may change them. Of a call whose outcome is unknown, `telling` has what it may have changed.
 */
export async function dueLooks(db: Db, { portals, short, now, limit }: DueLooks): Promise<ToLookAt[]> {
  const { rows } = await sql<ToLookAt>`
    select ticket_id as "ticketId", portal, remote_id as "remoteId", told, telling from desk_ticket
    where look_at <= ${now}::timestamptz and remote_id is not null and portal = any(${[...portals]})
      and (priority or not portal = any(${[...short]}))
      and not exists (select from desk_call call where call.ticket_id = desk_ticket.ticket_id
        and call.state = 'sending' and call.sender is not null)
    order by priority desc, look_at limit ${limit}`.execute(db);
  return rows;
}

/** It was looked at, as it was after its change at `seenAt`. */
export async function looked(db: Db, ticketId: number, seenAt: Date | null): Promise<void> {
  await sql`
    update desk_ticket set look_at = null, seen_at = greatest(seen_at, ${seenAt}::timestamptz)
    where ticket_id = ${ticketId}`.execute(db);
}

/** Looks again later, after a look that failed. */
export async function lookLater(db: Db, ticketId: number, at: Date): Promise<void> {
  await db.updateTable('desk_ticket').set({ look_at: at }).where('ticket_id', '=', ticketId).execute();
}
