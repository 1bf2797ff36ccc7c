/** What the passes of the clock look for in the ledger, and when they looked last. */
import { sql } from 'kysely';
import type { Region } from '../model.ts';
import type { Db, Tx } from './schema.ts';

const LAST_PASS = 'clock-pass';
const CALENDARS = 'clock-calendars';
/** Names the one advisory lock of the clock's passes. */
const PASS_LOCK = 'partner-intake clock pass';

/** Tickets with a greater id than `after` that the clock does not know yet: those of an older ledger. */
export async function unclockedTickets(db: Db, after: number, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('ticket')
    .select('id')
    .where('calendars', 'is', null)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Tickets that wait for an answer to a question that was never sent. */
export async function unaskedTickets(db: Db, before: Date): Promise<number[]> {
  const rows = await db
    .selectFrom('pause')
    .innerJoin('reply', 'reply.id', 'pause.reply_id')
    .select('pause.ticket_id')
    .where('pause.until_at', 'is', null)
    .where(({ eb, or, and }) =>
      or([
        eb('reply.state', 'in', ['held', 'failed']),
        and([eb('reply.state', '=', 'intended'), eb('reply.created_at', '<=', before)]),
      ]),
    )
    .execute();
  return rows.map(({ ticket_id }) => ticket_id);
}

/** Tickets that have waited for the partner since before `before`. */
export async function longPausedTickets(db: Db, before: Date): Promise<number[]> {
  const rows = await db
    .selectFrom('pause')
    .select('ticket_id')
    .distinct()
    .where('until_at', 'is', null)
    .where('from_at', '<=', before)
    .execute();
  return rows.map(({ ticket_id }) => ticket_id);
}

/** Takes the right to make a pass for as long as the transaction lasts; false when another process has it. */
export async function takePass(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${PASS_LOCK}, 0)) as taken`.execute(tx);
  return rows[0]?.taken ?? false;
}

/** Open tickets that the clock knows, with a greater id than `after`. */
export async function openTickets(db: Db, after: number, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('ticket')
    .select('id')
    .where('calendars', 'is not', null)
    .where('status', '<>', 'resolved')
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** The database's time: the same for every process, whatever the clocks of their machines say. */
export async function ledgerTime(db: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  return rows[0]?.now ?? new Date();
}

/** By which policy the calendars of open tickets are. */
export type CalendarPolicy = {
  /** The policy's hash. */
  readonly policy: string;
  /** When it came into force, by the database's time, ISO: of two processes the one with the later policy has its way. */
  readonly since: string;
  /** When open tickets are to be looked through next, ISO; null when they have been. */
  readonly next: string | null;
  /** And once more after that. */
  readonly again: boolean;
};

export async function calendarPolicy(db: Db): Promise<CalendarPolicy | null> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', CALENDARS).executeTakeFirst();
  return row ? (JSON.parse(row.value) as CalendarPolicy) : null;
}

/** Keeps it in the place of `before`. @returns false when another process was first. */
export async function putCalendarPolicy(db: Db, before: CalendarPolicy | null, now: CalendarPolicy): Promise<boolean> {
  const value = JSON.stringify(now);
  const row = await db
    .insertInto('setting')
    .values({ key: CALENDARS, value })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({ value })
        .where('setting.value', '=', before ? JSON.stringify(before) : ''),
    )
    .returning('key')
    .executeTakeFirst();
  return row !== undefined;
}

/** When the clock last finished a pass; null when it never did. */
export async function lastPass(db: Db): Promise<Date | null> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', LAST_PASS).executeTakeFirst();
  return row ? new Date(row.value) : null;
}

/**
 * Keeps when the clock looked. A process whose time is slow does not set it back: the next look would take that for a standstill.
 * @param trusted minutes that the time kept may be ahead of the database's: one that is further ahead was kept by a process
 *   whose time is fast, and any other takes its place.
 */
export async function setLastPass(tx: Tx, at: Date, trusted: number): Promise<void> {
  const value = at.toISOString();
  await tx
    .insertInto('setting')
    .values({ key: LAST_PASS, value })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({ value })
        .where(
          sql<boolean>`setting.value::timestamptz < ${value}::timestamptz
            or setting.value::timestamptz > now() + make_interval(secs => ${trusted * 60})`,
        ),
    )
    .execute();
}

/** Tickets with a deadline that needs the clock now, the longest due first. */
export async function dueTickets(db: Db, now: Date, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('deadline')
    .select('ticket_id')
    .where('next_at', '<=', now)
    .groupBy('ticket_id')
    .orderBy((eb) => eb.fn.min('next_at'))
    .limit(limit)
    .execute();
  return rows.map(({ ticket_id }) => ticket_id);
}

export type DueCount = {
  readonly region: Region;
  readonly breaches: number;
  readonly warnings: number;
  readonly managers: number;
};

/** What is due by region, all of it: commitments and targets that have passed, and breaches the manager is to be told of. */
export async function countDue(db: Db, now: Date): Promise<DueCount[]> {
  const { rows } = await sql<DueCount>`
    select ticket.decision->>'region' as region,
      count(*) filter (where breached_at is null and commitment_at <= ${now}::timestamptz) as breaches,
      count(*) filter (where breached_at is null and commitment_at > ${now}::timestamptz) as warnings,
      count(*) filter (where breached_at is not null) as managers
    from deadline join ticket on ticket.id = deadline.ticket_id
    where next_at <= ${now}::timestamptz group by 1 order by 1`.execute(db);
  return rows;
}

export type ClockState = Readonly<Record<'overdue' | 'due_soon' | 'paused' | 'running', number>>;

/** Open deadlines by state, at `now`: for metrics. */
export async function clockState(db: Db, now: Date): Promise<ClockState> {
  const { rows } = await sql<ClockState>`
    select count(*) filter (where commitment_at <= least(${now}::timestamptz, paused_at)) as overdue,
      count(*) filter (where commitment_at > least(${now}::timestamptz, paused_at)
        and target_at <= ${now}::timestamptz and paused_at is null) as due_soon,
      count(*) filter (where paused_at < commitment_at) as paused,
      count(*) filter (where paused_at is null and target_at > ${now}::timestamptz) as running
    from deadline where met_at is null and cancelled_at is null`.execute(db);
  return rows[0] as ClockState;
}
