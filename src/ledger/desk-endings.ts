/** Calls to Desk that nobody will make: a person gave them up, or their ticket is not in Desk any more. */
import { sql } from 'kysely';
import { record } from './events.ts';
import type { Db, Tx } from './schema.ts';
import { plainText } from './text.ts';

/** Waits, and is not under way: who makes a call writes down its end. */
const waits = sql`(state = 'intended' or (state = 'sending' and sender is null))`;

const IS_GONE = 'it is not in Desk any more';
/** How the history calls that. */
export const GONE = 'gone from Desk';

export type GivingUp = {
  readonly because: string;
  /** Also what would still be made, not only what failed. */
  readonly waitingToo: boolean;
};

/**
 * Gives up what failed of a ticket. Without a ticket there, nothing else of it can be made: it is given up with that.
 * @returns how many calls there were
 */
export async function giveUp(db: Db, ticketId: number, { because, waitingToo }: GivingUp): Promise<number> {
  const why = plainText(because);
  return await db.transaction().execute(async (tx) => {
    await lockTicket(tx, ticketId);
    const { rows } = await sql<{ kind: string }>`
      update desk_call set state = 'done', because = ${`given up: ${why}`}, sender = null, updated_at = now()
      where ticket_id = ${ticketId} and (state = 'failed' or (${waits} and (${waitingToo} or exists (
        select from desk_call made where made.ticket_id = ${ticketId} and made.kind = 'create' and made.state = 'failed'))))
      returning kind`.execute(tx);
    if (waitingToo) await tx.updateTable('ticket').set({ untold: false }).where('id', '=', ticketId).execute();
    const kinds = [...new Set(rows.map(({ kind }) => kind))].join(', ');
    if (rows.length > 0)
      await record(tx, [{ ticketId, by: 'associate', what: 'given up in Desk', because: `${kinds}: ${why}` }]);
    return rows.length;
  });
}

/** Desk has the ticket no more: what was to be done there ends, and the history says so, if there was anything. */
export async function endGone(db: Db, ticketId: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockTicket(tx, ticketId);
    const ended = await endCalls(tx, ticketId);
    if (ended > 0) await record(tx, [{ ticketId, what: GONE, because: IS_GONE }]);
  });
}

/** The same within the end of a call, which says so itself. Whether a ticket is the only one is still asked. */
export async function endCalls(tx: Tx, ticketId: number): Promise<number> {
  const { rows } = await sql`
    update desk_call set state = 'done', because = ${IS_GONE}, sender = null, updated_at = now()
    where ticket_id = ${ticketId} and kind <> 'verify' and (state = 'failed' or ${waits}) returning id`.execute(tx);
  return rows.length;
}

/** The ticket first, as all who write about it do. */
const lockTicket = (tx: Tx, ticketId: number) =>
  sql`select from ticket where id = ${ticketId} for no key update`.execute(tx);
