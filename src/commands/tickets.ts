import { UsageError } from '../errors.ts';
import { listTickets } from '../ledger/views.ts';
import { say, sayJson, withLedger } from './support.ts';
import { ticketTable } from './ticket-table.ts';

/** `tickets [--json] [--limit N]` */
export async function tickets(options: { json?: boolean; limit?: string }): Promise<void> {
  const limit = options.limit === undefined ? {} : { limit: Number(options.limit) };
  if (limit.limit !== undefined && (!Number.isInteger(limit.limit) || limit.limit < 0)) {
    throw new UsageError(`--limit ${options.limit} is not a number of tickets`);
  }
  await withLedger(async ({ db }) => {
    const all = await listTickets(db, limit);
    if (options.json) for (const { reasons: _, enquiry: __, decision: ___, ...ticket } of all) sayJson(ticket);
    else say(all.length > 0 ? ticketTable(all) : 'No tickets yet.');
  });
}
