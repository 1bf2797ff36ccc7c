/** Cross-checks: what no single file of the policy can know of itself. */

import type { Languages } from '../policy-languages.ts';
import { languageProblems } from '../policy-languages.ts';
import { doubleServices } from './check-services.ts';
import { escalationProblems } from './escalation.ts';
import { didYouMean } from './nearest.ts';
import type { Problem } from './problems.ts';
import { type Files, LANGUAGES } from './schemas.ts';

/** Everything that does not fit together, by the file in which it is mended. */
export function crossChecks(policy: Files, languages: Languages): Problem[] {
  return [
    ...replyLanguages(policy, languages),
    ...languageWords(policy, languages),
    ...doubleServices(policy.services),
    ...doubtfulRanges(policy.regions),
    ...lateTargets(policy.commitment),
    ...growingPauses(policy.outbound),
    ...textsBeforeOriginals(policy.retention),
    ...escalationProblems(policy.escalation, policy.regions.countries),
  ];
}

function replyLanguages({ outbound }: Files, languages: Languages): Problem[] {
  const { fallbackLanguage, replyLanguages } = outbound;
  const file = 'outbound';
  const unknown = replyLanguages.flatMap((code, index) => {
    if (languages[code]) return [];
    const message = `there is no ${LANGUAGES}/${code}.yaml${didYouMean(code, Object.keys(languages))}`;
    return [{ file, path: ['replyLanguages', index], message }];
  });
  if (replyLanguages.includes(fallbackLanguage)) return unknown;
  return [...unknown, { file, path: ['fallbackLanguage'], message: `'${fallbackLanguage}' is not in replyLanguages` }];
}

function languageWords(policy: Files, languages: Languages): Problem[] {
  const types = policy.severity.requestTypes.map(({ name }) => name);
  const natures: readonly string[] = policy.severity.natures;
  return Object.entries(languages).flatMap(([code, entry]) => [
    ...languageProblems(entry).map((problem) => ({ file: `${LANGUAGES}/${code}`, ...problem })),
    ...strange('requestTypes', Object.keys(entry.requestTypes), types).map((problem) => ({
      file: `${LANGUAGES}/${code}`,
      ...problem,
    })),
    ...strange('natures', Object.keys(entry.natures), natures).map((problem) => ({
      file: `${LANGUAGES}/${code}`,
      ...problem,
    })),
  ]);
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
