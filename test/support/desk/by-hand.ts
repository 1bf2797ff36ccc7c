/** What associates do in the browser: the same rules as the API, but neither credits nor faults. */
import { addComment, addThread, addTicket, changeTicket, shownTicket, ticketOf } from './store.ts';
import type { Comment, Portal, Thread, Ticket, TicketRow, TicketSnapshot, World } from './types.ts';
import { parseBody, TicketBody, TicketPatch } from './validation.ts';

export type ByHand = {
  /** A ticket that somebody opens in the browser: our program does not know it. */
  create(orgId: string, body: unknown): TicketRow;
  patch(ticketId: string, patch: unknown): TicketRow;
  comment(ticketId: string, content: string, options?: { readonly isPublic?: boolean }): Comment;
  /** `out` (unless told): the associate answers; `in`: the partner's mail arrives in Desk. */
  reply(ticketId: string, content: string, options?: { readonly direction?: 'in' | 'out' }): Thread;
  trash(ticketId: string): void;
};

function locate(world: World, ticketId: string): readonly [Portal, Ticket] {
  for (const portal of world.portals.values()) {
    if (portal.tickets.has(ticketId)) return [portal, ticketOf(portal, ticketId)];
  }
  throw new Error(`there is no ticket ${ticketId}`);
}

export function byHand(world: World): ByHand {
  return {
    create(orgId, body) {
      const portal = world.portals.get(orgId);
      if (!portal) throw new Error(`there is no portal ${orgId}`);
      return addTicket(world, portal, parseBody(TicketBody, body), 'agent').row;
    },
    patch(ticketId, patch) {
      const [portal, ticket] = locate(world, ticketId);
      changeTicket(world, portal, ticket, parseBody(TicketPatch, patch), 'agent');
      return ticket.row;
    },
    comment(ticketId, content, { isPublic = false } = {}) {
      const [portal, ticket] = locate(world, ticketId);
      return addComment(world, portal, ticket, { content, isPublic, contentType: 'html' }, 'agent');
    },
    reply(ticketId, content, { direction = 'out' } = {}) {
      const [portal, ticket] = locate(world, ticketId);
      const desk = 'support@desk.example';
      const partner = ticket.row.email ?? 'partner@partner.example';
      const [fromEmailAddress, to] = direction === 'out' ? [desk, partner] : [partner, desk];
      return addThread(
        world,
        portal,
        ticket,
        { direction, content, contentType: 'html', fromEmailAddress, to },
        'agent',
      );
    },
    trash(ticketId) {
      locate(world, ticketId)[1].isTrashed = true;
    },
  };
}

export function snapshots(world: World, orgId?: string): TicketSnapshot[] {
  const portals = [...world.portals.values()].filter((portal) => orgId === undefined || portal.orgId === orgId);
  return portals.flatMap((portal) =>
    [...portal.tickets.values()].map(({ row, isTrashed, comments, attachments, threads }) =>
      structuredClone({ ...row, orgId: portal.orgId, isTrashed, comments, attachments, threads }),
    ),
  );
}

/** The event that a webhook would tell about this ticket now. */
export function eventOf(world: World, ticketId: string) {
  const [portal, ticket] = locate(world, ticketId);
  const payload = shownTicket(portal, ticket);
  return { eventType: 'Ticket_Update', orgId: portal.orgId, eventTime: String(world.now()), payload } as const;
}
