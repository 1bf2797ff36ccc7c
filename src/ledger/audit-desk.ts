/** Of the conservation proof: what is to go to Desk is there, on its way, or named here. */
import { type RawBuilder, sql } from 'kysely';
import type { Db } from './schema.ts';
import { ticketNumber } from './tickets.ts';

/** @param since tickets made since then are brought there; null where tickets stay in the ledger, and nothing waits for anybody. */
export async function deskProblems(db: Db, since: Date | null): Promise<string[]> {
  const problems: string[] = [];
  for (const { query, say } of since ? [...always, ...waiting(since)] : always) {
    const { rows } = await query.execute(db);
    problems.push(...rows.map(({ id }) => `ticket ${ticketNumber(id)} ${say}`));
  }
  return problems;
}

type Check = { readonly query: RawBuilder<{ id: number }>; readonly say: string };

const always: readonly Check[] = [
  {
    query: sql`select ticket_id as id from desk_call where state = 'failed'`,
    say: 'has something that Desk refused: partner-intake desk list says why',
  },
  {
    query: sql`
      select ticket_id as id from desk_ticket where remote_id is null and not exists (
        select from desk_call where desk_call.ticket_id = desk_ticket.ticket_id and kind = 'create')`,
    say: 'is to go to Desk, but nothing makes it there',
  },
];

const waiting = (since: Date): readonly Check[] => [
  {
    query: sql`
      select id from ticket where untold and updated_at < now() - interval '1 hour' and created_at >= ${since}::timestamptz`,
    say: 'has changes that nobody brings to Desk: does the deliver role run?',
  },
  {
    // What waits behind a ticket that Desk refused is named with that.
    query: sql`
      select distinct ticket_id as id from desk_call call
      where state in ('intended', 'sending') and created_at < now() - interval '1 day' and not exists (
        select from desk_call made where made.ticket_id = call.ticket_id and made.kind = 'create' and made.state = 'failed')
      order by ticket_id`,
    say: 'waits for Desk for more than a day: partner-intake desk list shows what waits, doctor whether Desk can be called',
  },
];
