/** Contacts, and what says whose portal it is: departments and organisations. */
import { Hono } from 'hono';
import { invalid, refusal } from './answers.ts';
import { allow, type DeskEnv } from './oauth.ts';
import { addContact, contactByEmail } from './store.ts';
import type { Contact, Department, World } from './types.ts';
import { ContactBody, ContactQuery, jsonBody, queryOf } from './validation.ts';

function shown({ searchableAt: _, ...contact }: Contact) {
  return { ...contact, modifiedTime: contact.createdTime, type: null, accountId: null, isDeleted: false };
}

export function contactRoutes(world: World): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.get('/contacts/search', allow(['Desk.search.READ'], ['Desk.contacts.READ']), (c) => {
    const { email, from, limit } = queryOf(c, ContactQuery);
    const found = [...c.var.portal.contacts.values()]
      .filter(({ searchableAt }) => searchableAt <= world.now())
      .filter((contact) => contact.email?.toLowerCase() === email.toLowerCase());
    const page = found.slice(from, from + limit);
    return page.length === 0 ? c.body(null, 204) : c.json({ data: page.map(shown), count: found.length });
  });
  app.post('/contacts', allow(['Desk.contacts.CREATE']), async (c) => {
    const { portal } = c.var;
    const { lastName, firstName = null, email = null, phone = null } = await jsonBody(c, ContactBody);
    if (portal.uniqueContactEmails && email !== null && contactByEmail(portal, email)) {
      throw invalid('/email', 'duplicate');
    }
    return c.json(shown(addContact(world, portal, { lastName, firstName, email, phone })));
  });
  app.get('/contacts/:id{\\d+}', allow(['Desk.contacts.READ']), (c) => {
    const contact = c.var.portal.contacts.get(c.req.param('id'));
    if (!contact) throw refusal('URL_NOT_FOUND');
    return c.json(shown(contact));
  });
  return app;
}

const shownDepartment = (department: Department) => ({
  ...department,
  isEnabled: true,
  nameInCustomerPortal: department.name,
});

export function organisationRoutes(world: World): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.get('/departments', allow(['Desk.basic.READ', 'Desk.settings.READ']), (c) =>
    c.json({ data: c.var.portal.departments.map(shownDepartment) }),
  );
  app.get('/departments/:id{\\d+}', allow(['Desk.basic.READ', 'Desk.settings.READ']), (c) => {
    const department = c.var.portal.departments.find(({ id }) => id === c.req.param('id'));
    if (!department) throw refusal('URL_NOT_FOUND');
    return c.json(shownDepartment(department));
  });
  app.get('/departments', allow(['Desk.basic.READ', 'Desk.settings.READ']), (c) =>
    c.json({ data: c.var.portal.departments.map((one) => ({ ...one, isEnabled: true })) }),
  );
  // Those that the token may enter: asked without orgId, it says which there are. These ids alone are numbers.
  app.get('/organizations', allow(['Desk.basic.READ']), (c) => {
    const mine = c.var.token.client.orgIds.flatMap((id) => world.portals.get(id) ?? []);
    const data = mine.map(({ orgId, companyName, edition }, at) => {
      return { id: Number(orgId), companyName, edition, isDefault: at === 0, portalName: companyName };
    });
    return c.json({ data });
  });
  return app;
}
