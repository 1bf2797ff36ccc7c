/** What a new decision changed, in one line for the history: "severity S3 -> S1, account none -> owner@x.example (120 licences)". */
import type { Decision } from '../model.ts';
import { changesOf, DEADLINES, tagChanges } from '../pipeline/decide/changes.ts';

/**
 * Names each changed thing with what it was and is; tags with what came and went. Deadlines are the clock's to tell: a decision
 * counts them from the arrival, and knows of no pause.
 */
export function difference(before: Decision, after: Decision): string {
  const tags = tagChanges(before, after);
  const parts = [
    ...changesOf(before, after)
      .filter(({ what }) => !DEADLINES.includes(what))
      .map(({ what, from, to }) => `${what} ${from} -> ${to}`),
    ...(tags.length > 0 ? [`tags ${tags.join(' ')}`] : []),
  ];
  return parts.length > 0 ? `decided again: ${parts.join(', ')}` : 'decided again: nothing changed';
}
