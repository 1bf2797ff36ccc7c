/** The Desk adapter at a Desk that follows the published schemas: what it writes, finds and reads. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { TicketSystem } from '../../src/ports.ts';
import { type DeskDouble, startDeskDouble } from '../support/desk/server.ts';
import { failureOf, openDeskPortal, ticketContent } from '../support/desk-portal.ts';

const LONG_AGO = new Date('2020-01-01T00:00:00Z');

let double: DeskDouble;
let system: TicketSystem;
beforeAll(async () => {
  double = await startDeskDouble();
  system = openDeskPortal(double).system;
});
beforeEach(() => double.reset());
afterAll(async () => {
  await system?.close();
  await double?.stop();
});

const onlyTicket = () => {
  const [ticket, ...others] = double.tickets();
  expect(others).toEqual([]);
  if (!ticket) throw new Error('there is no ticket');
  return ticket;
};

describe('a new ticket', () => {
  it('has its subject, text, channel, department, contact and fields', async () => {
    const made = await system.create('key-1', ticketContent());
    const ticket = onlyTicket();
    expect(made).toEqual({ id: ticket.id, number: ticket.ticketNumber });
    expect(ticket).toMatchObject({
      subject: 'Mail does not arrive',
      description: 'Since Monday.<br>Nothing &lt;b&gt;bold&lt;/b&gt; &amp; nothing &quot;new&quot;.',
      channel: 'Email',
      language: null,
      email: 'jane@partner.example',
      cf: {
        cf_customer_primary_email_address: 'admin@customer.example',
        cf_priority_customer_large_user_account: 'true',
        cf_severity: 'S1',
        cf_service_name: 'Zoho Mail',
        cf_service_organisation_id: null,
        cf_source_message_key: 'key-1',
      },
    });
    expect(double.contacts()).toMatchObject([{ lastName: 'Jane Doe', email: 'jane@partner.example' }]);
  });

  it('of a known sender has their contact, whatever the case of the address', async () => {
    await system.create('key-1', ticketContent());
    const sender = { address: 'Jane@Partner.Example', name: 'J.' };
    await system.create('key-2', ticketContent({ sender }));
    expect(double.contacts()).toHaveLength(1);
    expect(new Set(double.tickets().map(({ contactId }) => contactId)).size).toBe(1);
  });

  it.each([
    ['jane@bücher.example', '', { lastName: 'jane', email: 'jane@xn--bcher-kva.example' }, ''],
    ['jäne@partner.example', 'Jäne', { lastName: 'Jäne', email: null }, 'From: jäne@partner.example<br><br>'],
    ['*@partner.example', ' \r\n ', { lastName: '*', email: null }, 'From: *@partner.example<br><br>'],
    ['', '', { lastName: 'Unknown', email: null }, 'From: <br><br>'],
  ])('of %j named %j is made', async (address, name, contact, first) => {
    await system.create('key-1', ticketContent({ sender: { address, name } }));
    expect(double.contacts()).toMatchObject([contact]);
    expect(onlyTicket().description?.startsWith(`${first}Since`)).toBe(true);
    expect(onlyTicket().email).toBe(contact.email);
  });

  it('is as long as Desk takes, never empty, and says what is left out', async () => {
    const name = 'N'.repeat(300);
    const fields = { ...ticketContent().fields, service: 'x'.repeat(400), severity: null };
    await system.create(
      'key-1',
      ticketContent({
        subject: 's'.repeat(2_000),
        description: '&'.repeat(70_000),
        sender: { address: 'a@b.example', name },
        fields,
      }),
    );
    const ticket = onlyTicket();
    expect(ticket.subject).toHaveLength(1_000);
    expect(ticket.description?.length).toBeLessThanOrEqual(65_535);
    expect(ticket.description).toMatch(
      /&amp;<br><br>\[The rest is left out here\. To read it: partner-intake ticket P-1042\]$/,
    );
    expect(ticket.cf).toMatchObject({ cf_service_name: 'x'.repeat(255), cf_severity: null });
    double.reset();
    await system.create('key-1', ticketContent({ subject: ' \u0000\n ', description: '' }));
    expect(onlyTicket()).toMatchObject({ subject: '(no subject)', description: '' });
  });

  it('that Desk refuses names the field', async () => {
    const wrong = openDeskPortal(double, { policy: { severities: { S1: 'Nope', S2: 'S2', S3: 'S3' } } }).system;
    const error = await failureOf(wrong.create('key-1', ticketContent()));
    expect(error).toMatchObject({ verdict: 'permanent', code: 'desk-refused' });
    expect(error.message).toBe('Desk refuses the ticket: /cf/cf_severity is invalid: 422 INVALID_DATA');
    const elsewhere = openDeskPortal(double, { portal: { departmentId: '1' } }).system;
    expect((await failureOf(elsewhere.create('key-1', ticketContent()))).message).toContain('/departmentId is invalid');
    expect(double.tickets()).toEqual([]);
  });
});

describe('looking up', () => {
  it('finds the tickets of a key and no similar one, the oldest first', async () => {
    expect(await system.find('Key-1', LONG_AGO)).toEqual([]);
    const first = await system.create('Key-1', ticketContent());
    await system.create('key-1', ticketContent());
    const second = await system.create('Key-1', ticketContent());
    expect(await system.find('Key-1', LONG_AGO)).toEqual([first, second]);
    expect(await system.find('*', LONG_AGO)).toEqual([]);
    expect(await system.find('Key-1', new Date())).toEqual([first, second]);
    expect(await system.find('Key-1', new Date(Date.now() + 3_600_000))).toEqual([]);
  });

  it('finds what was changed, by whomever, page after page, in our department alone', async () => {
    const [portal] = double.portals;
    const departmentId = portal?.departments[0]?.id;
    const contact = { lastName: 'Doe', email: 'jane@partner.example' };
    for (let n = 0; n < 230; n++)
      double.byHand.create(portal?.orgId ?? '', { departmentId, contact, subject: `Ticket ${n}` });
    const changed = await system.changedSince(new Date(Date.now() - 60_000));
    expect(changed.map(({ id }) => id)).toEqual(double.tickets().map(({ id }) => id));
    expect(changed[0]?.at).toEqual(new Date(double.tickets()[0]?.modifiedTime ?? ''));
    const elsewhere = openDeskPortal(double, { portal: { departmentId: '1' } }).system;
    expect(await elsewhere.changedSince(LONG_AGO)).toEqual([]);
    expect(await system.changedSince(new Date(Date.now() + 60_000))).toEqual([]);
    // Desk's times are whole seconds: a change of this very second is not missed.
    const { modifiedTime } = double.byHand.patch(changed[0]?.id ?? '', { status: 'On Hold' });
    expect((await system.changedSince(new Date(Date.parse(modifiedTime) + 900))).map(({ id }) => id)).toContain(
      changed[0]?.id,
    );
  });
});

describe('changes', () => {
  /** A double whose time is ours, with tickets of one second each, or of the same one. */
  async function changing(count: number, secondsApart: number) {
    let time = Date.parse('2026-11-22T10:00:00Z');
    const now = () => new Date(time);
    const begun = now();
    const desk = await startDeskDouble({ clock: now });
    onTestFinished(() => desk.stop());
    const [portal] = desk.portals;
    const body = {
      departmentId: portal?.departments[0]?.id,
      contact: { lastName: 'Doe', email: 'jane@partner.example' },
    };
    const add = () => desk.byHand.create(portal?.orgId ?? '', { ...body, subject: 'Ticket' }).id;
    const pass = (seconds: number) => {
      time += seconds * 1_000;
    };
    const ids: string[] = [];
    for (let n = 0; n < count; n++) {
      ids.push(add());
      pass(secondsApart);
    }
    const warnings: object[] = [];
    const system = openDeskPortal(desk, { now, warn: (fields) => warnings.push(fields) }).system;
    const searches = () => desk.calls.filter(({ path }) => path.endsWith('/tickets/search')).length;
    /** Before the second page is looked for. */
    const betweenPages = (happens: () => void) => {
      let seen = 0;
      desk.faults.plan(({ path }) => {
        if (path.endsWith('/tickets/search') && ++seen === 2) happens();
        return null;
      });
    };
    return { desk, system, ids, begun, add, pass, warnings, searches, betweenPages };
  }
  const foundBy = async (system: TicketSystem, since: Date) => (await system.changedSince(since)).map(({ id }) => id);

  it('are not lost when tickets of the first page change while the next one is looked for', async () => {
    const { desk, system, ids, begun, betweenPages } = await changing(230, 1);
    betweenPages(() => {
      for (const id of ids.slice(0, 60)) desk.byHand.patch(id, { status: 'On Hold' });
    });
    expect((await foundBy(system, begun)).sort()).toEqual(ids);
  });

  it('of one second are counted, some of them twice', async () => {
    const { desk, system, ids, begun, pass, betweenPages, searches } = await changing(230, 0);
    betweenPages(() => {
      pass(5);
      for (const id of ids.slice(0, 8)) desk.byHand.patch(id, { status: 'On Hold' });
    });
    expect((await foundBy(system, new Date(begun.getTime() + 900))).sort()).toEqual(ids);
    expect(searches()).toBe(3);
  });

  it('of more than Desk shows of one second keep nobody from what came later', async () => {
    const { system, begun, ids, add, pass, warnings, searches } = await changing(1_050, 0);
    pass(1);
    const last = add();
    const found = await foundBy(system, begun);
    expect(found).toEqual(expect.arrayContaining([...ids.slice(0, 1_000), last]));
    expect(found).toHaveLength(1_001);
    expect(warnings).toEqual([expect.objectContaining({ portal: 'com', second: begun.toISOString() })]);
    expect(searches()).toBe(12);
  });
});

