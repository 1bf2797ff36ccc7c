/** The ledger in numbers: for health and metrics. */
import { sql } from 'kysely';
import type { Db } from './schema.ts';

export type LedgerState = {
  readonly mails: readonly { state: string; count: number }[];
  readonly replies: readonly { state: string; count: number }[];
  /** When the oldest mail that is not finished was stored: the one number that shows a stuck pipeline. */
  readonly oldestUnfinished: Date | null;
};

export async function stateOf(db: Db): Promise<LedgerState> {
  const mails = await sql<{
    state: string;
    count: number;
  }>`select state, count(*) as count from mail group by state`.execute(db);
  const replies = await sql<{
    state: string;
    count: number;
  }>`select state, count(*) as count from reply group by state`.execute(db);
  const oldest = await sql<{
    at: Date | null;
  }>`select min(stored_at) as at from mail where state in ('received', 'parsed')`.execute(db);
  return { mails: mails.rows, replies: replies.rows, oldestUnfinished: oldest.rows[0]?.at ?? null };
}
