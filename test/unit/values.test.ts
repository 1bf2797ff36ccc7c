/** What stands behind a label: answers, ids, types of request, tables of several requests; and what is no value at all. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Enquiry } from '../../src/model.ts';
import { readMail } from '../../src/pipeline/mail/read.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(join(import.meta.dirname, '..', '..', 'policy'));
const { languages } = policy.labels;

async function read(body: string, type = 'plain'): Promise<Enquiry> {
  const head = `From: Sam <sam@reseller.example>\nTo: help@desk.example\nSubject: Hello\nContent-Type: text/${type}; charset=utf-8`;
  return (await readMail(Buffer.from(`${head}\n\n${body}\n`), policy)).enquiry;
}

const ASKED = 'Are you able to reproduce the issue?';

describe('the answer to "are you able to reproduce the issue?"', () => {
  it.each([
    ["We can't", 'no'],
    ['We can’t', 'no'],
    ["I can't reproduce it", 'no'],
    ["We couldn't, only the customer sees it", 'no'],
    ['not reproducible', 'no'],
    ["Yes we can't", 'no'],
    ['Yes, no problem', 'yes'],
    ['Yes or No', undefined],
    ['Yes / No', undefined],
    ['No/Yes', undefined],
    ['Y N', undefined],
    ['Yes or No: No', 'no'],
    ['Yes or No, yes', 'yes'],
    ['Yes we can, the button does not work', 'yes'],
    ['Yes ☐ No ☑', 'no'],
    ['Yes ☑ No ☐', 'yes'],
    ['Yes [ ] No [x]', 'no'],
    ['Yes [x] No [ ]', 'yes'],
    ['☐ Yes ☑ No', 'no'],
    ['[x] Yes [ ] No', 'yes'],
    ['Yes or No: ☑ Yes ☐ No', 'yes'],
    ['Yes ☐ No ☐', undefined],
    ['☐ Yes ☐ No', undefined],
  ])('%s', async (answer, expected) => {
    const { fields } = await read(`ZUID: 650456410\nProduct: Zoho Cliq\n${ASKED} ${answer}`);
    expect(fields.reproducible?.value).toBe(expected);
  });

  it.each([
    ['¿Puede reproducir el problema?', 'No podemos', 'no'],
    ['¿Puede reproducir el problema?', 'Sí No', undefined],
    ['Você consegue reproduzir o problema?', 'Não conseguimos', 'no'],
    ['Você consegue reproduzir o problema?', 'Consigo não', 'no'],
    ['Czy możesz odtworzyć problem?', 'Nie możemy', 'no'],
    ['Czy możesz odtworzyć problem?', 'Tak czy nie', undefined],
    ['Kunt u het probleem reproduceren?', 'Niet reproduceerbaar', 'no'],
    ['問題を再現できますか', '：はい', 'yes'],
    ['問題を再現できますか？', 'はい', 'yes'],
    ['問題を再現できますか', '：いいえ', 'no'],
    ['問題を再現できますか', '：はい/いいえ', undefined],
    ['Có thể tái hiện:', 'không', 'no'],
    ['Có thể tái hiện:', 'có', 'yes'],
    ['Tái hiện được:', 'không', 'no'],
  ])('%s %s', async (question, answer, expected) => {
    const { fields } = await read(`ZUID: 650456410\n${question} ${answer}`);
    expect(fields.reproducible?.value).toBe(expected);
  });

  // "Không có" is Vietnamese for "there is none".
  const inTwoWords = Object.entries(languages).filter(([code]) => code !== 'vi');
  it.each(inTwoWords)('a "no" before a "yes" is none of the template, in %s', async (_, language) => {
    const [label] = language.labels.reproducible ?? [];
    const { fields } = await read(`ZUID: 650456410\n${label}: ${language.no[0]} ${language.yes[0]}`);
    expect(fields.reproducible?.value).toBe('no');
  });

  it.each(Object.entries(languages))('yes and no behind each label that asks, in %s', async (code, language) => {
    for (const label of language.labels.reproducible ?? []) {
      for (const value of ['yes', 'no'] as const) {
        const { fields } = await read(`ZUID: 650456410\n${label}: ${language[value][0]}`);
        expect(fields.reproducible?.value, `${code} ${label}: ${language[value][0]}`).toBe(value);
      }
    }
  });
});

describe('ids', () => {
  it.each([
    'ZOID: n/a, call 600123456',
    'ZOID: unknown, tel. 0301234567',
    'ZOID: see invoice 12345678',
    'ZOID: not known (ticket 5551234)',
    'ZUID: as of 20250304 unknown',
    'ZOID: Telefon 0301234567',
    'ZOID: no disponible, factura 12345678',
    'ZOID: まだ不明 電話 0312345678',
  ])('another number is none: %s', async (line) => {
    const { fields } = await read(`Product: Zoho Cliq\n${line}`);
    expect([fields.zoid?.value, fields.zuid?.value]).toEqual([undefined, undefined]);
  });

  it.each([
    'ZOID: 76006415',
    'ZOID: #76006415',
    'ZOID: 76006415 (Acme), call 600123456',
    'ZOID: Org ID 76006415',
    'ZOID: the ID is 76006415',
    'ZOID: (customer) 76006415',
    'ZOID of the organisation: 76006415',
    'The ZOID of the customer is 76006415.',
    'El ZOID del cliente es 76006415.',
    'ZOID: "76006415"',
  ])('the id: %s', async (line) => {
    const { fields } = await read(`Product: Zoho Cliq\n${line}`);
    expect(fields.zoid?.value).toBe('76006415');
  });
});

const cell = (text: string) => `<td>${text}</td>`;
const row = (...cells: readonly string[]) => `<tr>${cells.map(cell).join('')}</tr>`;
const HEADS = row('Customer email', 'Zoho product', 'Description');

describe('a table with headings above', () => {
  const long = '<p>First line.</p><p>Second line.</p><p>Third.</p>';

  it('a value of several lines is read once', async () => {
    const { fields } = await read(`<table>${HEADS}${row('a@client.example', 'Zoho Desk', long)}</table>`, 'html');
    expect(fields.description?.value.split(/\s*\n\s*/)).toEqual(['First line.', 'Second line.', 'Third.']);
    expect(fields.product?.value).toBe('Zoho Desk');
  });

  it('of several lines in any column', async () => {
    const heads = row('Description', 'Customer email', 'Zoho product');
    const { fields } = await read(`<table>${heads}${row(long, 'a@client.example', 'Zoho Desk')}</table>`, 'html');
    expect(fields.description?.value.split(/\s*\n\s*/)).toEqual(['First line.', 'Second line.', 'Third.']);
    expect(fields.customerEmail?.value).toBe('a@client.example');
    expect(fields.product?.value).toBe('Zoho Desk');
  });

  it('a second row is a second request', async () => {
    const rows = row('a@client.example', 'Zoho Desk', long) + row('b@other.example', 'Zoho CRM', 'It is slow.');
    const { fields, secondRequest } = await read(`<table>${HEADS}${rows}</table><p>Thanks</p>`, 'html');
    expect(secondRequest).toBe(true);
    expect([fields.customerEmail?.value, fields.product?.value]).toEqual(['a@client.example', 'Zoho Desk']);
    expect(fields.description?.value).not.toMatch(/slow|Thanks/);
  });
});

