import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Enquiry } from '../../src/model.ts';
import { readMail } from '../../src/pipeline/mail/read.ts';
import { loadPolicy } from '../../src/policy.ts';
import { BOUNDED_MS } from '../support/bounded.ts';

const policy = loadPolicy(join(import.meta.dirname, '..', '..', 'policy'));

async function read(body: string, subject = ''): Promise<Enquiry> {
  const head = `From: Sam <sam@reseller.example>\nTo: help@desk.example\nSubject: ${subject}\nContent-Type: text/plain; charset=utf-8`;
  return (await readMail(Buffer.from(`${head}\n\n${body}\n`), policy)).enquiry;
}

it.each([
  ['Mail ID of end customer', 'a@client.example', 'customerEmail'],
  ['Owner (super-admin) of the account', 'a@client.example', 'superadminEmail'],
  ['Nature of support', 'Trial Extension', 'requestType'],
  ['Reproduceable on your side', 'yes, always', 'reproducible'],
  ['Affected Zoho service', 'Zoho Cliq', 'product'],
  ['Explanation of the issue', 'It is broken again.', 'description'],
  ['Troubleshooting carried out', 'We logged out and in.', 'troubleshooting'],
  ['ZOID of this company', '76006415', 'zoid'],
])('a label that no list has: "%s"', async (label, value, field) => {
  const { fields } = await read(`ZGID: 655900112\nZUID: 650456410\n${label}: ${value}`);
  const named = Object.entries(fields).filter(([, { source }]) => source.label !== null);
  expect(named.map(([name]) => name).sort()).toEqual([field, 'zgid', 'zuid'].sort());
});

it.each([
  'Note: please hurry up.',
  'Phone: 4155550123',
  'Website: www.client.example',
  'Priority: High',
  'Our reference: 123456789',
  'Invoice number: 20250312',
  'Company: Acme Ltd',
  'Contact person: Jane Doe',
  'E-mail: sam@reseller.example',
])('what looks like a label and is none of ours: "%s"', async (line) => {
  const { fields } = await read(`ZGID: 655900112\nZUID: 650456410\n${line}`);
  expect(Object.keys(fields).sort()).toEqual(['zgid', 'zuid']);
});

it.each([
  ['Type supportverzoek', 'Technische ondersteuning'],
  ['支持请求类型', '技术支持'],
  ['Jenis dukungan', 'Dukungan teknis'],
  ['ประเภทคำขอรับการสนับสนุน', 'การสนับสนุนด้านเทคนิค'],
])('a value below its label that is like another label of the field: %s', async (label, value) => {
  const { fields } = await read(`${label}\n${value}\n\nZOID\n76006415\n\nZUID\n650456410`);
  expect(fields.requestType?.value).toBe(value);
});

it('an answer below its question is no label, however like one', async () => {
  const { fields } = await read('¿Puede reproducir el problema?\nNo, solo le ocurre al cliente\n\nZOID\n76006415');
  expect(fields.reproducible?.value).toBe('no');
});

it('columns that spaces align, known label or not', async () => {
  const { fields } = await read(
    'Zoho product            Zoho Cliq\nDescription             It is slow.\nThings we attempted     cleared the cache\nZUID                    650664019',
  );
  expect(fields.description?.value).toBe('It is slow.');
  expect(fields.troubleshooting?.value).toBe('cleared the cache');
  expect(fields.zuid?.value).toBe('650664019');
});

it.each([
  ['ZUID 650771204', '650771204'],
  ['ZUID 650771204 is the one that cannot log in', undefined],
])('a value ends before an id on a line of its own: %s', async (line, zuid) => {
  const { fields } = await read(`Product: Zoho Cliq\nTroubleshooting: looked at the roles\n${line}`);
  expect(fields.troubleshooting?.value).toBe(zuid ? 'looked at the roles' : `looked at the roles\n${line}`);
  if (zuid) expect(fields.zuid).toMatchObject({ value: zuid, source: { label: 'ZUID' } });
});

