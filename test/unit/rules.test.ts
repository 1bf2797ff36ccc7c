/** Policy and reply texts together: everything wrong with both is said at once, and the languages of replies need all their texts. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { REPLY_KINDS } from '../../src/model.ts';
import { loadRules } from '../../src/rules.ts';
import { changePolicy, copyPolicy, emptyFolder } from '../support/policy-copy.ts';

const TEMPLATES = join(import.meta.dirname, '../../templates');

function copyTemplates(): string {
  const folder = emptyFolder();
  cpSync(TEMPLATES, folder, { recursive: true });
  return folder;
}

function problems(policyDir: string, templatesDir: string): string[] {
  try {
    loadRules({ policyDir, templatesDir });
  } catch (error) {
    return (error as Error).message.replaceAll(`${policyDir}/`, '').replaceAll(`${templatesDir}/`, '').split('\n');
  }
  return expect.fail('the broken rules were loaded');
}

it('says what is wrong with both', () => {
  const [policyDir, templatesDir] = [copyPolicy(), copyTemplates()];
  changePolicy(policyDir, 'outbound', 'maxRepliesPerTicket: 4', 'maxRepliesPerTicket: 0');
  rmSync(join(templatesDir, 'fr/superadmin-unknown.md'));
  expect(problems(policyDir, templatesDir)).toEqual([
    'the policy is not valid:',
    expect.stringMatching(/^outbound\.yaml: maxRepliesPerTicket: 0 is too small: more than 0 \(line \d+\)$/),
    'the reply templates are not valid:',
    'fr/superadmin-unknown.md: the file is missing',
  ]);
});

it('needs every kind of text in every language of replies', () => {
  const [policyDir, templatesDir] = [copyPolicy(), copyTemplates()];
  rmSync(join(templatesDir, 'de'), { recursive: true });
  expect(problems(policyDir, templatesDir)).toEqual([
    'the reply templates are not valid:',
    ...REPLY_KINDS.map((kind) => `de/${kind}.md: the file is missing`),
  ]);
});

it('loads what is shipped', () => {
  const { policy, templates } = loadRules({ policyDir: join(TEMPLATES, '../policy'), templatesDir: TEMPLATES });
  for (const language of policy.outbound.replyLanguages) expect(templates.has(language), language).toBe(true);
});
