/** Calls to Desk (I4): taken before they are made, and their outcome written down; what is unknown is looked up. */
import { sql } from 'kysely';
import type { MailboxName } from '../model.ts';
import { addCalls, type PlannedCall } from './desk-plans.ts';
import type { DeskCallKind, DeskCallState } from './desk-schema.ts';
import { record } from './events.ts';
import type { Db, Tx } from './schema.ts';
import { plainText } from './text.ts';

const REASON_LENGTH = 500;

export type DeskCall = {
  readonly id: number;
  readonly ticketId: number;
  readonly kind: DeskCallKind;
  readonly marker: string;
  readonly mailId: number | null;
  readonly number: number | null;
  readonly decisionId: number | null;
  readonly replyId: number | null;
  readonly attempts: number;
  readonly attemptedAt: Date;
  readonly portal: MailboxName;
  readonly key: string;
  readonly remoteId: string | null;
  readonly told: Readonly<Record<string, string>>;
  readonly telling: Readonly<Record<string, string>>;
  /** Since when the ticket may be there. */
  readonly since: Date;
};

const returned = sql`
  desk_call.id, desk_call.ticket_id as "ticketId", kind, marker, mail_id as "mailId", number, desk_call.decision_id as "decisionId",
  reply_id as "replyId", attempts, attempted_at as "attemptedAt", portal, key, remote_id as "remoteId", told, telling,
  (select made.created_at from desk_call made where made.ticket_id = desk_call.ticket_id and made.kind = 'create') as since`;

export type Taking = {
  /** Those that can be called now. */
  readonly portals: readonly MailboxName[];
  /** Those of them whose day is nearly used up: only priority customers' tickets are taken. */
  readonly short: readonly MailboxName[];
  /** Calls that may be under way at once for a portal, those of all processes together. */
  readonly atOnce: number;
  readonly now: Date;
  readonly sender: number;
};

/** `unknown`: it was made, and is to be looked up. */
export type Taken = { readonly call: DeskCall; readonly unknown: boolean };

/** Processes count and take one after the other, or two would each take the last call that is allowed. */
const TAKING_LOCK = 0x7069_0003;