it.each([
  ["What's wrong", 'description'],
  ['Qué ha pasado', 'description'],
  ['Na czym polega problem', 'description'],
  ['Keluhan', 'description'],
  ['Déjà fait de notre côté', 'troubleshooting'],
  ['Was wurde bisher versucht', 'troubleshooting'],
  ['Что уже пробовали', 'troubleshooting'],
  ['試した対応', 'troubleshooting'],
])('a label as people say it: %s', async (label, field) => {
  const { fields } = await read(`ZUID: 650456410\n${label}: one, two and three`);
  expect(fields[field as 'description']).toMatchObject({ value: 'one, two and three', confidence: 0.98 });
});

it('a label that begins with an abbreviation', async () => {
  const { fields } = await read('ZGID: 655900112\nTel. e-mail of the super admin account: a@client.example');
  expect(fields.superadminEmail).toMatchObject({ value: 'a@client.example', source: { label: expect.any(String) } });
});

it('who wrote a forwarded mail is surer than a stranger in a text: the account may be found by that domain', async () => {
  const forwarded = 'From: Ann <ann@client.example>\nDate: 3 March 2025\nSubject: x\nTo: Sam\n\nIt fails.';
  const { fields } = await read(`---------- Forwarded message ---------\n${forwarded}`, 'Fwd: x');
  expect(fields.customerEmail).toMatchObject({ value: 'ann@client.example', confidence: 0.85 });
});

it('a guessed label is never as certain as a known one', async () => {
  const { fields } = await read('ZGID: 655900112\nMail ID of end customer: a@client.example');
  expect(fields.customerEmail?.confidence).toBeLessThan(0.9);
});

it('the first of two requests is read and the second noted; a correction is no second request', async () => {
  const one = 'Customer email: a@one.example\nProduct: Zoho Mail\nDescription: Slow.';
  const two = await read(`${one}\n\nCustomer email: b@two.example\nProduct: Zoho Desk\nZOID: 76006415`);
  expect(two.fields.customerEmail?.value).toBe('a@one.example');
  expect(two.fields.zoid).toBeUndefined();
  expect(two.secondRequest).toBe(true);
  const corrected = await read(`${one}\nProduct: Zoho Mail\nCustomer email: a.b@one.example`);
  expect(corrected.secondRequest).toBeUndefined();
});

it.each([
  ['We can reproduce it with two users.', 'yes'],
  ['We are unable to reproduce it.', 'no'],
  ['Can you reproduce it?', undefined],
  ['Steps to reproduce: open the report.', undefined],
])('whether it was reproduced, from a sentence: %s', async (sentence, answer) => {
  expect((await read(sentence)).fields.reproducible?.value).toBe(answer);
});

it("the customer's address in prose, never the partner's, ours, or a colleague's", async () => {
  const { fields } = await read(
    'Please reply to sam@reseller.example.\nCc: eva@reseller.example\nThe form of ann@client.example is empty. support@zohocorp.com knows.',
  );
  expect(fields.customerEmail).toMatchObject({ value: 'ann@client.example', confidence: 0.65 });
});

it('everyday words are products only with a capital or the prefix', async () => {
  expect((await read('She books a room.')).fields.product).toBeUndefined();
  expect((await read('Taxes in Books are wrong.')).fields.product?.value).toBe('Zoho Books');
});

it('a page of unknown labels is read in time', async () => {
  const body = Array.from({ length: 5_000 }, (_, at) => `Setting of the customer ${at}: value ${at}`).join('\n');
  const start = performance.now();
  await read(body);
  expect(performance.now() - start).toBeLessThan(BOUNDED_MS);
});

