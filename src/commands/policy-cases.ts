/** policy/cases.yaml: enquiries with the decision they must lead to, so that a changed rule shows what it changes. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { createCsvDirectory } from '../adapters/licences-csv.ts';
import { createCsvRegister } from '../adapters/partners-csv.ts';
import { IntakeError, messageOf, UserError } from '../errors.ts';
import { type Enquiry, FieldName, MailboxName, MailKind } from '../model.ts';
import { classify } from '../pipeline/classify.ts';
import { readYaml } from '../pipeline/yaml.ts';
import type { Policy } from '../policy.ts';
import { consult } from '../stages/consult.ts';

const DEFAULT_ARRIVAL = '2026-03-03T10:00:00Z';

const caseSchema = z.strictObject({
  name: z.string(),
  mailbox: MailboxName.default('com'),
  from: z.string(),
  kind: MailKind.default('request'),
  arrivedAt: z.iso.datetime({ offset: true }).default(DEFAULT_ARRIVAL),
  subject: z.string().default(''),
  text: z.string().default(''),
  fields: z.partialRecord(FieldName, z.string()).default({}),
  directory: z.enum(['answers', 'unreachable']).default('answers'),
  /** The part of the decision that must be so. */
  expect: z.record(z.string(), z.unknown()),
  /** Rules that must be among the reasons, and rules that must not. */
  reasons: z.array(z.string()).default([]),
  without: z.array(z.string()).default([]),
});
type Case = z.infer<typeof caseSchema>;

const casesSchema = z.strictObject({ licences: z.string(), partners: z.string(), cases: z.array(caseSchema).min(1) });

/**
 * Runs all cases. @returns how many there are, and a line for each that fails.
 * @throws UserError when the file itself is wrong.
 */
export async function runCases(file: string, policy: Policy): Promise<{ count: number; failures: string[] }> {
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
  const { licences, partners, cases } = parsed.data;
  const ctx = {
    policy,
    directory: createCsvDirectory({ variable: file, name: 'licences', text: () => licences }),
    partners: createCsvRegister({ variable: file, name: 'partners', text: () => partners }),
  };
  const unreachable = {
    ...ctx,
    directory: {
      ...ctx.directory,
      find: () => Promise.reject(new IntakeError('temporary', 'unreachable', 'unreachable')),
    },
  };
  const failures: string[] = [];
  for (const one of cases) {
    failures.push(
      ...(await runCase(one, one.directory === 'unreachable' ? unreachable : ctx)).map(
        (line) => `${one.name}: ${line}`,
      ),
    );
  }
  return { count: cases.length, failures };
}

async function runCase(one: Case, ctx: Parameters<typeof consult>[0]): Promise<string[]> {
  const enquiry: Enquiry = {
    language: 'en',
    template: true,
    fields: Object.fromEntries(
      Object.entries(one.fields).map(([field, value]) => [
        field,
        { value, confidence: 1, source: { part: 'text', start: 0, end: 0, label: null, language: null } },
      ]),
    ),
  };
  const consultation = await consult(ctx, enquiry, one.from);
  const mail = { kind: one.kind, kindBecause: 'as the case says', subject: one.subject, text: one.text };
  const decision = classify(
    { mail, enquiry, mailbox: one.mailbox, arrivedAt: new Date(one.arrivedAt), ...consultation },
    ctx.policy,
  );
  const rules = decision.reasons.map((reason) => reason.rule);
  return [
    ...differences(one.expect, decision, ''),
    ...one.reasons
      .filter((rule) => !rules.includes(rule))
      .map((rule) => `the reason ${rule} is missing; there are ${rules.join(', ')}`),
    ...one.without.filter((rule) => rules.includes(rule)).map((rule) => `the reason ${rule} should not be there`),
  ];
}

/** Where `actual` is not as `expected` says; what `expected` does not name is free. */
function differences(expected: unknown, actual: unknown, path: string): string[] {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject(expected) && isObject(actual)) {
    return Object.entries(expected).flatMap(([key, value]) =>
      differences(value, actual[key], path ? `${path}.${key}` : key),
    );
  }
  return isDeepStrictEqual(expected, actual)
    ? []
    : [`${path} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`];
}
