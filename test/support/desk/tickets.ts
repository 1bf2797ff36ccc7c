/** Tickets: create, read, change, list, throw away. */
import { Hono } from 'hono';
import { refusal } from './answers.ts';
import { allow, type DeskEnv } from './oauth.ts';
import { addTicket, changeTicket, shownTicket, ticketOf } from './store.ts';
import type { Portal, Ticket, TicketRow, World } from './types.ts';
import { jsonBody, ListQuery, queryOf, TicketBody, TicketPatch, TrashBody } from './validation.ts';

function withContact(portal: Portal, ticket: Ticket, include: string | undefined) {
  const shown = shownTicket(portal, ticket);
  if (!include?.split(',').includes('contacts')) return shown;
  const { searchableAt: _, ...contact } = portal.contacts.get(ticket.row.contactId) ?? { searchableAt: 0 };
  return { ...shown, contact };
}

/** What a list shows: neither the description nor the custom fields, GET by id has them. */
function listed(portal: Portal, ticket: Ticket) {
  const { description: _, cf: __, customFields: ___, ...rest } = shownTicket(portal, ticket);
  return rest;
}

type SortKey = 'createdTime' | 'modifiedTime' | 'dueDate';

/** Sorts by a time; those of the same second by id. */
export function byTime(key: SortKey, descending: boolean): (a: TicketRow, b: TicketRow) => number {
  const sign = descending ? -1 : 1;
  return (a, b) => sign * ((a[key] ?? '').localeCompare(b[key] ?? '') || a.id.localeCompare(b.id));
}

function sortOf(world: World, sortBy: string) {
  const key = sortBy.replace(/^-/, '');
  const known = ['createdTime', 'dueDate', ...(world.listSortsByModifiedTime ? ['modifiedTime'] : [])];
  if (!known.includes(key)) {
    throw refusal('UNPROCESSABLE_ENTITY', {
      message: "The value passed for the 'sortBy' query parameter is invalid.",
    });
  }
  return byTime(key as SortKey, sortBy.startsWith('-'));
}

export function ticketRoutes(world: World): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.post('/tickets', allow(['Desk.tickets.CREATE']), async (c) => {
    const body = await jsonBody(c, TicketBody);
    const ticket = addTicket(world, c.var.portal, body, 'api');
    return c.json(shownTicket(c.var.portal, ticket));
  });
  app.get('/tickets', allow(['Desk.tickets.READ']), (c) => {
    const { departmentId, status, from, limit, sortBy } = queryOf(c, ListQuery);
    const sort = sortOf(world, sortBy);
    const found = [...c.var.portal.tickets.values()]
      .filter(({ isTrashed }) => !isTrashed)
      .filter(({ row }) => departmentId === undefined || row.departmentId === departmentId)
      .filter(({ row }) => status === undefined || status.split(',').includes(row.status))
      .sort((a, b) => sort(a.row, b.row))
      .slice(from, from + limit);
    if (found.length === 0) return c.body(null, 204);
    return c.json({ data: found.map((ticket) => listed(c.var.portal, ticket)) });
  });
  app.get('/tickets/:id{\\d+}', allow(['Desk.tickets.READ']), (c) => {
    const ticket = ticketOf(c.var.portal, c.req.param('id'));
    return c.json(withContact(c.var.portal, ticket, c.req.query('include')));
  });
  app.patch('/tickets/:id{\\d+}', allow(['Desk.tickets.UPDATE']), async (c) => {
    const ticket = ticketOf(c.var.portal, c.req.param('id'));
    changeTicket(world, c.var.portal, ticket, await jsonBody(c, TicketPatch), 'api');
    return c.json(shownTicket(c.var.portal, ticket));
  });
  // Ticket.json asks for DELETE, which a program that only brings tickets does not have.
  app.post('/tickets/moveToTrash', allow(['Desk.tickets.DELETE']), async (c) => {
    const { ticketIds } = await jsonBody(c, TrashBody);
    for (const id of ticketIds) ticketOf(c.var.portal, id);
    for (const id of ticketIds) ticketOf(c.var.portal, id).isTrashed = true;
    return c.body(null, 204);
  });
  return app;
}
