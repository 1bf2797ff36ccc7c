import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { showTicket } from '../ledger/views.ts';
import { clockLines } from '../pipeline/clock/clock-words.ts';
import { loadPolicy } from '../policy.ts';
import { MARKS, markTicket } from '../stages/mark-ticket.ts';
import { parseTicketNumber, say, withLedger } from './support.ts';

const zonedTime = z.iso.datetime({ offset: true });
const isMark = (what: string): what is (typeof MARKS)[number] => MARKS.some((mark) => mark === what);

/** `mark NUMBER responded|determined|resolved|reopened [--at ISO]`: what an associate did. */
export async function mark(number: string, what: string, options: { at?: string }): Promise<void> {
  const ticketId = parseTicketNumber(number);
  if (!isMark(what)) throw new UsageError(`${what} is no mark: it is ${MARKS.join(', ')}`);
  if (options.at !== undefined && !zonedTime.safeParse(options.at).success) {
    throw new UsageError(`--at ${options.at} is no time: write it as 2026-03-02T09:30:00Z`);
  }
  const now = new Date();
  const at = options.at === undefined ? now : new Date(options.at);
  await withLedger(async ({ db }, config) => {
    await markTicket({ db, policy: loadPolicy(config.policyDir), now: () => now }, { ticketId, mark: what, at });
    const shown = await showTicket(db, ticketId);
    say(`${shown?.number}: marked ${what}`);
    for (const line of clockLines(shown?.clock ?? [], now)) say(`  ${line}`);
  });
}
