/** What no single decision shows: the clock's pauses, whom notices go to, how replies are sent. Beside policy/cases.yaml, for its mutation test. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { type NoticeLevel, type Partner, REGIONS, type Region } from '../../src/model.ts';
import { calendarFor } from '../../src/pipeline/clock/deadlines.ts';
import { recipientsOf } from '../../src/pipeline/notice/contacts.ts';
import { judgeEscalation } from '../../src/pipeline/notice/escalation.ts';
import { readYaml } from '../../src/pipeline/words/yaml.ts';
import type { Policy } from '../../src/policy.ts';

/** A line for each thing that is not as it should be. */
export const checkFailures = (policy: Policy): string[] => [
  ...figureFailures(policy),
  ...holidayFailures(policy),
  ...recurringFailures(policy),
  ...contactFailures(policy),
];

/** What was published or decided, by its path. What each does is shown by the tests of the stage that obeys it. */
const FIGURES: Readonly<Record<string, unknown>> = {
  'commitment.pauses.whileAsked': true,
  'commitment.pauses.stops': {
    'missing-superadmin-ask': ['determination', 'resolution'],
    'superadmin-unknown': ['determination', 'resolution'],
    'missing-superadmin-note': [],
  },
  'commitment.pauses.longestHours': 168,
  'commitment.warning': { notify: false },
  'commitment.standstill': { afterMinutes: 15, moreThan: 10 },
  'escalation.managerAfterHours': 4,
  'escalation.basicRequests': { count: 5, days: 30 },
  'escalation.recurringIncidents.days': 30,
  'escalation.digest': { everyMinutes: 15, mostLines: 150 },
  'outbound.receipt': 'off',
  'outbound.noteEveryDays': 7,
  'outbound.holdRepliesToMailOlderThanDays': 7,
  'outbound.maxRepliesPerTicket': 4,
  'outbound.maxRepliesPerRecipientAndDay': 20,
  'outbound.giveUpAfterHours': 48,
  'outbound.retrySeconds': { first: 5, most: 900 },
  'outbound.unknownOutcomeMinutes': 15,
  'outbound.believeAbsenceAfterSeconds': 150,
  'outbound.replyLanguages': ['en', 'es', 'pt', 'de', 'vi', 'ar', 'fr'],
  'outbound.fallbackLanguage': 'en',
};

function figureFailures(policy: Policy): string[] {
  return Object.entries(FIGURES).flatMap(([path, expected]) => {
    const actual = path.split('.').reduce<unknown>((within, key) => (within as Record<string, unknown>)?.[key], policy);
    return isDeepStrictEqual(actual, expected)
      ? []
      : [`${path} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`];
  });
}

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
