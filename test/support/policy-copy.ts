/** Copies of the shipped policy to make mistakes in, and what is said of them. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { loadPolicy } from '../../src/policy.ts';

export const SHIPPED_POLICY = join(import.meta.dirname, '../../policy');

/** `languages/de` for each language the shipped policy has. */
export const LANGUAGE_FILES = readdirSync(join(SHIPPED_POLICY, 'languages'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `languages/${name.slice(0, -'.yaml'.length)}`);

/** An empty folder that is gone when the test is. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Enough for a test: each language costs time to read. */
const FEW = ['en', 'es', 'pt', 'de', 'vi', 'ar', 'fr'];

/** A copy of the shipped policy, as a rule with a few languages only, in which replies are written then. */
export function copyPolicy(languages: readonly string[] = FEW): string {
  const folder = emptyFolder();
  cpSync(SHIPPED_POLICY, folder, { recursive: true });
  const others = LANGUAGE_FILES.filter((name) => !languages.includes(name.slice('languages/'.length)));
  for (const name of others) rmSync(join(folder, `${name}.yaml`));
  if (others.length === 0) return folder;
  // Nor words for risks in a language that is not there.
  const file = join(folder, 'escalation.yaml');
  const [contacts = '', risks = ''] = readFileSync(file, 'utf8').split(/(?=^risks:)/m);
  const kept = risks.replace(/^ {2}([a-z]{2}):.*\n(?: {4}.*\n)*/gm, (entry, code) =>
    languages.includes(code) ? entry : '',
  );
  writeFileSync(file, contacts + kept);
  const line = /^replyLanguages: .*$/m.exec(readFileSync(join(folder, 'outbound.yaml'), 'utf8'))?.[0] ?? '';
  changePolicy(folder, 'outbound', line, `replyLanguages: [${languages.join(', ')}]`);
  return folder;
}

/** Replaces every `from` of a file, of which there must be one, by `to`. */
export function changeFile(file: string, from: string, to: string): void {
  const source = readFileSync(file, 'utf8');
  expect(source, file).toContain(from);
  writeFileSync(
    file,
    source.replaceAll(from, () => to),
  );
}

/** Replaces `from`, which must be there exactly once, by `to`. */
export function changePolicy(folder: string, name: string, from: string, to: string): void {
  const file = join(folder, `${name}.yaml`);
  const source = readFileSync(file, 'utf8');
  expect(source.split(from), `${name}.yaml holds ${JSON.stringify(from)} once`).toHaveLength(2);
  writeFileSync(
    file,
    source.replace(from, () => to),
  );
}

/** The problem lines, with the folder left out; fails when the policy loads. */
export function problemsOf(folder: string): string[] {
  try {
    loadPolicy(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    const [title, ...problems] = (error as UserError).message.replaceAll(`${folder}/`, '').split('\n');
    expect(title).toBe('the policy is not valid:');
    return problems;
  }
  return expect.fail('the broken policy was loaded');
}
