/** What of a person is on its way to Desk, or may be there: an erasure waits for it. */
import { sql } from 'kysely';
import type { Tx } from './schema.ts';
import { ticketNumber } from './tickets.ts';

/** What is still to be told there would be told without its texts, or is there already and nobody knows it. */
export async function unfinishedInDesk(tx: Tx, tickets: readonly number[], since: Date | null): Promise<string[]> {
  const { rows } = await sql<{ id: number }>`
    select id from ticket where id = any(${[...tickets]}::bigint[]) and (
      (untold and created_at >= ${since}::timestamptz) or exists (
        select from desk_call where ticket_id = ticket.id
          and (state in ('intended', 'sending') or (state = 'failed' and kind = 'create'))))
    order by id`.execute(tx);
  return rows.map(
    ({ id }) =>
      `ticket ${ticketNumber(id)} is not brought to Desk in full (partner-intake desk list; wait for the daemon, or desk drop ${ticketNumber(id)} --waiting)`,
  );
}
