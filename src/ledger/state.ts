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

export type Progress = {
  readonly deliveries: number;
  readonly mails: number;
  readonly finished: number;
  readonly tickets: number;
  readonly replies: number;
  readonly repliesDone: number;
};

/** How far everything that was stored has come. */
export async function progressOf(db: Db): Promise<Progress> {
  const { rows } = await sql<Progress>`select
    (select count(*) from delivery) as "deliveries",
    (select count(*) from mail) as "mails",
    (select count(*) from mail where state not in ('received', 'parsed')) as "finished",
    (select count(*) from ticket) as "tickets",
    (select count(*) from reply) as "replies",
    (select count(*) from reply where state not in ('intended', 'sending')) as "repliesDone"`.execute(db);
  return rows[0] as Progress;
}
