/** policy/cases.yaml: enquiries with the decision they must lead to, so that a changed rule shows what it changes. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { createCsvDirectory } from '../adapters/licences/licences-csv.ts';
import { createCsvRegister } from '../adapters/licences/partners-csv.ts';
import { IntakeError, messageOf, UserError } from '../errors.ts';
import type { Templates } from '../pipeline/reply/reply-template.ts';
import { readYaml } from '../pipeline/words/yaml.ts';
import type { Policy } from '../policy.ts';
import type { ConsultContext } from '../stages/consult.ts';
import { caseSchema, failuresOf } from './policy-case.ts';
import { spellingFailures, spellingsSchema } from './policy-spellings.ts';

const casesSchema = z.strictObject({
  licences: z.string(),
  partners: z.string(),
  spellings: spellingsSchema.optional(),
  cases: z.array(caseSchema).min(1),
});

/** Cases that were read once, to be run under any policy. */
export type Cases = {
  readonly count: number;
  /** A line for each difference, in the order of the file; ends after the first case that fails when asked to. */
  run(policy: Policy, options?: RunOptions): Promise<string[]>;
};
export type RunOptions = {
  /** What replies are written from: without them a case that says what a reply must say cannot be checked, and fails. */
  readonly templates?: Templates | undefined;
  readonly untilFirst?: boolean;
};

/** Reads the file. @throws UserError naming every path that is wrong. */
export function loadCases(file: string): Cases {
  let source: unknown;
  try {
    source = readYaml(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file}: ${messageOf(error)}`);
  }
  const parsed = casesSchema.safeParse(source);
  if (!parsed.success)
    throw new UserError(
      parsed.error.issues.map((issue) => `${file}: ${issue.path.join('.')}: ${issue.message}`).join('\n'),
    );
  const { licences, partners, cases, spellings } = parsed.data;
  const directory = createCsvDirectory({ variable: file, name: 'licences', text: () => licences });
  const register = createCsvRegister({ variable: file, name: 'partners', text: () => partners });
  const unreachable = () => Promise.reject(new IntakeError('temporary', 'unreachable', 'unreachable'));
  // The same services are read but once, however many policies share them.
  const spelled = new WeakMap<object, string[]>();
  const misread = ({ services }: Policy): string[] => {
    const known = spelled.get(services) ?? (spellings ? spellingFailures(spellings, services) : []);
    spelled.set(services, known);
    return known;
  };
  return {
    count: cases.length,
    async run(policy, { templates, untilFirst = false } = {}) {
      const failures = [...misread(policy)];
      for (const one of cases) {
        if (untilFirst && failures.length > 0) return failures;
        const ctx: ConsultContext = {
          policy,
          directory: one.directory === 'unreachable' ? { ...directory, find: unreachable } : directory,
          partners: register,
          now: () => new Date(one.arrivedAt),
        };
        failures.push(...(await failuresOf(one, ctx, templates)).map((line) => `${one.name}: ${line}`));
      }
      return failures;
    },
  };
}

/**
 * Reads and runs all cases. @returns how many there are, and a line for each difference.
 * @throws UserError when the file itself is wrong.
 */
export async function runCases(
  file: string,
  policy: Policy,
  templates?: Templates,
): Promise<{ count: number; failures: string[] }> {
  const cases = loadCases(file);
  return { count: cases.count, failures: await cases.run(policy, { templates }) };
}
