/** Every value of the rules is held by a case of policy/cases.yaml, or by a check beside it: change any of them, and one says so. */
import { describe, expect, it } from 'vitest';
import { loadCases } from '../../src/commands/policy-cases.ts';
import { loadPolicy, type Policy } from '../../src/policy.ts';
import { loadTemplates } from '../../src/templates.ts';
import { checkFailures } from '../support/policy-checks.ts';
import { mutantsOf } from '../support/policy-mutants.ts';

const FOLDER = `${import.meta.dirname}/../../policy`;
const policy = loadPolicy(FOLDER);
const templates = loadTemplates(`${FOLDER}/../templates`, policy.outbound.replyLanguages);
const cases = loadCases(`${FOLDER}/cases.yaml`);

const SECTIONS = [
  'regions',
  'services',
  'severity',
  'commitment',
  'mailboxes',
  'identification',
  'partners',
  'escalation',
  'outbound',
  'retention',
  'desk',
] as const satisfies readonly (keyof Policy)[];

/** Of 249 countries: those that the domain names, and one more of each region. */
const COUNTRIES = ['US', 'IN', 'AU', 'NZ', 'JP', 'SA', 'CA', 'BR', 'GB', 'UK', 'DE', 'SG', 'ZA', 'MX', 'AE', 'FR'];
/** Of some 600 public mail services. */
const GENERIC = ['gmail.com', 'yahoo.com', 'outlook.com', 'hotmail.com', 'icloud.com', 'zoho.com', 'qq.com'];

/** Values that no case holds, and why. */
const EXCEPTIONS: readonly [path: RegExp, because: string][] = [
  [/^regions\.regions\.[a-z-]+\.name$/, 'shown to people, decides nothing'],
  [/^severity\.requestTypes\.Technical Support$|^severity\.requestTypes\.0\.name$/, 'says no more than no type at all'],
  [/^severity\.signals$|^severity\.natures\.[a-z-]+\./, 'words of languages/: held by the labelled sets'],
  [/^severity\.requestTypes\.\d+\.words$/, 'words of languages/: held by the labelled sets'],
  [/^commitment\.weekendSignals$/, 'words of languages/: held by the labelled sets'],
  [/^escalation\.(risks|notRisks)$/, 'words: tried by the statements of test/labelled/risks.yaml'],
];
/** An everyday word does not count in a sentence, with a capital or without: the flag says nothing beside the other. */
const REDUNDANT: ReadonlySet<string> = new Set(
  (['excluded', 'eligible', 'suites'] as const).flatMap((kind) =>
    policy.services[kind].flatMap(({ commonWord }, index) => (commonWord ? [`services.${kind}.${index}.capital`] : [])),
  ),
);
const SAMPLED: readonly [path: RegExp, sample: readonly string[]][] = [
  [/^regions\.countries\.(.+)$/, COUNTRIES],
  [/^identification\.genericDomains\.(.+)$/, GENERIC],
];

const isSkipped = (path: string): boolean =>
  REDUNDANT.has(path) ||
  EXCEPTIONS.some(([exception]) => exception.test(path)) ||
  SAMPLED.some(([pattern, sample]) => {
    const entry = pattern.exec(path)?.[1];
    return entry !== undefined && !sample.includes(entry);
  });

describe('policy/cases.yaml and the checks beside it', () => {
  it.each(SECTIONS)('notices each change of a value in %s', async (section) => {
    expect(await cases.run(policy, { templates }), 'the policy as it is').toEqual([]);
    expect(checkFailures(policy), 'the policy as it is').toEqual([]);
    const unnoticed: string[] = [];
    let tried = 0;
    for (const mutant of mutantsOf(policy, [section], isSkipped)) {
      tried += 1;
      // Quick, and the cases are not.
      if (checkFailures(mutant.policy).length > 0) continue;
      const failures = await cases.run(mutant.policy, { templates, untilFirst: true });
      if (failures.length === 0) unnoticed.push(`${mutant.path}: ${mutant.change}`);
    }
    expect(unnoticed).toEqual([]);
    expect(tried).toBeGreaterThan(0);
  });

  it('has no exception for what is not there', () => {
    const paths = SECTIONS.flatMap((section) => pathsOf(policy[section], section));
    expect(EXCEPTIONS.filter(([exception]) => !paths.some((path) => exception.test(path)))).toEqual([]);
    const named = [
      ...COUNTRIES.map((code) => `regions.countries.${code}`),
      ...GENERIC.map((domain) => `identification.genericDomains.${domain}`),
    ];
    expect(named.filter((path) => !paths.includes(path))).toEqual([]);
  });
});

/** Every path an exception may speak of. */
function pathsOf(value: unknown, path: string): string[] {
  if (Array.isArray(value))
    return [
      path,
      ...value.flatMap((inner, index) =>
        typeof inner === 'object' ? pathsOf(inner, `${path}.${index}`) : [`${path}.${inner}`],
      ),
    ];
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, `${path}.${key}`))];
}
