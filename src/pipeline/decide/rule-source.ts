/** Where a rule of a decision comes from: the policy file and value that a support lead would change, or what else it rests on. */
import type { Decision, Enquiry, Reason } from '../../model.ts';
import type { Policy } from '../../policy.ts';

/** `path` and `value` are null for what is no value of the policy: the directory, the register, the mail itself. */
export type RuleSource = { readonly from: string; readonly path: string | null; readonly value: string | null };

/** What the resolvers may look at. */
type Looked = {
  readonly reason: Reason;
  readonly decision: Decision;
  readonly enquiry: Enquiry;
  readonly policy: Policy;
};
type Resolve = (looked: Looked, ...parts: string[]) => RuleSource;

const elsewhere = (from: string): RuleSource => ({ from, path: null, value: null });

/** By the rule's name; the first that matches. */
const SOURCES: readonly (readonly [RegExp, Resolve])[] = [
  [
    /^regions\.([a-z-]+)\.licences$/,
    ({ policy }, region) => inFile(policy, 'regions', ['regions', region, 'licences']),
  ],
  [
    /^regions\.([a-z-]+)\.ambiguous$/,
    ({ policy }, region) => inFile(policy, 'regions', ['regions', region, 'ambiguous']),
  ],
  [/^regions\.default\.([a-z]+)$/, ({ policy }, mailbox) => inFile(policy, 'regions', ['default', mailbox])],
  [/^regions\.(?:customer|partner)$/, regionSource],
  [
    /^mailboxes\.expected$/,
    ({ policy, decision }) => inFile(policy, 'mailboxes', ['mailboxes', decision.mailbox.expected, 'address']),
  ],
  [/^services\.excluded$/, ({ policy }) => inFile(policy, 'services', ['excluded'])],
  [/^severity\.requestTypes$/, requestTypeSource],
  [/^severity\.natures\.(.+)$/, (looked, nature) => wordSource(looked, ['natures', nature])],
  [/^severity\.signals\.(S\d)/, (looked, severity) => wordSource(looked, ['severities', severity])],
  [/^commitment\.weekendSignals$/, (looked) => wordSource(looked, ['weekends'])],
  [/^identification\.superadmin-unknown$/, ({ policy }) => inFile(policy, 'identification', ['unknownSuperadmin'])],
  [
    /^identification\.(?:by-hand|by-hand-unknown|superadmin-conflict)$|^severity\.override$/,
    () => elsewhere('an associate'),
  ],
  [/^identification\./, () => elsewhere('the licence directory')],
  [/^partners\.unverified$/, () => elsewhere('the partner register')],
  [/^kind\./, () => elsewhere("the mail's headers")],
  [/^replies\.(.+)$/, ({ enquiry }, kind) => elsewhere(`templates/${enquiry.language}/${kind}.md`)],
];

/** The source of one reason of a decision. */
export function sourceOf(looked: Looked): RuleSource {
  const { rule } = looked.reason;
  for (const [pattern, resolve] of SOURCES) {
    const match = pattern.exec(rule);
    if (match) return resolve(looked, ...match.slice(1));
  }
  const [file = '', ...path] = rule.split('.');
  const found = path.length > 0 ? inFile(looked.policy, file, path) : null;
  return found !== null && found.value !== null ? found : elsewhere('the published rules');
}

/** A value by its path in one file of the policy. */
function inFile(policy: Policy, file: string, path: readonly (string | undefined)[]): RuleSource {
  const value = path.reduce<unknown>((within, key) => inside(within, key), inside(policy, file));
  return { from: `${file}.yaml`, path: path.join('.'), value: shown(value) };
}

const inside = (within: unknown, key: string | undefined): unknown =>
  typeof within === 'object' && within !== null && key !== undefined && Object.hasOwn(within, key)
    ? (within as Record<string, unknown>)[key]
    : undefined;

/** By its country where the directory or the register names no region. */
function regionSource({ decision, policy }: Looked): RuleSource {
  const country = decision.country;
  if (country && policy.regions.countries[country] === decision.region)
    return inFile(policy, 'regions', ['countries', country]);
  return elsewhere(decision.regionFrom === 'partner' ? 'the partner register' : 'the licence directory');
}

function requestTypeSource({ reason, policy }: Looked): RuleSource {
  const index = policy.severity.requestTypes.findIndex(({ name }) => reason.because.endsWith(name));
  const type = policy.severity.requestTypes[index];
  if (!type) return { from: 'severity.yaml', path: 'requestTypes', value: null };
  return { from: 'severity.yaml', path: `requestTypes.${index}`, value: `${type.name}: ${type.nature}` };
}

/** The language file in which the words stand: the mail's own language first. */
function wordSource({ reason, enquiry, policy }: Looked, path: readonly (string | undefined)[]): RuleSource {
  const { languages } = policy.labels;
  const codes = [...new Set([enquiry.language, ...Object.keys(languages)])];
  for (const words of [...reason.because.matchAll(/"([^"]+)"/g)].map((match) => match[1] as string)) {
    for (const code of codes) {
      const list = path.reduce<unknown>((within, key) => inside(within, key), languages[code]);
      if (JSON.stringify(list ?? null).includes(JSON.stringify(words)))
        return { from: `languages/${code}.yaml`, path: path.join('.'), value: words };
    }
  }
  return { from: `languages/${enquiry.language}.yaml`, path: path.join('.'), value: null };
}

/** A table of tables by its keys, a list of services by their names. */
function shown(value: unknown): string | null {
  if (value === undefined) return null;
  const isTable = (one: unknown): boolean => typeof one === 'object' && one !== null && !Array.isArray(one);
  if (isTable(value) && Object.values(value as object).every(isTable)) return Object.keys(value as object).join(', ');
  const names = Array.isArray(value) ? value.map((one) => inside(one, 'name') ?? one) : value;
  return typeof names === 'string'
    ? names
    : Array.isArray(names)
      ? names.map(String).join(', ')
      : JSON.stringify(names);
}
