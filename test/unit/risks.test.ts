/** Which statements name a security breach or a risk of data loss, by their own words: none is read from the policy. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { riskIn } from '../../src/pipeline/notice/risks.ts';
import { readYaml } from '../../src/pipeline/words/yaml.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
type Statements = { readonly risk: readonly string[]; readonly none: readonly string[] };
const statements = readYaml(readFileSync(`${import.meta.dirname}/../labelled/risks.yaml`, 'utf8')) as Readonly<
  Record<string, Statements>
>;
const heard = (text: string, language: string): string | null =>
  riskIn({ subject: '', text, enquiry: { language, template: false, fields: {} } }, policy);

describe.each(Object.entries(statements))('in %s', (language, { risk, none }) => {
  it.each(risk)('"%s" names a risk', (text) => expect(heard(text, language)).not.toBeNull());
  it.each(none)('"%s" names none', (text) => expect(heard(text, language)).toBeNull());
});

it('there are statements in every language', () =>
  expect(Object.keys(statements).toSorted()).toEqual(Object.keys(policy.labels.languages).toSorted()));
