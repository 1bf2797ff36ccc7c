import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { notesOf } from '../policy/notes.ts';
import { loadRules } from '../rules.ts';
import { loadCases } from './policy-cases.ts';
import { say } from './support.ts';

/** `policy check`: exit code 1 when the policy is not valid or a case decides otherwise than it says. */
export async function policyCheck(): Promise<void> {
  const config = readConfig(process.env);
  // Both are read before either is complained of: all that is wrong is said at once.
  const [rules, cases] = [
    attempt(() => loadRules(config)),
    attempt(() => loadCases(join(config.policyDir, 'cases.yaml'))),
  ];
  if (!rules.value || !cases.value) throw new UserError([...rules.wrong, ...cases.wrong].join('\n'));
  const { policy, templates } = rules.value;
  const { count } = cases.value;
  const failures = await cases.value.run(policy, { templates });
  if (failures.length > 0)
    throw new UserError(`${failures.length} differences in ${count} cases:\n${failures.join('\n')}`);
  say(`policy ${policy.hash} is valid, ${count} cases decide as they say`);
  for (const note of notesOf(policy, templates)) say(`note: ${note}`);
}

type Attempt<T> = { readonly value: T | null; readonly wrong: readonly string[] };

function attempt<T>(read: () => T): Attempt<T> {
  try {
    return { value: read(), wrong: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { value: null, wrong: [error.message] };
  }
}
