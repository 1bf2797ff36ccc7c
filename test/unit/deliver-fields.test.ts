/** Fields of a ticket, and who set them last: we, a call of ours that may have had its effect, or a person there. */
import { describe, expect, it } from 'vitest';
import { changedByHand, fieldsOf, TICKET_FIELDS, toldOf, untoldFields } from '../../src/pipeline/deliver/fields.ts';
import type { TicketFields } from '../../src/ticket-model.ts';
import { decision, enquiry, read } from '../support/decided.ts';

const account = (service: string | null) => ({
  ...{ superadminEmail: 'owner@large.example', licences: 120, region: null, matchedBy: 'zoid' as const, service },
});
const fields: TicketFields = {
  ...{ superadminEmail: 'a@b.example', priorityCustomer: false, severity: 'S2', service: 'Zoho CRM' },
  serviceOrganisationId: null,
};
const sign = (text: string) => `<${text}>`;

describe('the fields of a ticket', () => {
  it('are its address, checkbox, severity, service and organisation id', () => {
    const ticket = {
      superadmin_email: 'owner@large.example',
      enquiry: enquiry({ product: read('Zoho Books'), serviceOrganisationId: read('650000002') }),
      decision: decision({ severity: 'S1', priorityCustomer: true, account: account('Zoho CRM') }),
    };
    expect(fieldsOf(ticket)).toEqual({
      ...{ superadminEmail: 'owner@large.example', priorityCustomer: true, severity: 'S1', service: 'Zoho CRM' },
      serviceOrganisationId: '650000002',
    });
    expect(Object.keys(fieldsOf(ticket))).toEqual([...TICKET_FIELDS]);
  });

  it.each([
    ['the account has', account('Zoho CRM'), read('Zoho Books'), 'Zoho CRM'],
    ['was named, where the account has none', account(null), read('Zoho Books'), 'Zoho Books'],
    ['was named, where there is no account', null, read('Zoho Books'), 'Zoho Books'],
    ['an associate set', account('Zoho CRM'), read('Zoho Books', { by: 'associate' }), 'Zoho Books'],
    ['nobody knows', null, undefined, null],
  ])('have the service that %s', (_, known, product, service) => {
    const ticket = { superadmin_email: null, enquiry: enquiry(product ? { product } : {}) };
    expect(fieldsOf({ ...ticket, decision: decision({ account: known }) }).service).toBe(service);
  });

  it('are one line each, of what Desk takes: what is read back is what was set', () => {
    const long = { superadmin_email: null, enquiry: enquiry({ product: read(`a\r\n b\t${'😀'.repeat(200)}`) }) };
    const { service } = fieldsOf({ ...long, decision: decision() });
    expect(service).toMatch(/^a b 😀+\uFFFD?$/u);
    expect(service?.length).toBeLessThanOrEqual(255);
    expect(service?.isWellFormed()).toBe(true);
  });
});

describe('fields that are to be told', () => {
  it('are those that are not as they were told; all of them when nothing was', () => {
    expect(untoldFields(fields, {}, sign)).toEqual(fields);
    expect(untoldFields(fields, toldOf(fields, sign), sign)).toEqual({});
    const told = toldOf({ ...fields, severity: 'S1', serviceOrganisationId: '4711' }, sign);
    expect(untoldFields(fields, told, sign)).toEqual({ severity: 'S2', serviceOrganisationId: null });
  });

  it('are remembered by what tells nothing to who has no key', () => {
    expect(JSON.stringify(toldOf(fields, () => 'hash'))).not.toContain('a@b.example');
    // The same value of two fields is not the same.
    const same = toldOf({ superadminEmail: 'x', service: 'x' }, sign);
    expect(same.superadminEmail).not.toBe(same.service);
  });
});

describe('a field that was changed by hand', () => {
  const told = toldOf(fields, sign);
  it.each<[string, Partial<TicketFields>, Partial<TicketFields>, string[]]>([
    ['nothing', {}, {}, []],
    ['the address', { superadminEmail: 'x@y.example' }, {}, ['superadminEmail']],
    ['the address, emptied', { superadminEmail: null }, {}, ['superadminEmail']],
    ['two of them', { severity: 'S1', priorityCustomer: true }, {}, ['priorityCustomer', 'severity']],
    ['nothing: a call of ours had its effect', { severity: 'S1' }, { severity: 'S1' }, []],
    ['nothing: a call of ours had none', {}, { severity: 'S1' }, []],
    ['what a call of ours set to something else', { severity: 'S3' }, { severity: 'S1' }, ['severity']],
  ])('%s', (_, there, telling, changed) => {
    expect(changedByHand({ ...fields, ...there }, told, toldOf(telling, sign), sign)).toEqual(changed);
  });

  it('is none where nobody knows what we told', () => {
    expect(changedByHand(fields, {}, {}, sign)).toEqual([]);
  });
});
