/** The policy as it is, but with less patience: what waits minutes for a mail server waits a moment. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const POLICY = resolve(import.meta.dirname, '../../policy');

export const QUICK = {
  retrySeconds: '{ first: 0.2, most: 1 }',
  believeAbsenceAfterSeconds: '3',
  unknownOutcomeMinutes: '0.01',
};

/** Writes a copy with other values in outbound.yaml into a folder below `folder`. @returns its path, for POLICY_DIR. */
export async function quickPolicy(folder: string, values: Partial<typeof QUICK> = QUICK): Promise<string> {
  const target = join(folder, 'quick-policy');
  await cp(POLICY, target, { recursive: true });
  const file = join(target, 'outbound.yaml');
  let source = await readFile(file, 'utf8');
  for (const [name, value] of Object.entries(values)) {
    const line = new RegExp(`^${name}: .*$`, 'm');
    if (!line.test(source)) throw new Error(`outbound.yaml has no ${name}`);
    source = source.replace(line, `${name}: ${value}`);
  }
  await writeFile(file, source);
  return target;
}
