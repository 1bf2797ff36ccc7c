import { describe, expect, it } from 'vitest';
import type { Enquiry, FieldName, ParsedMail } from '../../src/model.ts';
import { readMail } from '../../src/pipeline/mail/read.ts';
import { loadPolicy } from '../../src/policy.ts';
import { filledIn, LAYOUTS, mailWith, templateBody } from '../support/template-mails.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);
const languages = Object.keys(policy.labels.languages);

async function read(text: string, subject = 'Request') {
  return await readMail(mailWith({ part: 'text', body: text }, { Subject: subject }), policy);
}

async function values(text: string, subject = 'Request'): Promise<Partial<Record<FieldName, string>>> {
  const { enquiry } = await read(text, subject);
  return Object.fromEntries(Object.entries(enquiry.fields).map(([field, found]) => [field, found?.value]));
}

/** What stands in the mail where a field says it was read. */
function rawOf(mail: ParsedMail, enquiry: Enquiry, field: FieldName): string | undefined {
  const source = enquiry.fields[field]?.source;
  if (!source) return undefined;
  return (source.part === 'subject' ? mail.subject : mail.parts[source.part]).slice(source.start, source.end);
}

describe.each(languages)('the template in %s', (code) => {
  it.each(LAYOUTS)('as %s', async (layout) => {
    const { written, expected } = filledIn(code);
    const language = policy.labels.languages[code];
    if (!language) throw new Error(code);
    const { mail, enquiry } = await readMail(mailWith(templateBody(language, written, layout)), policy);
    const found = Object.entries(enquiry.fields).map(([field, value]) => [field, value?.value]);
    expect(Object.fromEntries(found)).toEqual(expected);
    expect(enquiry.template).toBe(true);
    expect(enquiry.language).toBe(code);
    for (const [field, value] of Object.entries(written) as [FieldName, string][]) {
      expect(rawOf(mail, enquiry, field)).toBe(value);
      expect(enquiry.fields[field]?.source.language).toBe(code);
    }
  });
});

it('every label of the policy is recognised in front of a value, in its own field', async () => {
  const given: Partial<Record<string, string>> = {
    customerEmail: 'a@client.example',
    superadminEmail: 'a@client.example',
    zuid: '12345678',
    zoid: '12345678',
    zgid: '12345678',
    serviceOrganisationId: '12345678',
    product: 'Zoho CRM',
    reproducible: '?!x',
  };
  for (const [code, language] of Object.entries(policy.labels.languages)) {
    for (const [field, labels] of Object.entries(language.labels)) {
      if (field === 'screenshots') continue;
      for (const label of labels ?? []) {
        const { enquiry } = await read(`${label}: ${given[field] ?? 'something'}`);
        expect(enquiry.fields[field as FieldName]?.source.label, `${code}: ${label}`).toBeTypeOf('string');
      }
    }
  }
}, 60_000);

