/** Calls to Desk (I4) are taken before they are made, the oldest first; what dead processes took is looked up. */
import { type RawBuilder, sql } from 'kysely';
import type { MailboxName } from '../model.ts';
import type { DeskCall } from './desk-calls.ts';
import type { Db, Tx } from './schema.ts';

const returned = sql`
  desk_call.id, desk_call.ticket_id as "ticketId", kind, marker, mail_id as "mailId", desk_call.decision_id as "decisionId",
  reply_id as "replyId", attempts, unknowns, attempted_at as "attemptedAt", desk_call.portal, key, remote_id as "remoteId", told, telling,
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
      select portal, count(*)::int as count from desk_call
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
async function takeCall(tx: Tx, { now, sender, ...taking }: Taking): Promise<DeskCall | undefined> {
  const oldest = oldestOf(
    taking,
    sql`
    select call.id from desk_call call join desk_ticket using (ticket_id)
    where call.state = 'intended' and (call.next_attempt_at is null or call.next_attempt_at <= ${now}::timestamptz)
      and not exists (select from desk_call earlier where earlier.ticket_id = call.ticket_id and earlier.id < call.id
        and earlier.kind <> 'verify' and earlier.state in ('intended', 'sending'))
      and (call.kind = 'create' or remote_id is not null)`,
  );
  const { rows } = await sql<DeskCall>`
    update desk_call set state = 'sending', sender = ${sender}, attempts = attempts + 1, because = null,
      attempted_at = ${now}::timestamptz, next_attempt_at = null, updated_at = now()
    from desk_ticket where desk_ticket.ticket_id = desk_call.ticket_id and desk_call.id = ${oldest}
      and desk_call.state = 'intended'
    returning ${returned}`.execute(tx);
  return rows[0];
}

/** Only once it is time to look it up. */
async function takeUnknown(tx: Tx, { now, sender, ...taking }: Taking): Promise<DeskCall | undefined> {
  const oldest = oldestOf(
    taking,
    sql`
    select call.id from desk_call call
    where call.state = 'sending' and call.sender is null and call.next_attempt_at <= ${now}::timestamptz`,
  );
  const { rows } = await sql<DeskCall>`
    update desk_call set sender = ${sender}, updated_at = now()
    from desk_ticket where desk_ticket.ticket_id = desk_call.ticket_id and desk_call.id = ${oldest}
      and desk_call.state = 'sending' and desk_call.sender is null
    returning ${returned}`.execute(tx);
  return rows[0];
}

/** The oldest of these calls. Asked portal by portal, in the order of an index: what waits for another one is not read. */
const oldestOf = ({ portals, short }: Pick<Taking, 'portals' | 'short'>, calls: RawBuilder<unknown>) => {
  const first = portals.map((portal) => {
    const priority = short.includes(portal) ? sql`and call.priority` : sql``;
    return sql`(${calls} and call.portal = ${portal} ${priority} order by call.id limit 1)`;
  });
  return sql`(select min(id) from (${sql.join(first, sql` union all `)}) as first)`;
};

/** Whether the call is still its sender's: whoever was held up for long has lost it, and must not make it. */
export async function isOurs(db: Db, call: DeskCall, sender: number): Promise<boolean> {
  const { rows } = await sql`
    select 1 from desk_call
    where id = ${call.id} and state = 'sending' and sender = ${sender} and attempts = ${call.attempts}`.execute(db);
  return rows.length > 0;
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
