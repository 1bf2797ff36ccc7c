/** The people of escalation.yaml are real: a demo or a test that mails must use a policy that names nobody who exists. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const ADDRESS = /[^\s@<>[\]{},:'"#]+@[^\s@<>[\]{},:'"#]+/g;

/** The same text with every address replaced by one that cannot exist (RFC 2606): the same for the same, comments included. */
export function exampleContacts(source: string): string {
  const known = new Map<string, string>();
  return source.replace(ADDRESS, (address) => {
    const found = known.get(address) ?? `contact-${known.size + 1}@escalation.example`;
    known.set(address, found);
    return found;
  });
}

/** Copies a policy folder to `target`, its contacts replaced. @returns `target`, for POLICY_DIR. */
export async function withExampleContacts(policy: string, target: string): Promise<string> {
  await cp(policy, target, { recursive: true });
  const file = join(target, 'escalation.yaml');
  await writeFile(file, exampleContacts(await readFile(file, 'utf8')));
  return target;
}
