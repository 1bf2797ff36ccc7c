/** Retention: what is old enough is dropped, in small batches, whichever process gets to it first. */
import { retention } from '../ledger/index.ts';
import type { Tx } from '../ledger/schema.ts';
import { isRetentionDue, originalsUntil, textsUntil } from '../pipeline/retention.ts';
import type { Context } from './context.ts';

/** Rows of one transaction: a batch must not keep others waiting. */
const BATCH = 200;
/** Batches of one pass of the clock, which has other things to do; the next pass goes on. */
const BATCHES_OF_A_PASS = 50;

export type Dropped = { originals: number; bytes: number; mails: number; tickets: number };
type KeepContext = Pick<Context, 'db' | 'policy' | 'now'>;

/** Once a day drops what is due; returns at once on all other passes, and in all processes but one. */
export async function retentionPass(ctx: KeepContext & Pick<Context, 'log'>): Promise<void> {
  if (!isRetentionDue(await retention.lastRetention(ctx.db), ctx.now())) return;
  const dropped = await keepNoLonger(ctx, BATCHES_OF_A_PASS);
  if (dropped && Object.values(dropped).some((count) => count > 0)) ctx.log.info(dropped, 'retention');
}

/**
 * Drops what is due, batch by batch. When nothing is left, the day is done.
 * @param most batches; the rest is left for another time
 * @returns null when another process is at it
 */
export async function keepNoLonger(ctx: KeepContext, most = Number.POSITIVE_INFINITY): Promise<Dropped | null> {
  const sum: Dropped = { originals: 0, bytes: 0, mails: 0, tickets: 0 };
  for (let batch = 0; batch < most; batch++) {
    const dropped = await ctx.db.transaction().execute(async (tx) => {
      if (!(await retention.takeRetention(tx))) return null;
      const batch = await dropBatch(tx, ctx, BATCH);
      if (isNothing(batch)) await retention.setLastRetention(tx, ctx.now());
      return batch;
    });
    if (!dropped) return batch === 0 ? null : sum;
    if (isNothing(dropped)) return sum;
    add(sum, dropped);
  }
  return sum;
}

/** What would be dropped; writes nothing. */
export async function wouldDrop(ctx: KeepContext): Promise<Dropped> {
  const undo = new Error('a trial is undone');
  let seen: Dropped | undefined;
  try {
    await ctx.db.transaction().execute(async (tx) => {
      seen = await dropBatch(tx, ctx, ALL);
      throw undo;
    });
  } catch (error) {
    if (error !== undo || !seen) throw error;
  }
  return seen as Dropped;
}

const ALL = 2 ** 31;

async function dropBatch(tx: Tx, { policy, now }: Pick<Context, 'policy' | 'now'>, limit: number): Promise<Dropped> {
  const [originals, texts] = [originalsUntil(now(), policy), textsUntil(now(), policy)];
  const bytes = originals && (await retention.dropOriginals(tx, originals, now(), limit));
  return {
    originals: bytes?.count ?? 0,
    bytes: bytes?.bytes ?? 0,
    mails: texts ? await retention.dropMailTexts(tx, texts, now(), limit) : 0,
    tickets: texts ? await retention.dropTicketTexts(tx, texts, now(), limit) : 0,
  };
}

const isNothing = ({ originals, mails, tickets }: Dropped): boolean => originals + mails + tickets === 0;

function add(sum: Dropped, { originals, bytes, mails, tickets }: Dropped): void {
  sum.originals += originals;
  sum.bytes += bytes;
  sum.mails += mails;
  sum.tickets += tickets;
}
