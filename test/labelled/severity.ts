/**
 * The labelled severity set: statements by people who had not seen the word lists. Odd ones (the 1st, the 3rd, …) are for
 * development, even ones are held out: whoever mends the word lists sees their score, never their texts.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Enquiry, RequestNature, Severity } from '../../src/model.ts';
import { impactOf, natureOf } from '../../src/pipeline/decide/impact.ts';
import type { Policy } from '../../src/policy.ts';
import { readData } from './words.ts';

export type Half = 'development' | 'held out';
type Statement = {
  readonly text: string;
  /** None where the nature has no severity: Partner Operations. */
  readonly severity?: Severity;
  readonly nature: RequestNature;
  readonly weekend?: boolean;
  readonly kind: 'clear' | 'negated' | 'shouting' | 'conflict';
};
export type JudgedStatement = {
  readonly language: string;
  readonly number: number;
  readonly half: Half;
  readonly said: Statement;
  readonly read: { readonly severity: Severity; readonly nature: RequestNature; readonly weekend: boolean };
  readonly because: readonly string[];
  readonly right: { readonly severity: boolean; readonly nature: boolean; readonly weekend: boolean };
};

/** What the policy makes of every statement, as if each were the whole of a mail without a template. */
export function judgeSeverities(policy: Policy): JudgedStatement[] {
  const files = readdirSync(join(import.meta.dirname, 'severity')).filter((name) => name.endsWith('.yaml'));
  return files.toSorted().flatMap((name) => {
    const language = name.slice(0, 2);
    return readData<Statement[]>(`severity/${name}`).map((said, index) => judge(said, index, language, policy));
  });
}

function judge(said: Statement, index: number, language: string, policy: Policy): JudgedStatement {
  const enquiry: Enquiry = { language, template: false, fields: {} };
  const statement = { subject: '', text: said.text, enquiry };
  const { nature, reasons } = natureOf(statement, policy);
  const impact = impactOf(statement, nature, policy);
  const read = { severity: impact.severity, nature, weekend: impact.weekendsCount };
  return {
    language,
    number: index + 1,
    half: index % 2 === 0 ? 'development' : 'held out',
    said,
    read,
    because: [...reasons, ...impact.reasons].map(({ rule, because }) => `${rule}: ${because}`),
    right: {
      // Partner Operations has no severity: then the nature says it all.
      severity: said.severity === undefined ? nature === said.nature : read.severity === said.severity,
      nature: nature === said.nature,
      weekend: read.weekend === (said.weekend ?? false),
    },
  };
}

/** The share of statements of which something is read right. */
export const accuracy = (some: readonly JudgedStatement[], of: keyof JudgedStatement['right']): number =>
  some.length === 0 ? 1 : some.filter(({ right }) => right[of]).length / some.length;
