/** Policies that differ from the shipped one in a single value: what policy/cases.yaml has to notice. */
import { DEADLINE_NAMES, MAILBOX_NAMES, PartnerContract, REGIONS, RequestNature, Severity } from '../../src/model.ts';
import type { Policy } from '../../src/policy.ts';

export type Mutant = { readonly path: string; readonly change: string; readonly policy: Policy };

type Path = readonly (string | number)[];

/** Values that may stand in each other's place. */
const ENUMS: readonly (readonly string[])[] = [
  REGIONS,
  MAILBOX_NAMES,
  Severity.options,
  RequestNature.options,
  PartnerContract.options,
  ['atLeast', 'moreThan'],
  ['max', 'sum'],
  ['customer-then-partner', 'partner-then-customer'],
  ['provisional', 'try-other-keys'],
];
const OTHER_ZONE = 'Pacific/Honolulu';

/**
 * Every number one up and one down, every flag turned, every word of a fixed set replaced by each of the others, every other
 * text changed, every entry of a list or optional part left out; where a list may have more, each entry it could have added.
 * @param skip paths (dotted) that are left as they are, with all below them.
 */
export function* mutantsOf(policy: Policy, sections: readonly (keyof Policy)[], skip: (path: string) => boolean) {
  for (const section of sections) yield* below(policy, [section], policy[section], skip);
}

function* below(policy: Policy, path: Path, value: unknown, skip: (path: string) => boolean): Generator<Mutant> {
  const name = path.join('.');
  if (skip(name)) return;
  const mutant = (change: string, changed: unknown): Mutant => ({
    path: name,
    change,
    policy: withValue(policy, path, changed) as Policy,
  });
  if (Array.isArray(value)) {
    for (const more of ADDED.find(([pattern]) => pattern.test(name))?.[1] ?? [])
      if (!value.includes(more)) yield mutant(`with ${more}`, [...value, more]);
    for (const [index, entry] of value.entries()) {
      const shown = typeof entry === 'object' ? (entry as { name?: string }).name : entry;
      // The path of an entry is its own name: positions change, names are what exceptions speak of.
      if (!skip(`${name}.${shown}`)) yield mutant(`without ${shown}`, value.toSpliced(index, 1));
      if (typeof entry === 'object') yield* below(policy, [...path, index], entry, skip);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* below(policy, [...path, key], inner, skip);
    if (OPTIONAL.test(name)) yield mutant('without', undefined);
    if (name === 'commitment.holidays') yield mutant('with a holiday', { ...value, india: ['2026-12-25'] });
  } else {
    for (const other of others(value)) yield mutant(`${String(value)} -> ${String(other)}`, other);
  }
}

/** Parts that a policy may do without. */
const OPTIONAL = /^(regions\.regions\.[a-z-]+\.ambiguous|regions\.countries\.[A-Z]{2}|severity\.natures\.[a-z-]+)$/;

/** What such a list may have beside what it has. */
const ADDED: readonly (readonly [path: RegExp, entries: readonly string[]])[] = [
  [/^commitment\.pauses\.stops\.[a-z-]+$/, DEADLINE_NAMES],
  [/^commitment\.exempt$/, RequestNature.options],
];

function others(value: unknown): unknown[] {
  if (typeof value === 'number') return [value - 1, value + 1];
  if (typeof value === 'boolean') return [!value];
  const text = String(value);
  const options = ENUMS.find((one) => one.includes(text));
  if (options) return options.filter((option) => option !== text);
  // Not the old text with something added: that would still hold the old one.
  return [/^[A-Z][a-z]+\/[A-Z]/.test(text) ? OTHER_ZONE : `${text.slice(0, -1)}_`];
}

/** A copy with another value at the path; `undefined` leaves it out. What lies beside the path is shared, so caches keep. */
function withValue(from: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const inner = withValue((from as Record<string | number, unknown>)[key], rest, value);
  if (Array.isArray(from)) return from.with(Number(key), inner);
  const { [key]: _, ...others } = from as Record<string | number, unknown>;
  return inner === undefined ? others : { ...(from as object), [key]: inner };
}
