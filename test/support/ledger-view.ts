/** What the ledger holds on one mail, by its Message-ID (without brackets): for tests that wait for it. */
import type { Decision, Enquiry, MailState, ReplyKind, ReplyState } from '../../src/model.ts';
import { type Patience, until } from './wait.ts';
import type { World } from './world.ts';

export type MailSeen = { id: number; state: MailState; because: string | null; ticket_id: number | null };
export type ReplySeen = {
  kind: ReplyKind;
  state: ReplyState;
  because: string | null;
  attempts: number;
  message_id: string;
  recipient: string;
};
export type TicketSeen = {
  id: number;
  superadmin_email: string | null;
  superadmin_by: string | null;
  directory_pending: boolean;
  decision: Decision;
  enquiry: Enquiry;
};
export type EventSeen = { by: string; what: string; because: string };

const PATIENCE: Patience = { timeout: 30_000, every: 30 };
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The mail once it is stored and settled: neither received nor parsed. */
export function settledMail(world: World, id: string, patience: Patience = PATIENCE): Promise<MailSeen> {
  return until(
    async () => {
      const [mail] = await world.query<MailSeen>(
        `select id, state, because, ticket_id from mail where message_id = ${quoted(`<${id}>`)}`,
      );
      return mail && !['received', 'parsed'].includes(mail.state) ? mail : null;
    },
    { ...patience, what: `mail ${id} to be settled` },
  );
}

/** The ticket of a mail, once there is one. */
export async function ticketFor(world: World, id: string): Promise<TicketSeen> {
  const { ticket_id } = await settledMail(world, id);
  const [ticket] = await world.query<TicketSeen>(`select * from ticket where id = ${ticket_id}`);
  if (!ticket) throw new Error(`mail ${id} has no ticket`);
  return ticket;
}

/** The reply to a mail, or undefined; asked at this moment. */
export async function replyNow(world: World, id: string): Promise<ReplySeen | undefined> {
  const [reply] = await world.query<ReplySeen>(
    `select reply.* from reply join mail on mail.id = reply.mail_id where mail.message_id = ${quoted(`<${id}>`)}`,
  );
  return reply;
}

/** The reply to a mail once it is in one of these states. */
export function replyIn(world: World, id: string, states: readonly ReplyState[]): Promise<ReplySeen> {
  return until(
    async () => {
      const reply = await replyNow(world, id);
      return reply && states.includes(reply.state) ? reply : null;
    },
    { ...PATIENCE, what: `the reply to ${id} to be ${states.join(' or ')}` },
  );
}

/** The history of a ticket, oldest first. */
export const historyOf = (world: World, ticketId: number): Promise<EventSeen[]> =>
  world.query<EventSeen>(`select by, what, because from event where ticket_id = ${ticketId} order by id`);
