/** Two requests in one mail: where the template begins a second time. */
import type { LabelField } from '../../policy.ts';
import { isBlank } from '../separate/lines.ts';
import { fold } from '../words/fold.ts';
import type { Entry } from './template.ts';

/** So many fields said twice, each time otherwise, are a second request and no slip of the pen. */
const SAID_AGAIN = 2;

/** Below the place where a second request begins, at least this share of what is said was said above. */
const MOSTLY = 0.6;

/** "Request 2", "2)", "--- 2 ---": a line with a number and few words, wherever it stands; without a number, below a blank line. */
const NUMBERED = /^[^\p{L}\p{N}]{0,12}(?:\p{L}{1,20}[^\p{L}\p{N}]{1,4}){0,3}[2-9٢-٩۲-۹２-９二三][^\p{L}\p{N}]{0,12}$/u;
const LONGEST_HEADING = 40;
const ENDS_SENTENCE = /[.!?。！？؟]\s*$/;

/** The entries without the heading of the next request below the last of them. */
function withoutHeading(entries: readonly Entry[]): readonly Entry[] {
  const last = entries.at(-1);
  const at = last?.value.findLastIndex((line) => !isBlank(line)) ?? -1;
  const line = last?.value[at];
  const above = last?.value[at - 1];
  if (!last || !line || !above || line.text.length > LONGEST_HEADING) return entries;
  if (!NUMBERED.test(line.text) && (!isBlank(above) || ENDS_SENTENCE.test(line.text))) return entries;
  const end = last.value.findLastIndex((one, index) => index < at && !isBlank(one)) + 1;
  return [...entries.slice(0, -1), { ...last, value: last.value.slice(0, end) }];
}

/** The entries of the first request, and where in the part the second begins; null when there is none. */
export function firstRequest(entries: readonly Entry[]): { first: readonly Entry[]; secondAt: number | null } {
  const filled = entries
    .map((entry, index) => ({ entry, index, text: fold(entry.value.map((line) => line.text).join(' ')) }))
    .filter(({ text }) => text !== '');
  const above = new Map<LabelField, string>();
  for (const [at, { entry, index, text }] of filled.entries()) {
    const before = above.get(entry.field);
    if (before !== undefined && before !== text) {
      const below = filled.slice(at);
      const again = below.filter((other) => above.has(other.entry.field));
      const otherwise = new Set(
        again.filter((other) => above.get(other.entry.field) !== other.text).map((other) => other.entry.field),
      );
      if (otherwise.size >= SAID_AGAIN && again.length >= below.length * MOSTLY) {
        return { first: withoutHeading(entries.slice(0, index)), secondAt: entry.at };
      }
    }
    if (before === undefined) above.set(entry.field, text);
  }
  return { first: entries, secondAt: null };
}
