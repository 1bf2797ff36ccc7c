/** Zoho Desk for the demo: the double that the tests run against. */
import { UserError } from '../errors.ts';
import { deskState } from '../ledger/desk-calls.ts';
import { untoldTickets } from '../ledger/desk-plans.ts';
import type { Db } from '../ledger/schema.ts';

export type DemoDesk = {
  readonly url: string;
  /** What the daemon is told of it. */
  readonly variables: Readonly<Record<string, string>>;
  /** What stands in it, in a line. */
  summary(): string;
  close(): Promise<void>;
};

/** Starts it on a free port of the loopback address. @throws UserError where the project's tests are not installed */
export async function startDemoDesk(): Promise<DemoDesk> {
  const [{ startDeskDouble }, { deskVariables }] = await Promise.all([
    import('../../test/support/desk/server.ts'),
    import('../../test/support/desk/environment.ts'),
  ]).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UserError(
      'demo --desk: the folder test/ with the Desk double is not installed: run it in a checkout of the sources, or leave --desk out',
    );
  });
  const double = await startDeskDouble();
  return {
    url: double.url,
    variables: deskVariables(double),
    summary() {
      const tickets = double.tickets();
      const count = (of: 'comments' | 'attachments') => tickets.reduce((sum, ticket) => sum + ticket[of].length, 0);
      return `Zoho Desk (the double of the tests): ${tickets.length} tickets, ${count('comments')} private notes, ${count('attachments')} files; ${double.creditsUsed} credits used`;
    },
    close: () => double.stop(),
  };
}

/** How much Desk is still to be told: calls to be made, and tickets that none are planned for yet. */
export async function leftForDesk(db: Db): Promise<number> {
  const untold = await untoldTickets(db, new Date(0), MANY);
  const states = await deskState(db);
  return states.reduce((sum, { open }) => sum + open, untold.length);
}

/** More than the demo has. */
const MANY = 1_000;