/** Takes what is due: a call whose outcome is unknown, or else the next one. */
export async function takeNext(db: Db, taking: Taking): Promise<Taken | undefined> {
  return await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${TAKING_LOCK}::int, 0)`.execute(tx);
    const { rows } = await sql<{ portal: MailboxName; count: number }>`
      select portal, count(*)::int as count from desk_call join desk_ticket using (ticket_id)
      where state = 'sending' and sender is not null group by portal`.execute(tx);
    const full = rows.flatMap(({ portal, count }) => (count < taking.atOnce ? [] : [portal]));
    const portals = taking.portals.filter((one) => !full.includes(one));
    if (portals.length === 0) return undefined;
    const unknown = await takeUnknown(tx, { ...taking, portals });
    if (unknown) return { call: unknown, unknown: true };
    const call = await takeCall(tx, { ...taking, portals });
    return call && { call, unknown: false };
  });
}

/** The oldest that is due; each ticket's in their order. */
async function takeCall(tx: Tx, { portals, short, now, sender }: Taking): Promise<DeskCall | undefined> {
  const { rows } = await sql<DeskCall>`
    with next as (
      select call.id from desk_call call join desk_ticket using (ticket_id)
      where call.state = 'intended' and (call.next_attempt_at is null or call.next_attempt_at <= ${now}::timestamptz)
        and portal = any(${[...portals]}) and (priority or not portal = any(${[...short]}))
        and not exists (select from desk_call earlier where earlier.ticket_id = call.ticket_id and earlier.id < call.id
          and earlier.kind <> 'verify' and earlier.state in ('intended', 'sending'))
        and (call.kind = 'create' or remote_id is not null)
      order by call.id limit 1 for update of call skip locked)
    update desk_call set state = 'sending', sender = ${sender}, attempts = attempts + 1, because = null,
      attempted_at = ${now}::timestamptz, next_attempt_at = null, updated_at = now()
    from desk_ticket where desk_ticket.ticket_id = desk_call.ticket_id and desk_call.id = (select id from next)
    returning ${returned}`.execute(tx);
  return rows[0];
}

/** Only once it is time to look it up. */
async function takeUnknown(tx: Tx, { portals, short, now, sender }: Taking): Promise<DeskCall | undefined> {
  const { rows } = await sql<DeskCall>`
    with next as (
      select call.id from desk_call call join desk_ticket using (ticket_id)
      where call.state = 'sending' and call.sender is null and call.next_attempt_at <= ${now}::timestamptz
        and portal = any(${[...portals]}) and (priority or not portal = any(${[...short]}))
      order by call.id limit 1 for update of call skip locked)
    update desk_call set sender = ${sender}, updated_at = now()
    from desk_ticket where desk_ticket.ticket_id = desk_call.ticket_id and desk_call.id = (select id from next)
    returning ${returned}`.execute(tx);
  return rows[0];
}

/**
 * Gives up the calls that dead processes were making: their outcome is unknown, and looked up `afterSeconds` from now on, since
 * nobody knows how long after its begin a call was still under way.
 * @param living the processes that live, asked for after it is known who makes calls: who begins meanwhile is not among them
 */
export async function orphanCalls(
  db: Db,
  living: () => Promise<ReadonlySet<number>>,
  { now, afterSeconds }: { now: Date; afterSeconds: number },
): Promise<void> {
  const rows = await db
    .selectFrom('desk_call')
    .select('sender')
    .distinct()
    .where('state', '=', 'sending')
    .where('sender', 'is not', null)
    .execute();
  if (rows.length === 0) return;
  const alive = await living();
  const dead = rows.flatMap(({ sender }) => (sender === null || alive.has(Number(sender)) ? [] : [Number(sender)]));
  if (dead.length === 0) return;
  await sql`
    update desk_call set sender = null, because = 'outcome unknown: its sender is gone',
      next_attempt_at = ${now}::timestamptz + make_interval(secs => ${afterSeconds}), updated_at = now()
    where state = 'sending' and sender = any(${dead}::bigint[])`.execute(db);
}

export type CallEnd = {
  readonly state: DeskCallState;
  readonly because: string;
  readonly next?: Date;
  /** It was no attempt: nothing was called. */
  readonly notTried?: true;
  readonly remote?: { readonly id: string; readonly number: string };
  /** What fields are set to now. */
  readonly told?: Readonly<Record<string, string>>;
  /** What is to be done because of this end: planned with it, or not at all. */
  readonly following?: readonly PlannedCall[];
};

/** Writes down how a call ended; only its sender may, and only of that very attempt. False when it was not its any more. */
export async function finishCall(db: Db, call: DeskCall, sender: number, end: CallEnd): Promise<boolean> {
  const because = plainText(end.because).slice(0, REASON_LENGTH);
  return await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: number }>`
      update desk_call set state = ${end.state}, because = ${because}, sender = null,
        attempts = attempts - ${end.notTried ? 1 : 0}, next_attempt_at = ${end.next ?? null}::timestamptz, updated_at = now()
      where id = ${call.id} and state = 'sending' and sender = ${sender} and attempts = ${call.attempts}
      returning id`.execute(tx);
    if (rows.length === 0) return false;
    if (end.remote)
      await tx
        .updateTable('desk_ticket')
        .set({ remote_id: end.remote.id, remote_number: end.remote.number })
        .where('ticket_id', '=', call.ticketId)
        .execute();
    if (end.told)
      await sql`update desk_ticket set told = told || ${JSON.stringify(end.told)}::jsonb where ticket_id = ${call.ticketId}`.execute(
        tx,
      );
    await addCalls(tx, call.ticketId, end.following ?? []);
    const what = toldInHistory(call.kind, end.state);
    if (what) await record(tx, [{ ticketId: call.ticketId, what, because }]);
    return true;
  });
}

/** Notes and attachments that arrived are no news; that a ticket was made, and what will not be done, are. */
function toldInHistory(kind: DeskCallKind, state: DeskCallState): string | null {
  if (state === 'failed') return `${kind} in Desk failed`;
  return state === 'done' && (kind === 'create' || kind === 'update') ? `${kind}d in Desk` : null;
}

/** Calls that failed are to be made again, once it was looked up that they had no effect: some failed when that was asked. @returns how many */
export async function retryFailed(db: Db, ticketId: number | null): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    update desk_call set state = 'sending', sender = null, next_attempt_at = now(), updated_at = now()
    where state = 'failed' and (${ticketId}::bigint is null or ticket_id = ${ticketId}) returning id`.execute(db);
  return rows.length;
}

export type DeskState = {
  readonly portal: MailboxName;
  readonly open: number;
  readonly failed: number;
  /** Of the oldest call that is not done. */
  readonly oldest: Date | null;
  /** Credits left, as far as known. */
  readonly credits: number | null;
};

/** What waits for each portal: for metrics and `desk`. */
export async function deskState(db: Db): Promise<DeskState[]> {
  const { rows } = await sql<DeskState>`
    select portal, count(*) filter (where state in ('intended', 'sending') and kind <> 'verify')::int as open,
      count(*) filter (where state = 'failed')::int as failed,
      -- What waits behind a ticket that Desk refused is not late: it failed.
      min(desk_call.created_at) filter (where state in ('intended', 'sending') and kind <> 'verify'
        and (remote_id is not null or kind = 'create')) as oldest,
      (select credits::int from desk_portal where name = portal) as credits
    from desk_ticket left join desk_call on desk_call.ticket_id = desk_ticket.ticket_id and state <> 'done'
    group by portal order by portal`.execute(db);
  return rows;
}

/** Why a call ended as it did. */
export async function reasonOf(db: Db, ticketId: number, marker: string): Promise<string | null> {
  const row = await db
    .selectFrom('desk_call')
    .select('because')
    .where('ticket_id', '=', ticketId)
    .where('marker', '=', marker)
    .executeTakeFirst();
  return row?.because ?? null;
}

/** Calls that will not be made unless a person says so, the oldest first. */
export async function failedCalls(db: Db): Promise<{ ticketId: number; kind: DeskCallKind; because: string | null }[]> {
  return await db
    .selectFrom('desk_call')
    .select(['ticket_id as ticketId', 'kind', 'because'])
    .where('state', '=', 'failed')
    .orderBy('id')
    .execute();
}
