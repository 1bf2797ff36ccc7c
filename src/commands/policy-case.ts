/** One case of policy/cases.yaml: what it says, and where a policy decides otherwise. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Decision, type Enquiry, FieldName, MailboxName, MailKind } from '../model.ts';
import { classify } from '../pipeline/decide/classify.ts';
import { compose } from '../pipeline/reply/compose.ts';
import type { Templates } from '../pipeline/reply/reply-template.ts';
import { type ConsultContext, consult } from '../stages/consult.ts';

const DEFAULT_ARRIVAL = '2026-03-03T10:00:00Z';

export const caseSchema = z.strictObject({
  name: z.string(),
  mailbox: MailboxName.default('com'),
  from: z.string(),
  kind: MailKind.default('request'),
  arrivedAt: z.iso.datetime({ offset: true }).default(DEFAULT_ARRIVAL),
  language: z.string().default('en'),
  subject: z.string().default(''),
  text: z.string().default(''),
  fields: z.partialRecord(FieldName, z.string()).default({}),
  directory: z.enum(['answers', 'unreachable']).default('answers'),
  /** The part of the decision that must be so. */
  expect: z.record(z.string(), z.unknown()),
  /** Rules that must be among the reasons, rules that must not, and words that a rule's reason must hold. */
  reasons: z.array(z.string()).default([]),
  without: z.array(z.string()).default([]),
  because: z.record(z.string(), z.string()).default({}),
  /** What the text of the reply must hold, or must not. */
  says: z.array(z.string()).default([]),
  saysNot: z.array(z.string()).default([]),
});
type Case = z.infer<typeof caseSchema>;

/** A line for each thing that is not as the case says. */
export async function failuresOf(one: Case, ctx: ConsultContext, templates?: Templates): Promise<string[]> {
  const enquiry = enquiryOf(one);
  const consultation = await consult(ctx, enquiry, one.from);
  const mail = { kind: one.kind, kindBecause: 'as the case says', subject: one.subject, text: one.text };
  const decision = classify(
    { mail, enquiry, mailbox: one.mailbox, arrivedAt: new Date(one.arrivedAt), ...consultation },
    ctx.policy,
  );
  const rules = decision.reasons.map((reason) => reason.rule);
  const says = (rule: string, words: string) =>
    decision.reasons.some((reason) => reason.rule === rule && reason.because.includes(words));
  const known = Object.keys(ctx.policy.labels.languages);
  return [
    ...(known.includes(one.language) ? [] : [`there is no languages/${one.language}.yaml`]),
    ...differences(one.expect, decision, ''),
    ...one.reasons
      .filter((rule) => !rules.includes(rule))
      .map((rule) => `the reason ${rule} is missing; there are ${rules.join(', ')}`),
    ...one.without.filter((rule) => rules.includes(rule)).map((rule) => `the reason ${rule} should not be there`),
    ...Object.entries(one.because)
      .filter(([rule, words]) => !says(rule, words))
      .map(([rule, words]) => `no reason ${rule} says "${words}"`),
    ...replyFailures(one, enquiry, decision, ctx, templates),
  ];
}

function enquiryOf(one: Case): Enquiry {
  const source = { part: 'text', start: 0, end: 0, label: null, language: null } as const;
  const fields = Object.entries(one.fields).map(([field, value]) => [field, { value, confidence: 1, source }]);
  return { language: one.language, template: true, fields: Object.fromEntries(fields) };
}

function replyFailures(
  one: Case,
  enquiry: Enquiry,
  decision: Decision,
  { policy }: ConsultContext,
  templates: Templates | undefined,
): string[] {
  if (one.says.length + one.saysNot.length === 0) return [];
  if (!templates) return ['what a reply says cannot be checked without its templates'];
  if (!decision.reply) return ['there is no reply'];
  const { text } = compose(templates, policy, {
    kind: decision.reply,
    language: one.language,
    ticketNumber: 'P-1042',
    subject: one.subject,
    understood: Object.entries(enquiry.fields).map(([field, { value }]) => ({ field: field as FieldName, value })),
    missing: decision.missing,
    superadmin: enquiry.fields.superadminEmail?.value ?? null,
    matchedBy: decision.account?.matchedBy ?? null,
    mailbox: decision.mailbox,
  });
  return [
    ...one.says.filter((words) => !text.includes(words)).map((words) => `the reply does not say "${words}"`),
    ...one.saysNot.filter((words) => text.includes(words)).map((words) => `the reply says "${words}"`),
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
