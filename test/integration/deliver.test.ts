/** Tickets of the ledger in Desk: what is told there, in which order, once; and what people change there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/daemon.ts';
import { openDeliverWorker } from '../support/deliver-worker.ts';
import { type DeskWorld, openDeskWorld } from '../support/desk-world.ts';
import { ticketOf } from '../support/json-shapes.ts';
import { LARGE } from '../support/letters.ts';

let world: DeskWorld;
beforeAll(async () => {
  world = await openDeskWorld();
});
afterAll(() => world?.close());

const only = (number: string) => {
  const there = world.there(number);
  expect(there).toHaveLength(1);
  return there[0] as (typeof there)[number];
};

describe('a ticket', () => {
  it('is made in Desk with its fields, and why it was decided so as a private note', async () => {
    const number = await world.ticketed({ id: 'made@desk.example', says: 'nothing' });
    await world.delivered();
    const ticket = only(number);
    expect(ticket).toMatchObject({
      subject: 'Request made@desk.example',
      channel: 'Email',
      cf: {
        cf_customer_primary_email_address: LARGE,
        cf_priority_customer_large_user_account: 'true',
        cf_severity: 'S1',
        cf_service_name: 'Zoho CRM',
      },
    });
    expect(ticket.description).toContain('The report shows wrong results since this morning.');
    expect(ticket.comments).toHaveLength(1);
    expect(ticket.comments[0]).toMatchObject({ isPublic: false });
    const { decision } = await ticketOf(world.env, number);
    for (const { because } of decision.reasons) expect(ticket.comments[0]?.content).toContain(because.slice(0, 40));
  });

  it('waits while the department is not there, and is made when it is', async () => {
    const number = await world.ticketed({ id: 'nowhere@desk.example', says: 'nothing' });
    const env = { ...world.env, DESK_COM_DEPARTMENT_ID: '4712' };
    await using wrong = await openDeliverWorker({ ...world, env });
    await wrong.pass();
    expect(world.there(number)).toEqual([]);
    expect(wrong.warnings.join()).toMatch(
      /Desk cannot be called .*departmentId is invalid.*check DESK_COM_DEPARTMENT_ID/,
    );
    expect((await run(['desk', 'list'], world.env)).stdout).toMatch(/^com: [1-9]\d* to do, .*; 0 failed;/);
    await world.delivered();
    only(number);
  });

  it('is updated by a later decision with what is different, and nothing else', async () => {
    const number = await world.ticketed({ id: 'updated@desk.example', from: 'agent@reseller.example' });
    await world.delivered();
    const before = world.double.calls.length;
    expect((await run(['set', number, 'superadmin', LARGE], world.env)).code).toBe(0);
    await world.delivered();
    const ticket = only(number);
    expect(ticket.cf).toMatchObject({ cf_customer_primary_email_address: LARGE, cf_severity: 'S1' });
    expect(ticket.comments.map(({ content }) => content)).toEqual([
      expect.stringContaining('decided: S2'),
      expect.stringMatching(/decided again[\s\S]*severity: S2 -> S1/),
    ]);
    const made = world.double.calls.slice(before).map(({ method }) => method);
    expect(made).toEqual(['GET', 'PATCH', 'POST']);
  });
});

describe('what an associate changes in Desk', () => {
  it('the primary address fills the field here, the workflow runs, and Desk is updated', async () => {
    const number = await world.ticketed({ id: 'filled@desk.example', from: 'agent@reseller.example' });
    await world.delivered();
    world.double.byHand.patch(only(number).id, { cf: { cf_customer_primary_email_address: LARGE } });
    await world.changesTaken();
    await world.delivered();
    expect(await ticketOf(world.env, number)).toMatchObject({
      superadminEmail: LARGE,
      severity: 'S1',
      priorityCustomer: true,
    });
    expect(only(number).cf).toMatchObject({ cf_severity: 'S1', cf_priority_customer_large_user_account: 'true' });
  });

  it('the severity is kept, also in later decisions, and can be exported as a case', async () => {
    const number = await world.ticketed({ id: 'severe@desk.example', from: 'agent@reseller.example' });
    await world.delivered();
    world.double.byHand.patch(only(number).id, { cf: { cf_severity: 'S1' } });
    await world.changesTaken();
    expect((await run(['set', number, 'superadmin', 'owner@small.example'], world.env)).code).toBe(0);
    await world.delivered();
    expect(await ticketOf(world.env, number)).toMatchObject({ severity: 'S1' });
    expect(only(number).cf.cf_severity).toBe('S1');
    const { stdout } = await run(['corrections', 'export'], world.env);
    expect(stdout).toContain(`name: '${number}: S1, not S2`);
    expect(stdout).not.toContain('reseller.example');
  });
});
