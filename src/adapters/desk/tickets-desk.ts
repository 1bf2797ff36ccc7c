/** Zoho Desk as the ticket system: one portal. */

import { IntakeError } from '../../errors.ts';
import type { MailboxName } from '../../model.ts';
import { callsAtOnce, creditsReserved } from '../../policy/desk.ts';
import type { Policy } from '../../policy.ts';
import type { Clock, PortalMemory, PortalState, TicketSystem } from '../../ports.ts';
import { attach, hasAttachment } from './attachments.ts';
import { createBudget, type Log } from './budget.ts';
import { checkPortal } from './check.ts';
import { createClient } from './client.ts';
import { createTicket } from './create.ts';
import { toDesk } from './fields.ts';
import { DESK_LIMITS, type DeskLimits, REMAINING_BELIEVED_MS } from './limits.ts';
import { namesOf } from './names.ts';
import { addNote, hasNote } from './notes.ts';
import { type Credentials, createTokens } from './oauth.ts';
import { readTicket } from './read.ts';
import { Done, Id } from './schemas.ts';
import { changedSince, findByKey } from './search.ts';
import { markOf } from './stops.ts';

/** A portal, and how to get in. */
export type Portal = Credentials & {
  readonly name: MailboxName;
  /** Origin of its REST API. */
  readonly desk: string;
  readonly orgId: string;
  readonly departmentId: string;
};

export type DeskHealth = {
  /** False while it is left alone, since it did not answer. */
  readonly reachable: boolean;
  readonly stopped: PortalState['stopped'];
  readonly remaining: PortalState['remaining'];
  /** Made by this process. */
  readonly calls: number;
  /** That Desk says they cost. */
  readonly credits: number;
};

export type DeskOptions = {
  readonly portal: Portal;
  /** As it is at this moment: a reload changes it. */
  readonly policy: () => Policy['desk'];
  readonly memory: PortalMemory;
  readonly now: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly limits?: Partial<DeskLimits>;
};

/** The tickets of one portal. @see TicketSystem for what it promises */
export function createDeskTickets(options: DeskOptions): TicketSystem & { readonly health: () => DeskHealth } {
  const { portal, policy, memory, now, log } = options;
  const limits = { ...DESK_LIMITS, ...options.limits };
  const names = namesOf(portal);
  const atOnce = (): number => callsAtOnce(policy());
  const budget = createBudget({ portal: portal.name, mark: markOf(portal), atOnce, memory, limits, now, log });
  const tokens = createTokens({ credentials: portal, memory, names, limits, now });
  const client = createClient({ ...options, names, tokens, budget, limits });
  const { departmentId } = portal;
  return {
    create: (key, content) => createTicket(client, { departmentId, key, content, policy: policy() }),
    find: (key, since) => findByKey(client, { field: policy().fields.key, key, since, now }),
    async update(id, fields) {
      const cf = toDesk(fields, policy());
      if (Object.keys(cf).length === 0) return;
      await client.call({
        method: 'PATCH',
        path: `/tickets/${checked(id)}`,
        json: { cf },
        what: 'the change of the ticket',
        scope: 'Desk.tickets.UPDATE',
        answer: Done,
      });
    },
    note: async (id, marker, text) => addNote(client, checked(id), marker, text),
    hasNote: async (id, marker) => hasNote(client, checked(id), marker),
    attach: async (id, file) => attach(client, checked(id), file),
    hasAttachment: async (id, file) => hasAttachment(client, checked(id), file),
    read: async (id) => readTicket(client, checked(id), policy()),
    changedSince: (since) => changedSince(client, { portal: portal.name, departmentId, since, now, log }),
    isShort() {
      const left = budget.remaining();
      if (!left || now().getTime() - left.at.getTime() > REMAINING_BELIEVED_MS) return false;
      return left.credits < creditsReserved(policy());
    },
    check: () => checkPortal({ departmentId, names, client, tokens, budget, memory, policy: policy(), now }),
    close: () => budget.close(),
    health: () => ({
      reachable: client.reachable(),
      stopped: budget.stopped(),
      remaining: budget.remaining(),
      ...budget.used(),
    }),
  };
}

/** An id becomes part of an address: nothing but digits. */
function checked(id: string): string {
  if (Id.safeParse(id).success) return id;
  throw new IntakeError('permanent', 'desk-not-found', 'this is no id of a ticket in Desk');
}
