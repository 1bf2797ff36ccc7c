/** What a text without a template says: whose an address is, which product is meant, whether the issue was reproduced. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Enquiry } from '../../src/model.ts';
import { findAddresses } from '../../src/pipeline/extract/address-text.ts';
import { readMail } from '../../src/pipeline/mail/read.ts';
import { loadPolicy } from '../../src/policy.ts';
import { BOUNDED_MS } from '../support/bounded.ts';

const policy = loadPolicy(join(import.meta.dirname, '..', '..', 'policy'));

async function read(body: string, subject = ''): Promise<Enquiry> {
  const head = `From: Sam <sam@reseller.example>\nTo: help@desk.example\nSubject: ${subject}\nContent-Type: text/plain; charset=utf-8`;
  return (await readMail(Buffer.from(`${head}\n\n${body}\n`), policy)).enquiry;
}

describe("the super admin's address, and the customer's beside it", () => {
  it.each([
    'The user is ann@c.example and the super admin is boss@c.example.',
    'boss@c.example is the super admin and the user is ann@c.example.',
    'boss@c.example (super admin) and ann@c.example (user).',
    'boss@c.example - super admin, ann@c.example - user',
    'The user ann@c.example (ZUID 650112874) and the owner (super admin) is boss@c.example.',
    'Usuario ann@c.example y su super admin boss@c.example',
    "L'utilisatrice est ann@c.example (ZUID 650112874) et le super admin c'est boss@c.example.",
    "L'utente ann@c.example e il super admin è boss@c.example",
    'Der Benutzer ist ann@c.example und boss@c.example ist der Superadmin.',
    'Pengguna adalah ann@c.example, super adminnya boss@c.example.',
    'المستخدم هو ann@c.example ومالك الحساب (super admin) هو boss@c.example.',
    'العميل ann@c.example والمشرف العام هو boss@c.example',
    '사용자는 ann@c.example 이고 슈퍼 관리자는 boss@c.example 입니다.',
    'boss@c.example 님이 슈퍼 관리자이고 사용자는 ann@c.example입니다.',
    'ユーザーはann@c.exampleで、スーパー管理者はboss@c.exampleです。',
    'boss@c.exampleがスーパー管理者で、ユーザーはann@c.exampleです。',
    '用户是ann@c.example，超级管理员为boss@c.example。',
  ])('%s', async (text) => {
    const { fields } = await read(text);
    expect([fields.superadminEmail?.value, fields.customerEmail?.value]).toEqual(['boss@c.example', 'ann@c.example']);
  });

  it.each([
    'The user is ann@c.example, the super admin is not known yet.',
    'The user is ann@c.example, the super admin is on leave.',
    '고객 메일은 ann@c.example 이고, 조직의 슈퍼 관리자는 아직 확인 중입니다.',
    'The team of ann@c.example changed its account ownership.',
  ])('is nobody that is named beside: %s', async (text) => {
    const { fields } = await read(text);
    expect([fields.superadminEmail, fields.customerEmail?.value]).toEqual([undefined, 'ann@c.example']);
  });

  it('is surer where it is said than where the two only stand side by side', async () => {
    const said = (await read('The super admin is boss@c.example.')).fields.superadminEmail?.confidence ?? 0;
    const near = (await read('The super admin of the company, boss@c.example, knows.')).fields.superadminEmail;
    expect(near?.value).toBe('boss@c.example');
    expect(said).toBeGreaterThan(near?.confidence ?? 1);
  });
});

it.each([
  ['ユーザーはann@c.exampleです', 'ann@c.example'],
  ['ann@c.example입니다', 'ann@c.example'],
  ['联系ann@c.example的用户', 'ann@c.example'],
  ['ann@例え.テスト', 'ann@例え.テスト'],
  ['ann@bücher.example', 'ann@bücher.example'],
])('an address ends where the next word begins: %s', (text, address) => {
  expect(findAddresses(text)[0]?.address).toBe(address);
});

describe('the product among several', () => {
  it.each([
    ['The data comes from Zoho CRM, and Zoho Analytics shows none of it.', 'analytics sync failing', 'Zoho Analytics'],
    ['Zoho CRM works fine, but Zoho Desk shows no tickets.', '', 'Zoho Desk'],
    ['Zoho CRM funktioniert einwandfrei, aber Zoho Desk zeigt nichts.', '', 'Zoho Desk'],
    ['Zoho Mail是正常的，Zoho Desk打不开。', '', 'Zoho Desk'],
    ['Zoho CRM does not work fine since Zoho Desk was added.', '', 'Zoho CRM'],
    ['Nothing else than that: Zoho CRM works fine.', '', 'Zoho CRM'],
    ['Their Zoho Books is fine.\n\nZoho Sign hangs.', '', 'Zoho Sign'],
  ])('%s', async (text, subject, product) => {
    expect((await read(text, subject)).fields.product?.value).toBe(product);
  });
});

it.each([
  ['On our test account, with the same settings, we were not able to\nreproduce it in any browser.', 'no'],
  ['On our test account, with the very same settings, we could easily\nreproduce it in any browser.', 'yes'],
  ['Bei uns tritt der Fehler auch auf.', 'yes'],
  ['Bij ons treedt het probleem ook op.', 'yes'],
  ['Conseguimos simular o erro aqui.', 'yes'],
  ['U nas problem też występuje.', 'yes'],
])('whether it was reproduced: %s', async (text, answer) => {
  expect((await read(text)).fields.reproducible?.value).toBe(answer);
});

it("a super admin's address that a mail program wrapped to the next line", async () => {
  const { fields } = await read(
    'As far as we can see the person who is the super admin of it is\nboss@c.example, a director.',
  );
  expect(fields.superadminEmail?.value).toBe('boss@c.example');
});

it('a long text of nothing but products that work is read in time', async () => {
  const start = performance.now();
  await read('Zoho CRM works fine and Zoho Desk works fine and so on and on '.repeat(5_000), 'Zoho Books');
  await read('Zoho CRM works fine\n'.repeat(20_000));
  expect(performance.now() - start).toBeLessThan(BOUNDED_MS);
});
