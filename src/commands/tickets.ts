import { UsageError } from '../errors.ts';
import { listTickets } from '../ledger/views.ts';
import { say, sayJson, withLedger } from './support.ts';
import { ticketTable } from './ticket-table.ts';

const LIMIT = /^\d{1,9}$/;

/** `tickets [--json] [--limit N]` */
export async function tickets(options: { json?: boolean; limit?: string }): Promise<void> {
  if (options.limit !== undefined && !LIMIT.test(options.limit))
    throw new UsageError(`--limit ${options.limit} is not a number of tickets`);
  const limit = options.limit === undefined ? {} : { limit: Number(options.limit) };
  await withLedger(async ({ db }) => {
    const all = await listTickets(db, limit);
    if (options.json)
      for (const { reasons: _, enquiry: __, decision: ___, clock: ____, ...ticket } of all) sayJson(ticket);
    else say(all.length > 0 || limit.limit === 0 ? ticketTable(all, new Date()) : 'No tickets yet.');
  });
}
