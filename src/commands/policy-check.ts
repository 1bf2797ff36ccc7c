import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { notesOf } from '../policy/notes.ts';
import { loadRules } from '../rules.ts';
import { runCases } from './policy-cases.ts';
import { say } from './support.ts';

/** `policy check`: exit code 1 when the policy is not valid or a case decides otherwise than it says. */
export async function policyCheck(): Promise<void> {
  const config = readConfig(process.env);
  const { policy, templates } = loadRules(config);
  const { count, failures } = await runCases(join(config.policyDir, 'cases.yaml'), policy, templates);
  if (failures.length > 0)
    throw new UserError(`${failures.length} differences in ${count} cases:\n${failures.join('\n')}`);
  say(`policy ${policy.hash} is valid, ${count} cases decide as they say`);
  for (const note of notesOf(policy, templates)) say(`note: ${note}`);
}
