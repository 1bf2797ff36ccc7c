/** What a support lead edits, policy and reply texts, read together: both are in force, or neither. */
import type { Config } from './config.ts';
import { UserError } from './errors.ts';
import type { Templates } from './pipeline/reply/reply-template.ts';
import type { Policy } from './policy.ts';
import { readPolicy } from './policy.ts';
import { readTemplates } from './templates.ts';

export type Rules = { readonly policy: Policy; readonly templates: Templates };
export type RuleFolders = Pick<Config, 'policyDir' | 'templatesDir'>;

/** @throws UserError naming everything that is wrong in both folders, one line each. */
export function loadRules({ policyDir, templatesDir }: RuleFolders): Rules {
  const { policy, problems } = readPolicy(policyDir);
  // Which languages need texts only a valid policy says; those that are there are checked all the same.
  const texts = readTemplates(templatesDir, policy?.outbound.replyLanguages ?? []);
  const said = [
    ...(problems.length > 0 ? ['the policy is not valid:', ...problems] : []),
    ...(texts.problems.length > 0 ? ['the reply templates are not valid:', ...texts.problems] : []),
  ];
  if (policy === null || said.length > 0) throw new UserError(said.join('\n'));
  return { policy, templates: texts.templates };
}
