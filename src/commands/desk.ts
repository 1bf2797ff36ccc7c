import { UserError } from '../errors.ts';
import { deskState, failedCalls, retryFailed } from '../ledger/desk-calls.ts';
import { giveUp } from '../ledger/desk-endings.ts';
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

export type DropOptions = { readonly because?: string; readonly waiting?: boolean };

/** `desk drop NUMBER [--because WHY] [--waiting]`: what failed of a ticket is not made any more, nor what waits where that is said. */
export const deskDrop = (number: string, { because = '', waiting = false }: DropOptions): Promise<void> =>
  withLedger(async ({ db }) => {
    const id = parseTicketNumber(number);
    const count = await giveUp(db, id, { because: because.trim() || 'no reason given', waitingToo: waiting });
    if (count === 0)
      throw new UserError(
        `nothing ${waiting ? 'waits or failed' : 'failed'} of ${ticketNumber(id)}: partner-intake desk list shows what did`,
      );
    say(`${count} given up.`);
  });
