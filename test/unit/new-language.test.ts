/** A language is one file and no code: Danish, which the shipped policy does not have, put into a copy of it as languages/da.yaml, as the README there has it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { impactOf, natureOf } from '../../src/pipeline/decide/impact.ts';
import { readMail } from '../../src/pipeline/mail/read.ts';
import { loadPolicy, type Policy } from '../../src/policy.ts';
import { language } from '../../src/policy-languages.ts';
import { mailWith } from '../support/template-mails.ts';

const SHIPPED = join(import.meta.dirname, '../../policy');

/** The example that a translator copies. */
const readme = readFileSync(join(SHIPPED, 'languages/README.md'), 'utf8');
const DANISH = /```yaml\n(.*?)```/s.exec(readme)?.[1] ?? '';

const TEMPLATE = `Kære Zoho-team,

Kundens e-mailadresse: lone@vinhandel.example
Superadministratorens e-mailadresse: ejer@vinhandel.example
Type af supportsag: Teknisk support
Kan du genskabe problemet? Ja eller Nej (forklar venligst): Nej, kun hos kunden
Zoho-produktets navn: Zoho CRM
Beskrivelse af problemet/spørgsmålet:
Kunden får en fejlmeddelelse, hver gang hun åbner en forretning.
Siden bliver tom, og vi kan ikke se, hvorfor det sker.
Udførte fejlfindingstrin: Vi har ryddet cachen og prøvet en anden browser.
Brugerens ZUID: 284351623

Med venlig hilsen
Sam

Den man. 3. mar. 2025 kl. 10.12 skrev Partner Support <support@partner.example>:
> Kundens e-mail: gammel@andet.example
`;

const folder = mkdtempSync(join(tmpdir(), 'policy-'));
cpSync(SHIPPED, folder, { recursive: true });
writeFileSync(join(folder, 'languages/da.yaml'), DANISH);
const shipped = loadPolicy(SHIPPED);
const policy = loadPolicy(folder);
afterAll(() => rmSync(folder, { recursive: true }));

const read = async (body: string, subject = 'Sag', using: Policy = policy) =>
  await readMail(mailWith({ part: 'text', body }, { Subject: subject }), using);

describe('Danish by its file alone', () => {
  it('reads the template in full, by its own labels', async () => {
    const { mail, enquiry } = await read(TEMPLATE);
    const found = Object.fromEntries(Object.entries(enquiry.fields).map(([field, value]) => [field, value?.value]));
    expect(found).toEqual({
      customerEmail: 'lone@vinhandel.example',
      superadminEmail: 'ejer@vinhandel.example',
      requestType: 'Teknisk support',
      reproducible: 'no',
      product: 'Zoho CRM',
      description:
        'Kunden får en fejlmeddelelse, hver gang hun åbner en forretning.\nSiden bliver tom, og vi kan ikke se, hvorfor det sker.',
      troubleshooting: 'Vi har ryddet cachen og prøvet en anden browser.',
      zuid: '284351623',
    });
    expect(new Set(Object.values(enquiry.fields).map((value) => value?.source.language))).toEqual(new Set(['da']));
    expect([enquiry.template, enquiry.language]).toEqual([true, 'da']);
    expect(mail.quoted).toContain('gammel@andet.example');
  });

  it('is not read so without the file', async () => {
    const { enquiry } = await read(TEMPLATE, 'Sag', shipped);
    expect(enquiry.language).not.toBe('da');
    expect(Object.values(enquiry.fields).filter((value) => (value?.confidence ?? 0) >= 0.9)).not.toHaveLength(8);
  });

  it.each([
    'Vores kunde får en fejlmeddelelse, hver gang hun åbner en forretning, og siden bliver tom.',
    'Siden i går bliver der ikke sendt nogen e-mails til kontakterne.',
    'Kan I fortælle os, hvordan man eksporterer alle fakturaer på én gang?',
  ])('is told from its neighbours Swedish and German: %s', async (text) => {
    expect((await read(text)).enquiry.language).toBe('da');
  });

  it.each([
    ['sv', 'Vår kund får ett felmeddelande varje gång hon öppnar en affär.'],
    ['de', 'Unser Kunde erhält eine Fehlermeldung, sobald er ein Geschäft öffnet.'],
    ['nl', 'Onze klant krijgt een foutmelding zodra ze een deal opent.'],
  ])('takes nothing from them: %s', async (code, text) => {
    expect((await read(text)).enquiry.language).toBe(code);
  });

  it('finds the super admin and the answer in free text', async () => {
    const { enquiry } = await read(
      'Hej,\n\nsuperadministratoren er ejer@vinhandel.example. Vi kan ikke genskabe fejlen.',
    );
    expect(enquiry.fields.superadminEmail?.value).toBe('ejer@vinhandel.example');
    expect(enquiry.fields.reproducible?.value).toBe('no');
  });

  it('knows an absence notice by its subject', async () => {
    const { mail } = await read('Jeg er tilbage på mandag.', 'Ikke på kontoret: Sag');
    expect(mail.kind).toBe('auto-reply');
    const { mail: before } = await read('Jeg er tilbage på mandag.', 'Ikke på kontoret: Sag', shipped);
    expect(before.kind).toBe('request');
  });

  it('speaks for a nature, a severity and the weekend', async () => {
    const { mail, enquiry } = await read('Siden i morges kan ingen logge ind hos kunden.');
    const statement = { subject: mail.subject, text: mail.text, enquiry };
    expect(impactOf(statement, 'incident', policy)).toMatchObject({ severity: 'S1', weekendsCount: true });
    const wish = { ...statement, text: 'Kunne I tilføje en knap til eksport?' };
    expect(natureOf(wish, policy).nature).toBe('feature-request');
    expect(natureOf(wish, shipped).nature).not.toBe('feature-request');
  });
});

it('every key is in the README, and in its example', () => {
  const table = /## The keys\n(.*?)\n## /s.exec(readme)?.[1] ?? '';
  const named = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell]) => cell?.match(/[a-zA-Z]+/g) ?? []);
  const keys = Object.keys(language.shape);
  expect(named.filter((word) => word !== 'key').toSorted()).toEqual(keys.toSorted());
  expect([...DANISH.matchAll(/^([a-zA-Z]+):/gm)].map(([, key]) => key).toSorted()).toEqual(keys.toSorted());
});
