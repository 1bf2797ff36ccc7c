/** The policy as it is, but nobody it names exists, and with less patience: what waits minutes for a mail server waits a moment. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { withExampleContacts } from '../../src/commands/example-contacts.ts';

const POLICY = resolve(import.meta.dirname, '../../policy');

export const QUICK = {
  retrySeconds: '{ first: 0.2, most: 1 }',
  believeAbsenceAfterSeconds: '3',
  unknownOutcomeMinutes: '0.01',
};

/** A test sends in a minute what should take days; those of the guards set their own. */
const NO_LIMITS = {
  maxMailsPerMailboxAndHour: '100000',
  maxMailsPerHour: '100000',
  storm: '{ replies: 100000, minutes: 10 }',
};
type Figures = typeof QUICK & typeof NO_LIMITS & { readonly maxRepliesPerRecipientAndDay: string };

/** Writes a copy with other values in outbound.yaml into a folder below `folder`. @returns its path, for POLICY_DIR. */
export async function quickPolicy(folder: string, values: Partial<Figures> = QUICK): Promise<string> {
  const target = await withExampleContacts(POLICY, join(folder, 'quick-policy'));
  const file = join(target, 'outbound.yaml');
  let source = await readFile(file, 'utf8');
  for (const [name, value] of Object.entries({ ...NO_LIMITS, ...values })) {
    const line = new RegExp(`^${name}: .*$`, 'm');
    if (!line.test(source)) throw new Error(`outbound.yaml has no ${name}`);
    source = source.replace(line, `${name}: ${value}`);
  }
  await writeFile(file, source);
  return target;
}