describe('two requests', () => {
  const request = (email: string, product: string, what: string) =>
    `Customer email: ${email}\nZoho product: ${product}\nDescription: ${what}`;

  it.each(['Request 2', '2)', '#2', '--- 2 ---', 'Second request', 'Solicitud n.º 2:', '二つ目'])(
    'the heading of the second is not of the first: %s',
    async (heading) => {
      const first = request('a@client.example', 'Zoho Desk', 'it fails');
      const second = request('b@other.example', 'Zoho CRM', 'it is slow');
      const { fields, secondRequest } = await read(`${first}\n\n${heading}\n${second}`);
      expect(secondRequest).toBe(true);
      expect(fields.description?.value).toBe('it fails');
    },
  );

  it('what ends the first with a full stop stays', async () => {
    const first = request('a@client.example', 'Zoho Desk', 'it fails\n\nSince Monday.');
    const { fields } = await read(`${first}\n\n${request('b@other.example', 'Zoho CRM', 'it is slow')}`);
    expect(fields.description?.value).toBe('it fails\n\nSince Monday.');
  });
});

describe('what is no value', () => {
  it.each(Object.entries(languages))('the untouched hint of the product, in %s', async (code, language) => {
    const [label] = language.labels.product ?? [];
    for (const hint of language.hints.filter((one) => one.includes('Zoho CRM'))) {
      for (const body of [`${label}: ${hint}`, `${label}:\n${hint}`, `${label} (${hint}): N/A`]) {
        const { fields } = await read(`ZUID: 650456410\n${body}`);
        expect(fields.product?.value, `${code} ${body}`).toBeUndefined();
      }
    }
  });

  it.each([
    'CAUTION: external mail.',
    'CAUTION: This is an external mail, think before you click.',
    'Warning: external sender',
    'Ticket id: 12345678',
    'Ticket number: 12345678',
    'Case: 12345',
    'Sent from: Mail',
    'Notice: new forms are on the sign page',
  ])('an ordinary line: "%s"', async (line) => {
    const { fields } = await read(`ZUID: 650456410\n${line}\n\nHello team, please see below.`);
    expect(Object.keys(fields)).toEqual(['zuid']);
  });
});
