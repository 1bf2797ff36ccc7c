import { UserError } from '../errors.ts';
import { deskState, failedCalls, retryFailed } from '../ledger/desk-calls.ts';
import { ticketNumber } from '../ledger/tickets.ts';
import { parseTicketNumber, say, withLedger } from './support.ts';

/** `desk list`: what waits for each portal, and what failed and needs a person. */
export const deskList = (): Promise<void> =>
  withLedger(async ({ db }) => {
    const states = await deskState(db);
    if (states.length === 0) return say('Nothing was brought to Desk yet.');
    for (const { portal, open, failed, oldest, credits } of states) {
      const since = oldest ? `, the oldest since ${oldest.toISOString()}` : '';
      say(`${portal}: ${open} to do${since}; ${failed} failed; ${credits ?? 'unknown'} credits left today`);
    }
    for (const { ticketId, kind, because } of await failedCalls(db))
      say(`${ticketNumber(ticketId)}  ${kind}  ${because}`);
  });

/** `desk retry [NUMBER]`: makes what failed again. */
export const deskRetry = (number?: string): Promise<void> =>
  withLedger(async ({ db }) => {
    const id = number === undefined ? null : parseTicketNumber(number);
    const count = await retryFailed(db, id);
    if (count === 0)
      throw new UserError(
        `nothing failed${id === null ? '' : ` of ${ticketNumber(id)}`}: partner-intake desk list shows what did`,
      );
    say(`${count} will be made again.`);
  });
