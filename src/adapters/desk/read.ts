/** A ticket as it stands in Desk. */
import { IntakeError } from '../../errors.ts';
import type { Policy } from '../../policy.ts';
import type { RemoteTicket } from '../../ports.ts';
import type { Client } from './client.ts';
import { fromDesk } from './fields.ts';
import { THREADS } from './limits.ts';
import { Threads, Ticket } from './schemas.ts';

/** Null when it is not there, or lies in the trash. */
export async function readTicket(client: Client, id: string, policy: Policy['desk']): Promise<RemoteTicket | null> {
  const ticket = await whenThere(
    client.call({
      method: 'GET',
      path: `/tickets/${id}`,
      what: 'the ticket',
      scope: 'Desk.tickets.READ',
      answer: Ticket,
    }),
  );
  if (!ticket || ticket.isTrashed) return null;
  const closed = ticket.statusType?.toLowerCase() === 'closed';
  return {
    id: ticket.id,
    number: ticket.ticketNumber,
    fields: fromDesk(ticket.cf ?? {}, policy),
    closed,
    closedAt: (closed && ticket.closedTime) || null,
    changedAt: ticket.modifiedTime,
    // A ticket does not say when somebody answered, only how many messages it has.
    answeredAt: ticket.threadCount === 0 ? null : await lastAnswer(client, id),
  };
}

/** When the newest message to the partner left; drafts, failed ones and private ones did not. */
async function lastAnswer(client: Client, id: string): Promise<Date | null> {
  const threads = await client.call({
    method: 'GET',
    path: `/tickets/${id}/threads`,
    query: { limit: String(THREADS) },
    what: "the ticket's messages",
    scope: 'Desk.tickets.READ',
    answer: Threads,
  });
  const sent = (threads?.data ?? []).filter(
    ({ direction, visibility, status, isDescriptionThread }) =>
      direction === 'out' &&
      !isDescriptionThread &&
      (visibility ?? 'public') === 'public' &&
      (status ?? 'SUCCESS').toUpperCase() === 'SUCCESS',
  );
  const times = sent.map(({ createdTime }) => createdTime.getTime());
  return times.length > 0 ? new Date(Math.max(...times)) : null;
}

async function whenThere<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof IntakeError && error.code === 'desk-not-found') return null;
    throw error;
  }
}
