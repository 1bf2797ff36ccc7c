/** What no single decision shows: the clock's pauses, whom notices go to, how replies are sent. Beside policy/cases.yaml, for its mutation test. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { type Partner, REGIONS, type Region } from '../../src/model.ts';
import type { NoticeLevel } from '../../src/notice-model.ts';
import { calendarFor } from '../../src/pipeline/clock/deadlines.ts';
import { recipientsOf } from '../../src/pipeline/notice/contacts.ts';
import { judgeEscalation } from '../../src/pipeline/notice/escalation.ts';
import { readYaml } from '../../src/pipeline/words/yaml.ts';
import type { Policy } from '../../src/policy.ts';
import { behaviourFailures } from './policy-behaviour.ts';

/** A line for each thing that is not as it should be. */
export const checkFailures = (policy: Policy): string[] => [
  ...behaviourFailures(policy),
  ...holidayFailures(policy),
  ...recurringFailures(policy),
  ...contactFailures(policy),
];

const HOLIDAY = '2026-12-25';

/** No region has holidays of its own yet; where one has, an outage runs on. */
function holidayFailures(policy: Policy): string[] {
  const free = REGIONS.filter((region) => calendarFor(region, false, policy).holidays.length > 0);
  const holidays = Object.fromEntries(REGIONS.map((region) => [region, [HOLIDAY]]));
  const festive: Policy = { ...policy, commitment: { ...policy.commitment, holidays } };
  const waits = !calendarFor('india', false, festive).holidays.includes(HOLIDAY);
  return [
    ...free.map((region) => `${region} has holidays`),
    ...(waits ? ['a holiday does not stop the clock'] : []),
    ...(calendarFor('india', true, festive).holidays.length > 0 ? ['an outage waits for the end of a holiday'] : []),
  ];
}

/** The third S1 ticket is a reason to escalate, the second is none. */
function recurringFailures(policy: Policy): string[] {
  const partner: Partner = {
    ...{ domain: 'reseller.example', name: 'Reseller', tier: 'premium', country: 'IN', region: null, language: 'en' },
    ...{ contract: 'valid', accountManager: '' },
  };
  const outcome = (recentCritical: number): string =>
    judgeEscalation(
      {
        ...{ subject: '', text: 'please escalate', partner, severity: 'S2', outage: false, due: {} },
        ...{ recentCritical, now: new Date('2026-03-04T09:00:00Z') },
      },
      policy,
    ).outcome;
  const [second, third] = [outcome(2), outcome(3)];
  return second === 'wished' && third === 'told' ? [] : [`two S1 tickets: ${second}, three: ${third}`];
}

type Told = { readonly in: readonly string[]; readonly told: readonly string[] };
const contacts = readYaml(readFileSync(`${import.meta.dirname}/../labelled/contacts.yaml`, 'utf8')) as Record<
  Region,
  Record<NoticeLevel, readonly Told[]>
>;
/** A country of no territory. */
const OTHER = 'PL';

function contactFailures(policy: Policy): string[] {
  const countries: Readonly<Record<string, readonly (string | null)[]>> = {
    all: [null, OTHER, ...Object.values(policy.escalation.territories).flat()],
    none: [null],
    others: [OTHER],
  };
  return REGIONS.flatMap((region) =>
    Object.entries(contacts[region]).flatMap(([level, groups]) =>
      groups.flatMap((group) =>
        group.in
          .flatMap((code) => countries[code] ?? [code])
          .flatMap((country) => {
            const notice = { region, level: level as NoticeLevel, country, recipient: null };
            const told = recipientsOf(notice, policy, null);
            return isDeepStrictEqual(told, group.told) ? [] : [`${region} ${level} ${country}: ${told.join(', ')}`];
          }),
      ),
    ),
  );
}
