/** Stored bytes -> what the mail says, kept in the ledger. */
import pLimit from 'p-limit';
import { messageOf, verdictOf } from '../errors.ts';
import { mails } from '../ledger/index.ts';
import type { Context } from './context.ts';

/** Mails whose bytes are held in memory at once; the reader pool bounds how many are parsed at once. */
const AT_ONCE = 16;

/**
 * Reads mails and keeps what was read. One that cannot be read goes to quarantine with its cause; the others go on (I6).
 * @param raws bytes already at hand, by id; the rest is fetched from the ledger.
 * @returns the ids that were read.
 */
export async function readMails(
  ctx: Pick<Context, 'db' | 'read' | 'log'>,
  ids: readonly number[],
  raws: ReadonlyMap<number, Buffer> = new Map(),
): Promise<number[]> {
  const limit = pLimit(AT_ONCE);
  const readings = await Promise.all(ids.map((id) => limit(() => readOne(ctx, id, raws.get(id)))));
  const read = readings.filter((reading) => reading !== null);
  await mails.keepReadings(ctx.db, read);
  return read.map((reading) => reading.id);
}

async function readOne(
  ctx: Pick<Context, 'db' | 'read' | 'log'>,
  id: number,
  raw: Buffer | undefined,
): Promise<mails.Reading | null> {
  try {
    const { mail, enquiry, pastLimit } = await ctx.read(raw ?? (await mails.originalOf(ctx.db, id)));
    if (pastLimit === null) return { id, mail, enquiry };
    ctx.log.warn({ mail: id, cause: pastLimit }, 'quarantined');
    // What its headers say is kept, so that a person sees whose mail it is.
    await ctx.db.transaction().execute(async (tx) => {
      await mails.keepReadings(tx, [{ id, mail, enquiry }]);
      await mails.setAside(tx, id, 'quarantined', pastLimit);
    });
    return null;
  } catch (error) {
    if (verdictOf(error) !== 'permanent') throw error;
    ctx.log.warn({ mail: id, cause: messageOf(error) }, 'quarantined');
    await mails.setAside(ctx.db, id, 'quarantined', messageOf(error));
    return null;
  }
}
