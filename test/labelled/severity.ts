/**
 * The labelled severity set: statements by people who had not seen the word lists. The lists were mended by the ones in severity/;
 * nobody has mended anything by those in severity-unseen/: their score is what to expect of others.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Enquiry, RequestNature, Severity } from '../../src/model.ts';
import { impactOf, natureOf } from '../../src/pipeline/decide/impact.ts';
import type { Policy } from '../../src/policy.ts';
import { readData } from './words.ts';

/** The folder of each set, and what it is called. */
export const SETS = { severity: 'worked with', 'severity-unseen': 'unseen' } as const;
export type Half = (typeof SETS)[keyof typeof SETS];
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
  return Object.entries(SETS).flatMap(([folder, half]) => {
    const files = readdirSync(join(import.meta.dirname, folder)).filter((name) => name.endsWith('.yaml'));
    return files.toSorted().flatMap((name) =>
      readData<Statement[]>(`${folder}/${name}`).map((said, index) => {
        const place = { language: name.slice(0, 2), number: index + 1, half };
        return { ...place, ...judge(said, place.language, policy) };
      }),
    );
  });
}

function judge(
  said: Statement,
  language: string,
  policy: Policy,
): Omit<JudgedStatement, 'language' | 'number' | 'half'> {
  const enquiry: Enquiry = { language, template: false, fields: {} };
  const statement = { subject: '', text: said.text, enquiry };
  const { nature, reasons } = natureOf(statement, policy);
  const impact = impactOf(statement, nature, policy);
  const read = { severity: impact.severity, nature, weekend: impact.weekendsCount };
  return {
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
