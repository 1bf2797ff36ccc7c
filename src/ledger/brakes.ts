/** What stops all sending: a person's hand, or a storm. Rows in `setting`, so that every process knows at once, after a restart too. */
import { sql } from 'kysely';
import type { Db, Tx } from './schema.ts';

const PAUSED = 'outbound-paused';
const STORM = 'outbound-storm';
const RESUMED = 'outbound-resumed';
/** Names the one advisory lock under which mails are taken for sending. */
const SENDING_LOCK = 'partner-intake sending';

export type Brake = { readonly since: Date; readonly because: string };

export type Brakes = {
  /** By hand: nothing is sent, nothing is held. */
  readonly paused: Brake | null;
  /** Replies are held, notices go out. */
  readonly storm: Brake | null;
  /** When a person last let go: replies from before are of no storm any more. */
  readonly resumedAt: Date | null;
};

/** Waits for the right to take mails for sending, until the transaction ends: limits by count hold for all processes together. */
export async function takeSending(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${SENDING_LOCK}, 0))`.execute(tx);
}

export async function brakesOf(db: Db): Promise<Brakes> {
  const rows = await db.selectFrom('setting').selectAll().where('key', 'in', [PAUSED, STORM, RESUMED]).execute();
  const values = new Map(rows.map(({ key, value }) => [key, value]));
  const resumed = values.get(RESUMED);
  return {
    paused: brakeIn(values.get(PAUSED)),
    storm: brakeIn(values.get(STORM)),
    resumedAt: resumed ? new Date(resumed) : null,
  };
}

function brakeIn(value: string | undefined): Brake | null {
  if (value === undefined) return null;
  const { since, because } = JSON.parse(value);
  return { since: new Date(since), because: String(because) };
}

/** Puts a brake on; false when it is on already. Whoever asks under the lock knows that no mail is taken after that. */
async function put(tx: Tx, key: string, brake: Brake): Promise<boolean> {
  const row = await tx
    .insertInto('setting')
    .values({ key, value: JSON.stringify(brake) })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('key')
    .executeTakeFirst();
  return row !== undefined;
}

/** Stops all sending by hand: once this is committed no mail is taken. False when it is stopped already. */
export async function pause(tx: Tx, brake: Brake): Promise<boolean> {
  await takeSending(tx);
  return await put(tx, PAUSED, brake);
}

/** Begins a storm; false when one is on: one storm is told once. */
export const beginStorm = (tx: Tx, brake: Brake): Promise<boolean> => put(tx, STORM, brake);

/** Lets go of both. @returns what was on. */
export async function resume(tx: Tx, now: Date): Promise<Pick<Brakes, 'paused' | 'storm'>> {
  await takeSending(tx);
  const { paused, storm } = await brakesOf(tx);
  await tx.deleteFrom('setting').where('key', 'in', [PAUSED, STORM]).execute();
  const value = now.toISOString();
  await tx
    .insertInto('setting')
    .values({ key: RESUMED, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
  // While all was stopped nobody tried.
  await tx.updateTable('reply').set({ tried_since: null }).where('state', '=', 'intended').execute();
  return { paused, storm };
}

export type OutboundState = Brakes & {
  readonly held: number;
  /** Mails that nothing was done about yet, those that wait for the hour among them. */
  readonly intended: number;
  readonly waiting: number;
  /** When the first of those that wait may leave. */
  readonly nextAt: Date | null;
  readonly sending: number;
  readonly suppressed: number;
};

/** How the way out stands: for the list, the console, health and metrics. */
export async function outboundState(db: Db): Promise<OutboundState> {
  const { rows } = await sql<Omit<OutboundState, keyof Brakes>>`
    select count(*) filter (where state = 'held') as held, count(*) filter (where state = 'intended') as intended,
      count(*) filter (where state = 'intended' and waiting) as waiting,
      min(next_attempt_at) filter (where state = 'intended' and waiting) as "nextAt",
      count(*) filter (where state = 'sending') as sending, (select count(*) from suppressed) as suppressed
    from reply where state in ('held', 'intended', 'sending')`.execute(db);
  return { ...(await brakesOf(db)), ...(rows[0] as (typeof rows)[number]) };
}
