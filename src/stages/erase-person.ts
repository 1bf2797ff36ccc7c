/** A person's data leave the ledger, at their wish or when a law says so. One transaction: all of it, or nothing. */
import { UserError } from '../errors.ts';
import { deskTickets, erasure } from '../ledger/index.ts';
import type { Db } from '../ledger/schema.ts';
import { erasureSecret } from '../ledger/settings.ts';
import { addressPattern, namePattern, personOf } from '../pipeline/person.ts';

export type ErasureOrder = {
  readonly address: string;
  readonly because: string;
  /** Who decided it. */
  readonly by: string;
  readonly now: Date;
  /** Count, and change nothing. */
  readonly dryRun: boolean;
  /** Tickets made since then are brought to Desk; not given, or null, where all stay in the ledger. */
  readonly deskSince?: Date | null;
};

export type ErasureOutcome = {
  readonly pseudonym: string;
  readonly counts: erasure.Counts;
  /** Nothing was left of the person; `before` says whether that is because they were erased. */
  readonly nothing: boolean;
  readonly before: readonly Date[];
  /** Tickets in Desk that still say it. */
  readonly inDesk: readonly string[];
};

/** @throws UserError when something of the person is not finished: it names each, and how to end it. */
export async function erasePerson(
  db: Db,
  { address, because, by, now, dryRun, deskSince = null }: ErasureOrder,
): Promise<ErasureOutcome> {
  const person = personOf(address, await erasureSecret(db));
  const sought = { ...person, address: addressPattern(person) };
  const undo = new Error('a trial is undone');
  let outcome: ErasureOutcome | undefined;
  try {
    await db.transaction().execute(async (tx) => {
      await erasure.lockErasure(tx);
      const before = await erasure.erasuresOf(tx, person.pseudonym);
      const traces = await erasure.tracesOf(tx, sought, deskSince);
      if (traces.unfinished.length > 0)
        throw new UserError(`nothing was erased: first end what is not finished: ${traces.unfinished.join('; ')}`);
      const counts = await erasure.erase(tx, sought, traces, namePattern(traces.names), now);
      const nothing = Object.values(counts).every((count) => count === 0);
      const inDesk = await deskTickets.namesThere(tx, [...traces.tickets, ...traces.naming]);
      outcome = { pseudonym: person.pseudonym, counts, nothing, before, inDesk };
      // The reason is written by hand, and may name them.
      const plain = (text: string) => text.replace(sought.address, person.pseudonym);
      const erased = { pseudonym: person.pseudonym, by: plain(by), because: plain(because), counts };
      if (!nothing) await erasure.noteErasure(tx, traces, erased, now);
      if (dryRun) throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
  return outcome as ErasureOutcome;
}