it.each([
  ['The client has Zoho CRM and Zoho Books. The problem is only in Zoho Forms.', 'Zoho Forms'],
  ['This is not about Zoho CRM, it is about Zoho Desk.', 'Zoho Desk'],
  ['Zoho CRM and Zoho Books work fine, in Zoho Forms nothing is saved.', 'Zoho Forms'],
  ['Zoho CRM works fine but Zoho Books fails.', 'Zoho Books'],
  ['They use Zoho Desk and Zoho Books. Desk is fine, but invoices vanish.', 'Zoho Books'],
  ['The problem is not only in Zoho CRM, the client also has Zoho Books which works fine.', 'Zoho CRM'],
  ['We moved from Zoho CRM to Zoho Bigin and data is lost.', 'Zoho CRM'],
  ['The client uses Zoho CRM and Zoho Books.\n\nZoho Books is fine.\n\nThe trouble is with Zoho Forms.', 'Zoho Forms'],
  ['Zoho CRM 和 Zoho Books 都正常，只有 Zoho Desk 打不开。', 'Zoho Desk'],
  ['Zoho CRM은 정상이고 Zoho Desk에서만 오류가 납니다.', 'Zoho Desk'],
])('of several products the one a mail is about: %s', async (body, product) => {
  expect((await read(body)).fields.product?.value).toBe(product);
});

it.each([
  [
    'frame',
    '+-----+-----+\n| Customer email | a@client.example |\n| Description | It breaks |\n|  | again |\n+-----+-----+',
  ],
  ['rule', '| Field | Value |\n|:---|---:|\n| Customer email | a@client.example |\n| Description | It breaks\tagain |'],
  ['columns', 'Customer email | Product | Description\n--- | --- | ---\na@client.example | Desk | It breaks again'],
  ['strokes', '│ Customer email │ a@client.example │\n├─────┼─────┤\n│ Description │ It breaks again │'],
])('a table typed in plain text: %s', async (_, body) => {
  const { customerEmail, description } = (await read(body)).fields;
  expect(customerEmail?.value).toBe('a@client.example');
  expect(description?.value.replace(/\s/g, ' ')).toBe('It breaks again');
});

it.each([
  ['Descriz. problema', 'non si apre', 'description'],
  ['Beschr. d. Problems', 'es geht nicht auf', 'description'],
  ['Desc. del problema', 'no abre', 'description'],
  ['Prod.', 'Desk', 'product'],
  ['Uitgev. stappen', 'opnieuw ingelogd', 'troubleshooting'],
])('a label cut short: "%s"', async (label, value, field) => {
  const { fields } = await read(`ZGID: 655900112\nZUID: 650456410\n${label}: ${value}`);
  expect(Object.keys(fields).sort()).toEqual([field, 'zgid', 'zuid'].sort());
});

it.each([
  'Tel.: 0301234567',
  'Ref.: 12345678',
  'Mob. user: 0301234567',
  'Acme Inc.: a client of ours',
  'Ext.: 1234567',
])('a short form of no label: "%s"', async (line) => {
  const { fields } = await read(`ZGID: 655900112\nZUID: 650456410\n${line}`);
  expect(Object.keys(fields).sort()).toEqual(['zgid', 'zuid']);
});

it('a value goes on in small letters, though the line is like a label', async () => {
  const { fields } = await read(
    'Customer email: a@client.example\nDescription: The list is empty\nsteps already taken by the user\nProduct: Desk',
  );
  expect(fields.description?.value).toBe('The list is empty\nsteps already taken by the user');
  expect(fields.troubleshooting).toBeUndefined();
});

it('the administrator of an organisation is its super admin, that of a module is not', async () => {
  const { fields } = await read('The administrator of the organisation is head@client.example.');
  expect(fields.superadminEmail?.value).toBe('head@client.example');
  const other = await read('In Zoho CRM the admin of the Leads module is joe@client.example and sees nothing.');
  expect([other.fields.superadminEmail, other.fields.customerEmail?.value]).toEqual([undefined, 'joe@client.example']);
});

it('of two descriptions one that only names a type of request is that', async () => {
  const { fields } = await read(
    '| Concern | Invoice changes |\n| Question | The address is old. |\n| Product | Desk |',
  );
  expect([fields.requestType?.value, fields.description?.value]).toEqual(['Invoice changes', 'The address is old.']);
});