describe('values', () => {
  it('an address in brackets, as a link, between bidi marks, in capitals', async () => {
    for (const written of [
      '<owner@Client.EXAMPLE>',
      'owner@client.example<mailto:owner@client.example>',
      '\u202aowner@client.example\u202c',
      '"The Owner" <owner@client.example>, other@client.example',
      '[owner@client.example](mailto:owner@client.example)',
    ]) {
      const { mail, enquiry } = await read(`Super admin email: ${written}\nProduct: Zoho CRM`);
      expect(enquiry.fields.superadminEmail?.value).toBe('owner@client.example');
      expect(rawOf(mail, enquiry, 'superadminEmail')?.toLowerCase()).toBe('owner@client.example');
    }
  });

  it('hints of the template are no values, in the label or above the value', async () => {
    const text = [
      'Customer email address',
      'Email address with reference to the raised request',
      'jane@client.example',
      'Zoho product name (Ex - Zoho CRM, Zoho Desk, etc.): Zoho Books',
      'Are you able to reproduce the issue? Yes or No (Elaborate) No, only once',
      'Description of the issue/question (50 words): Invoices are late',
      'Troubleshooting steps performed: (If any)',
    ];
    expect(await values(text.join('\n'))).toEqual({
      customerEmail: 'jane@client.example',
      product: 'Zoho Books',
      reproducible: 'no',
      description: 'Invoices are late',
    });
  });

  it('a template filled with nothing is empty', async () => {
    const text = [
      'Customer email address: [customer email]',
      'Super admin email: N/A',
      'Zoho product name: -',
      'Reproducible: Yes or No',
      'Description: none',
      'ZOID: xxx',
    ];
    expect(await values(text.join('\n'))).toEqual({});
  });

  it('a long value ends at the next label, a closing or the signature, and keeps its paragraphs', async () => {
    const text =
      'Product: CRM\nDescription:\nFirst line.\n\nSecond paragraph: with a colon.\nSteps taken: cleared cache\nKind regards,\nSam\n-- \nSam';
    expect(await values(text)).toEqual({
      product: 'Zoho CRM',
      description: 'First line.\n\nSecond paragraph: with a colon.',
      troubleshooting: 'cleared cache',
    });
  });

  it('ids by their label only: no telephone number, no record id, other digits read as digits', async () => {
    expect(
      await values('ZUID: +55 11 99999-9999\nZOID: 1234567890123456789\nZGID: ٦٥٥٩٠٦٨٠٦\nPhone: 34600123456'),
    ).toEqual({ zgid: '655906806' });
    expect(await values('Service Organisation ID [ZOID or ZGID]: 60001234567')).toEqual({
      serviceOrganisationId: '60001234567',
    });
  });

  it.each([
    ['Yes, every time', 'yes'],
    ['no', 'no'],
    ['Sometimes', 'unknown'],
    ['Not sure', 'unknown'],
    ['[ ] Yes [x] No', 'no'],
    ['We cannot', 'no'],
  ])('reproducible: %s', async (written, expected) => {
    expect((await values(`Reproducible: ${written}\nProduct: CRM`)).reproducible).toBe(expected);
  });

  it.each([
    ['zohobooks', 'Zoho Books'],
    ['Writer', 'Zoho Writer'],
    ['Zoho Writer add-ons', 'Zoho Writer add-ons'],
    ['Writer - automation credits', 'Zoho Writer add-ons'],
    ['Data-Prep', 'Zoho DataPrep'],
    ['Zoho One (CRM)', 'Zoho CRM'],
    ['Zoho One', 'Zoho One'],
    ['Ledger 3000', 'Ledger 3000'],
  ])('product: %s', async (written, expected) => {
    expect((await values(`Product: ${written}\nZOID: 76006415`)).product).toBe(expected);
  });
});

describe('labels as people write them', () => {
  it.each([
    ['1) Zoho product name – CRM'],
    ['**Zoho product name:** CRM'],
    ['Zoho product name\tCRM'],
    ['Zohho prodct name: CRM'],
    ['ZOHO PRODUCT NAME =CRM'],
    ['Customer email: a@client.example | Zoho product name: CRM'],
  ])('%s', async (line) => {
    const { enquiry } = await read(`ZOID: 76006415\n${line}`);
    expect(enquiry.fields.product).toMatchObject({ value: 'Zoho CRM', source: { label: expect.any(String) } });
  });

  it('a misspelt label is less certain than a right one', async () => {
    const right = await read('Zoho product name: CRM');
    const wrong = await read('Zohho prodct name: CRM');
    expect(wrong.enquiry.fields.product?.confidence).toBeLessThan(right.enquiry.fields.product?.confidence ?? 0);
  });

  it('no label in the middle of a sentence', async () => {
    expect(await values('The product name is not shown and the description of the issue follows later.')).toEqual({});
  });

  it('a long label that is wrapped', async () => {
    const text = 'Correo electrónico del superadministrador de la\ncuenta: owner@client.example\nProducto: Zoho CRM';
    expect((await values(text)).superadminEmail).toBe('owner@client.example');
  });
});

