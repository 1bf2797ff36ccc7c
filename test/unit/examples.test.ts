/** Every example mail, read, looked up and decided as the daemon does it, against what was decided by hand. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load as parseYaml } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createCsvDirectory } from '../../src/adapters/licences/licences-csv.ts';
import { createCsvRegister } from '../../src/adapters/licences/partners-csv.ts';
import { MAILBOX_NAMES, MailboxName, MailKind, Region, ReplyKind, RequestNature, Severity } from '../../src/model.ts';
import { classify } from '../../src/pipeline/decide/classify.ts';
import { readMail } from '../../src/pipeline/mail/read.ts';
import { loadPolicy } from '../../src/policy.ts';
import { consult } from '../../src/stages/consult.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const EXAMPLES = join(ROOT, 'examples');
/** The languages the examples must show, and how many mails of each at least. */
const LANGUAGES = ['en', 'es', 'pt', 'de', 'vi', 'ar', 'fr'];
const MAILS_PER_LANGUAGE = 3;

const outcome = z.strictObject({
  state: z.enum(['ticketed', 'suppressed']),
  kind: MailKind.optional(),
  severity: Severity.nullable(),
  priorityCustomer: z.boolean(),
  provisional: z.boolean(),
  region: Region.optional(),
  reply: ReplyKind.nullable(),
  language: z.string().optional(),
  superadminEmail: z.string().optional(),
  product: z.string().optional(),
  requestNature: RequestNature.optional(),
  tags: z.array(z.string()).optional(),
  mailboxes: z.array(MailboxName).optional(),
  why: z.string().optional(),
});

const expected = z
  .record(z.string(), outcome)
  .parse(parseYaml(readFileSync(join(EXAMPLES, 'expected.yaml'), 'utf8')) as unknown);
const policy = loadPolicy(join(ROOT, 'policy'));
const csv = (name: string) => ({ variable: name, name, text: () => readFileSync(join(EXAMPLES, name)) });
const ctx = {
  policy,
  directory: createCsvDirectory(csv('licences.csv')),
  partners: createCsvRegister(csv('partners.csv')),
  now: () => new Date('2026-03-03T10:00:00Z'),
};
const files = MAILBOX_NAMES.flatMap((mailbox) =>
  readdirSync(join(EXAMPLES, 'mail', mailbox)).map((file) => `${mailbox}/${file}`),
).sort();
const rawOf = (file: string): Buffer => readFileSync(join(EXAMPLES, 'mail', file));

/** What became of a mail, in the words of expected.yaml. */
async function outcomeOf(file: string) {
  const mailbox = MailboxName.parse(file.split('/')[0]);
  const { mail, enquiry } = await readMail(rawOf(file), policy);
  const { partner, directory } = await consult(ctx, enquiry, mail.from.address);
  const arrivedAt = new Date(mail.date ?? '');
  const decision = classify({ mail, enquiry, mailbox, arrivedAt, directory, partner }, policy);
  return {
    state: mail.kind === 'request' ? 'ticketed' : 'suppressed',
    kind: mail.kind,
    severity: decision.severity,
    priorityCustomer: decision.priorityCustomer,
    provisional: decision.provisional,
    region: decision.region,
    reply: decision.reply,
    language: enquiry.language,
    superadminEmail: decision.account?.superadminEmail ?? enquiry.fields.superadminEmail?.value,
    product: enquiry.fields.product?.value,
    requestNature: decision.requestNature,
    tags: decision.tags,
  };
}

describe('the example mails', () => {
  it('are all decided by hand, and no decision is left without its mail', () => {
    expect(Object.keys(expected).sort()).toEqual(files);
  });

  it.each(files)('%s', async (file) => {
    const { mailboxes: _, why: __, ...decided } = expected[file] ?? {};
    const became = await outcomeOf(file);
    const named = Object.fromEntries(Object.entries(became).filter(([key]) => key in decided));
    expect(named).toEqual(decided);
  });

  it.each(LANGUAGES)('show enough mails in %s', (language) => {
    const count = Object.values(expected).filter((one) => one.language === language).length;
    expect(count).toBeGreaterThanOrEqual(MAILS_PER_LANGUAGE);
  });

  it('read without loss: nothing degraded, no character replaced, subjects and names decoded', async () => {
    for (const file of files) {
      const { mail } = await readMail(rawOf(file), policy);
      expect(mail.degraded, file).toBe(false);
      const words = [mail.subject, mail.from.name, mail.text, mail.quoted].join('\n');
      expect(words, file).not.toMatch(/\ufffd|=\?|Ã|â€/);
    }
  });

  it('hold one mail that lies in both mailboxes: same id, same body, another way', async () => {
    const shared = Object.keys(expected).filter((file) => expected[file]?.mailboxes !== undefined);
    expect(shared.map((file) => file.split('/')[0])).toEqual(['com', 'eu']);
    const [first, second] = await Promise.all(shared.map(async (file) => await readMail(rawOf(file), policy)));
    expect(first?.mail).toEqual(second?.mail);
    const bodies = shared.map((file) => rawOf(file).toString('latin1').split('\r\n\r\n').slice(1).join('\r\n\r\n'));
    expect(bodies[0]).toBe(bodies[1]);
    expect(rawOf(shared[0] ?? '').equals(rawOf(shared[1] ?? ''))).toBe(false);
  });

  it('name no address that could be anybody’s', async () => {
    const texts: [string, string][] = ['licences.csv', 'partners.csv'].map((name) => [name, String(csv(name).text())]);
    for (const file of files) {
      const { mail } = await readMail(rawOf(file), policy);
      const headers = rawOf(file).toString('latin1').split('\r\n\r\n')[0];
      texts.push([file, [headers, mail.parts.text, mail.parts.html].join('\n')]);
    }
    for (const [file, text] of texts) {
      for (const [address] of text.matchAll(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g)) {
        expect(address, file).toMatch(/\.example$|^partner-support@(eu\.)?zohocorp\.com$/);
      }
    }
  });
});
