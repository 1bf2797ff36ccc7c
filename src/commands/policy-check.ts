import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { loadPolicy } from '../policy.ts';
import { loadTemplates } from '../templates.ts';
import { runCases } from './policy-cases.ts';
import { say } from './support.ts';

/** `policy check`: exit code 1 when the policy is not valid or a case decides otherwise than it says. */
export async function policyCheck(): Promise<void> {
  const config = readConfig(process.env);
  const policy = loadPolicy(config.policyDir);
  loadTemplates(config.templatesDir, policy.outbound.replyLanguages);
  const { count, failures } = await runCases(join(config.policyDir, 'cases.yaml'), policy);
  if (failures.length > 0)
    throw new UserError(`${failures.length} differences in ${count} cases:\n${failures.join('\n')}`);
  say(`policy ${policy.hash} is valid, ${count} cases decide as they say`);
}