describe('without labels', () => {
  it.each([
    ['the super admin is owner@client.example', 'owner@client.example'],
    ['Customer email: jane@client.example (super admin: owner@client.example)', 'owner@client.example'],
    ['owner@client.example is the super admin and jane@client.example a user', 'owner@client.example'],
    ['owner@client.example (super admin), jane@client.example', 'owner@client.example'],
    ['el superadministrador es\nowner@client.example', 'owner@client.example'],
    ['jane@client.example is not the super admin', undefined],
    ['We know no super admin. Write to jane@client.example', undefined],
  ])('%s', async (text, expected) => {
    expect((await values(text)).superadminEmail).toBe(expected);
  });

  it('ids and products named in prose, less certain than labelled ones', async () => {
    const { enquiry } = await read(
      'In Zoho Analytics the reports of ZOID 76006415 (ZUID 650456410) are empty, call 34600123456.',
    );
    expect(enquiry.fields).toMatchObject({
      product: { value: 'Zoho Analytics' },
      zoid: { value: '76006415' },
      zuid: { value: '650456410' },
    });
    expect(enquiry.fields.zgid).toBeUndefined();
    expect(enquiry.fields.zoid?.confidence).toBeLessThan(0.9);
    expect(enquiry.template).toBe(false);
  });

  it('everyday words are products in a subject only', async () => {
    expect(await values('Please connect me to the people who show how to sign.')).toEqual({});
    expect(await values('Please help', 'Desk tickets are missing')).toEqual({ product: 'Zoho Desk' });
    expect(await values('Please help', 'Cannot sign in')).toEqual({});
    expect(await values('Please help', 'Cannot sign in to CRM')).toEqual({ product: 'Zoho CRM' });
  });
});

describe('which text counts', () => {
  it('not the quoted template, but the answers within it', async () => {
    const text = [
      'See below.',
      '',
      'On Mon, 3 Mar 2025 at 10:00, Zoho <partner-support@zohocorp.com> wrote:',
      '> ZOID: 11111111',
      '> Super admin email:',
      'owner@client.example',
      '> Zoho product name:',
      '>',
      'Zoho CRM',
    ];
    expect(await values(text.join('\n'))).toEqual({ superadminEmail: 'owner@client.example', product: 'Zoho CRM' });
  });

  it('the HTML part when it says more than the text part', async () => {
    const html =
      '<table><tr><td>Super admin email</td><td>owner@client.example</td></tr><tr><td>Product</td><td>CRM</td></tr></table>';
    const raw = [
      'From: sam@partner.example',
      'Subject: Request',
      'Content-Type: multipart/alternative; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'Product: CRM',
      '--b',
      'Content-Type: text/html',
      '',
      html,
      '--b--',
    ].join('\n');
    const { mail, enquiry } = await readMail(Buffer.from(raw), policy);
    expect(enquiry.fields.superadminEmail?.source.part).toBe('html');
    expect(rawOf(mail, enquiry, 'superadminEmail')).toBe('owner@client.example');
    expect(enquiry.fields.product?.source.part).toBe('text');
  });

  it("the writer's language, not that of the labels", async () => {
    const text =
      'Customer email address: a@client.example\nDescription of the issue/question: Los usuarios no pueden entrar en la cuenta desde esta mañana y no aparece ningún error.';
    expect((await read(text)).enquiry.language).toBe('es');
  });
});

it('a mail of nothing but labels, separators or digits is read in linear time', async () => {
  const start = performance.now();
  for (const piece of ['Customer email: ', 'zoid ', '1234567 ', '(', '@', '| Product: ', 'super admin ', '- ', '\t']) {
    await read(piece.repeat(40_000));
    await read(`${piece}\n`.repeat(15_000));
  }
  expect(performance.now() - start).toBeLessThan(30_000);
}, 60_000);
