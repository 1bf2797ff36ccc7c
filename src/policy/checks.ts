/** Cross-checks: what no single file of the policy can know of itself. */

import type { LanguagePolicy } from '../policy-languages.ts';
import { languageProblems } from '../policy-languages.ts';
import { doubleServices } from './check-services.ts';
import { escalationProblems } from './escalation.ts';
import { didYouMean } from './nearest.ts';
import type { Problem } from './problems.ts';
import { type Files, LANGUAGES } from './schemas.ts';

/** What was read: undefined is a file that is wrong by itself, and then nothing that needs it is checked. */
export type ReadFiles = { readonly [K in keyof Files]?: Files[K] | undefined };
/** By code, every language there is a file for. */
export type ReadLanguages = Readonly<Record<string, LanguagePolicy | undefined>>;

/** Everything that does not fit together, by the file in which it is mended. */
export function crossChecks(policy: ReadFiles, languages: ReadLanguages): Problem[] {
  const { outbound, severity, services, regions, commitment, escalation, retention } = policy;
  return [
    ...(outbound ? replyLanguages(outbound, languages) : []),
    ...languageWords(severity, languages),
    ...(severity ? withoutWords(severity, languages) : []),
    ...(services ? doubleServices(services) : []),
    ...(regions ? doubtfulRanges(regions) : []),
    ...(commitment ? lateTargets(commitment) : []),
    ...(outbound ? growingPauses(outbound) : []),
    ...(retention ? textsBeforeOriginals(retention) : []),
    ...(escalation ? escalationProblems(escalation, regions?.countries) : []),
    ...(escalation ? riskLanguages(escalation, languages) : []),
  ];
}

/** A language is gone when its file is; nothing is said of each where there is none at all. */
function missingFile(code: string, languages: ReadLanguages): string | null {
  const codes = Object.keys(languages);
  if (codes.length === 0 || codes.includes(code)) return null;
  return `there is no ${LANGUAGES}/${code}.yaml${didYouMean(code, codes)}`;
}

function replyLanguages({ fallbackLanguage, replyLanguages }: Files['outbound'], languages: ReadLanguages): Problem[] {
  const file = 'outbound';
  const unknown = replyLanguages.flatMap((code, index) => {
    const message = missingFile(code, languages);
    return message === null ? [] : [{ file, path: ['replyLanguages', index], message }];
  });
  if (replyLanguages.includes(fallbackLanguage)) return unknown;
  return [...unknown, { file, path: ['fallbackLanguage'], message: `'${fallbackLanguage}' is not in replyLanguages` }];
}

/** Words for risks of a language without a file would be looked for as they stand, without its negations. */
function riskLanguages(escalation: Files['escalation'], languages: ReadLanguages): Problem[] {
  return (['risks', 'notRisks'] as const).flatMap((list) =>
    Object.keys(escalation[list]).flatMap((code) => {
      const message = missingFile(code, languages);
      return message === null ? [] : [{ file: 'escalation', path: [list, code], message }];
    }),
  );
}

function languageWords(severity: Files['severity'] | undefined, languages: ReadLanguages): Problem[] {
  return Object.entries(languages).flatMap(([code, entry]) => {
    if (!entry) return [];
    const types = severity?.requestTypes.map(({ name }) => name);
    const problems = [
      ...languageProblems(entry),
      ...(types ? strange('requestTypes', Object.keys(entry.requestTypes), types) : []),
      ...(severity ? strange('natures', Object.keys(entry.natures), severity.natures) : []),
    ];
    return problems.map((problem) => ({ file: `${LANGUAGES}/${code}`, ...problem }));
  });
}

/** A request type or a nature without words in any language would never be found. A language that is wrong may have them. */
function withoutWords({ requestTypes, natures }: Files['severity'], languages: ReadLanguages): Problem[] {
  const entries = Object.values(languages).filter((entry) => entry !== undefined);
  if (entries.length === 0 || entries.length < Object.keys(languages).length) return [];
  const file = 'severity';
  const where = (key: string, name: string) =>
    `no language has words for it: they belong under ${key}.${name} of ${LANGUAGES}/`;
  return [
    ...requestTypes.flatMap(({ name }, index) =>
      entries.some((entry) => entry.requestTypes[name]?.length)
        ? []
        : [{ file, path: ['requestTypes', index], message: `${name}: ${where('requestTypes', name)}` }],
    ),
    ...natures.flatMap((name, index) =>
      entries.some((entry) => entry.natures[name]?.length)
        ? []
        : [{ file, path: ['natures', index], message: `${name}: ${where('natures', name)}` }],
    ),
  ];
}

/** Words under a name that severity.yaml does not have would never be looked for. */
function strange(key: string, used: readonly string[], known: readonly string[]): Omit<Problem, 'file'>[] {
  return used
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: [key, name],
      message: `not among ${key} of severity.yaml${didYouMean(name, known)}`,
    }));
}

/** A range that ends before it begins holds no count: the note it stands for would never be made. */
function doubtfulRanges({ regions }: Files['regions']): Problem[] {
  return Object.entries(regions).flatMap(([region, { ambiguous }]) =>
    ambiguous && ambiguous.from > ambiguous.to
      ? [
          {
            file: 'regions',
            path: ['regions', region, 'ambiguous'],
            message: `from ${ambiguous.from} is more than to ${ambiguous.to}`,
          },
        ]
      : [],
  );
}

/** The pause grows from first up to most. */
function growingPauses({ retrySeconds: { first, most } }: Files['outbound']): Problem[] {
  const message = `first ${first} is longer than most ${most}`;
  return first > most ? [{ file: 'outbound', path: ['retrySeconds'], message }] : [];
}

/** The original says all that the texts say. */
function textsBeforeOriginals({ originalDays, textDays }: Files['retention']): Problem[] {
  const days = (kept: number | 'forever') => (kept === 'forever' ? Number.POSITIVE_INFINITY : kept);
  const message = `${textDays} is shorter than originalDays (${originalDays}): the original would still say it`;
  return days(textDays) < days(originalDays) ? [{ file: 'retention', path: ['textDays'], message }] : [];
}

/** The target warns before the commitment is broken, so it cannot be later. */
function lateTargets({ severities, largeAccountResolution }: Files['commitment']): Problem[] {
  const dues = Object.entries(severities).flatMap(([severity, { firstResponse, determination }]) => [
    { path: ['severities', severity, 'firstResponse'], ...firstResponse },
    { path: ['severities', severity, 'determination'], ...determination },
  ]);
  return [...dues, { path: ['largeAccountResolution'], ...largeAccountResolution }]
    .filter(({ target, commitment }) => target > commitment)
    .map(({ path, target, commitment }) => ({
      file: 'commitment',
      path,
      message: `target ${target} is later than commitment ${commitment}`,
    }));
}
