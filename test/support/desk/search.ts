/** GET /tickets/search: what the index knows, which is behind the tickets by `indexLagMs`. */
import { Hono } from 'hono';
import { refusal } from './answers.ts';
import { allow, type DeskEnv } from './oauth.ts';
import { shownTicket } from './store.ts';
import { byTime } from './tickets.ts';
import type { Portal, Ticket, TicketRow, World } from './types.ts';
import { queryOf, rangeOf, SearchQuery } from './validation.ts';

type Test = (row: TicketRow) => boolean;

/** Search compares without case, and `*` stands for anything: a finder has to look at what it found. */
function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'is');
}

/** Of `cf_name:value`; the value may hold colons. */
function customField(portal: Portal, condition: string): Test {
  const at = condition.indexOf(':');
  const name = condition.slice(0, at);
  if (!portal.fields.some(({ apiName }) => apiName === name)) {
    throw refusal('UNPROCESSABLE_ENTITY', { message: `The field '${name}' is unknown.` });
  }
  const pattern = wildcard(condition.slice(at + 1));
  return ({ cf }) => pattern.test(cf[name] ?? '');
}

function within(range: string, name: 'createdTime' | 'modifiedTime'): Test {
  const [from, to] = rangeOf(range, `${name}Range`);
  return (row) => Date.parse(row[name]) >= from && Date.parse(row[name]) <= to;
}

export function searchRoutes(world: World): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.get('/tickets/search', allow(['Desk.search.READ'], ['Desk.tickets.READ']), (c) => {
    const { portal } = c.var;
    const query = queryOf(c, SearchQuery);
    const { departmentId, createdTimeRange, modifiedTimeRange, customField1, customField2, from, limit } = query;
    const tests: Test[] = [
      ...(departmentId === undefined ? [] : [(row: TicketRow) => row.departmentId === departmentId]),
      ...(createdTimeRange === undefined ? [] : [within(createdTimeRange, 'createdTime')]),
      ...(modifiedTimeRange === undefined ? [] : [within(modifiedTimeRange, 'modifiedTime')]),
      ...[customField1, customField2].flatMap((one) => (one === undefined ? [] : [customField(portal, one)])),
    ];
    const horizon = world.now() - world.indexLagMs;
    const known = ({ isTrashed, index }: Ticket) => (isTrashed ? null : index.findLast(({ at }) => at <= horizon)?.row);
    const key = query.sortBy.includes('modifiedTime') ? 'modifiedTime' : 'createdTime';
    const sort = byTime(key, query.sortBy === 'relevance' || query.sortBy.startsWith('-'));
    const found = [...portal.tickets.values()]
      .flatMap((ticket) => {
        const row = known(ticket);
        return row && tests.every((test) => test(row)) ? [{ ticket, row }] : [];
      })
      .sort((a, b) => sort(a.row, b.row));
    const page = found.slice(from, from + limit);
    if (page.length === 0) return c.body(null, 204);
    return c.json({ data: page.map(({ ticket, row }) => shownTicket(portal, ticket, row)), count: found.length });
  });
  return app;
}
