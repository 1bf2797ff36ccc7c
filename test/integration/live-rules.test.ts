/** Rules exchanged under load: mails that are being read are read to their end, by the threads that took them up. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openLiveRules } from '../../src/live-rules.ts';
import { createLogger } from '../../src/log.ts';
import { pinned } from '../../src/stages/context.ts';
import { LARGE, letter } from '../support/letters.ts';
import { copyPolicy } from '../support/policy-copy.ts';

const raw = Buffer.from(letter({ id: 'x@mail.example' }));
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

it('loses no mail and takes each policy in turn', async () => {
  const policyDir = copyPolicy();
  const folders = { policyDir, templatesDir: join(import.meta.dirname, '../../templates') };
  const rules = openLiveRules(folders, createLogger('silent'));
  closing.push(() => rules.close());
  const hashes = new Set([rules.policy.hash]);
  const readings: Promise<unknown>[] = [];
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 10; n++) readings.push(rules.read(raw));
    const file = join(policyDir, 'regions.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}# ${round}\n`);
    expect(rules.reload()).toBe(true);
    hashes.add(rules.policy.hash);
  }
  expect(hashes.size).toBe(4);
  await expect(Promise.all(readings)).resolves.toHaveLength(30);
  writeFileSync(join(policyDir, 'regions.yaml'), 'regions: {}\n');
  const { policy, templates } = rules;
  expect(rules.reload()).toBe(false);
  expect(rules.policy).toBe(policy);
  expect(rules.templates).toBe(templates);
  await expect(rules.read(raw)).resolves.toMatchObject({ mail: { messageId: '<x@mail.example>' } });
});

it('what began under a policy is read under it, though another came into force meanwhile', async () => {
  const policyDir = copyPolicy();
  const folders = { policyDir, templatesDir: join(import.meta.dirname, '../../templates') };
  const rules = openLiveRules(folders, createLogger('silent'));
  closing.push(() => rules.close());
  const ctx = {
    get read() {
      return rules.read;
    },
  };
  const begun = pinned(ctx);
  const file = join(policyDir, 'languages/en.yaml');
  const label = 'Mailbox of whoever owns all that';
  writeFileSync(file, readFileSync(file, 'utf8').replace(/(\n {2}superadminEmail:\n)/, `$1    - ${label}\n`));
  expect(rules.reload()).toBe(true);
  const lines = [
    'Zoho product name: Zoho CRM',
    `${label}: ${LARGE}`,
    'Description of the issue/question: It is wrong.',
  ];
  const mail = Buffer.from(letter({ id: 'y@mail.example', lines }));
  const labelIn = async (read: typeof rules.read) => (await read(mail)).enquiry.fields.superadminEmail?.source.label;
  expect(await labelIn(ctx.read)).toBe(label);
  expect(await labelIn(begun.read)).not.toBe(label);
});