describe('a ticket that is there', () => {
  it('is read as it was written, and as people changed it', async () => {
    const { id, number } = await system.create('key-1', ticketContent());
    expect(await system.read(id)).toEqual({
      id,
      number,
      fields: ticketContent().fields,
      closed: false,
      closedAt: null,
      answeredAt: null,
      changedAt: new Date(onlyTicket().modifiedTime),
    });
    double.byHand.patch(id, { status: 'Closed', cf: { cf_severity: 'S3', cf_customer_primary_email_address: null } });
    double.byHand.reply(id, 'Are you there?', { direction: 'in' });
    expect((await system.read(id))?.answeredAt).toBeNull();
    double.byHand.reply(id, 'I looked at it.');
    const answered = double.tickets()[0]?.threads[1]?.createdTime ?? '';
    double.byHand.reply(id, 'Thank you!', { direction: 'in' });
    expect(await system.read(id)).toMatchObject({
      fields: { severity: 'S3', superadminEmail: null, priorityCustomer: true },
      closed: true,
      answeredAt: new Date(answered),
    });
  });

  it('is updated field by field, and emptied by null', async () => {
    const { id } = await system.create('key-1', ticketContent());
    await system.update(id, { severity: 'S2', superadminEmail: null });
    await system.update(id, { severity: 'S2', superadminEmail: null });
    expect(onlyTicket().cf).toMatchObject({
      cf_severity: 'S2',
      cf_customer_primary_email_address: null,
      cf_priority_customer_large_user_account: 'true',
      cf_service_name: 'Zoho Mail',
    });
    const calls = double.calls.length;
    await system.update(id, {});
    expect(double.calls).toHaveLength(calls);
  });

  it('takes private notes that are found again by their markers alone', async () => {
    const { id } = await system.create('key-1', ticketContent());
    await system.note(id, 'P-1/decision-1', 'It names [P-1/decision-2] in its text');
    expect(onlyTicket().comments).toMatchObject([
      {
        isPublic: false,
        contentType: 'plainText',
        content: 'It names [P-1/decision-2] in its text\n\n[P-1/decision-1]',
      },
    ]);
    expect(await system.hasNote(id, 'P-1/decision-1')).toBe(true);
    expect(await system.hasNote(id, 'P-1/decision-2')).toBe(false);
    for (let n = 0; n < 120; n++) double.byHand.comment(id, `later ${n}`);
    expect(await system.hasNote(id, 'P-1/decision-1')).toBe(true);
    double.byHand.comment(id, 'a public one [P-1/decision-3]', { isPublic: true });
    expect(await system.hasNote(id, 'P-1/decision-3')).toBe(false);
  });

  it('takes files, byte by byte, found again by name and size', async () => {
    const { id } = await system.create('key-1', ticketContent());
    const content = Buffer.from([0, 255, 13, 10, 45, 45]);
    const file = { filename: '../zoë "1".bin', contentType: 'application/octet-stream', content };
    expect(await system.hasAttachment(id, { filename: file.filename, size: 6 })).toBe(false);
    await system.attach(id, file);
    expect(onlyTicket().attachments).toMatchObject([{ name: '.._zoë _1_.bin', size: 6 }]);
    expect(await system.hasAttachment(id, { filename: file.filename, size: 6 })).toBe(true);
    expect(await system.hasAttachment(id, { filename: file.filename, size: 7 })).toBe(false);
    expect(await system.hasAttachment(id, { filename: 'other.bin', size: 6 })).toBe(false);
  });

  it('that is gone reads as null, and refuses everything for good', async () => {
    const { id } = await system.create('key-1', ticketContent());
    double.byHand.trash(id);
    for (const gone of [id, '189200000000999999']) {
      expect(await system.read(gone)).toBeNull();
      expect(await failureOf(system.update(gone, { severity: 'S1' }))).toMatchObject({
        verdict: 'permanent',
        code: 'desk-not-found',
      });
      expect(await failureOf(system.note(gone, 'm', 'text'))).toMatchObject({
        verdict: 'permanent',
        code: 'desk-not-found',
      });
    }
    const calls = double.calls.length;
    expect(await failureOf(system.read('../contacts'))).toMatchObject({ verdict: 'permanent' });
    expect(double.calls).toHaveLength(calls);
  });
});
