/**
 * How well mails are understood, measured on the labelled set: per field, language and layout, with calibration, offsets and misses;
 * replies told from their history, and kinds of mail.
 * node bench/evaluate.ts [--misses N] [--language CODE] [--policy FOLDER]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPolicy } from '../src/policy.ts';
import { HAND_WRITTEN, loadLabelled } from '../test/labelled/load.ts';
import { calibration, type Judged, judgeAll, scoreOf } from '../test/labelled/measure.ts';
import { judgeKinds, judgeReplies, type Verdict } from '../test/labelled/measure-replies.ts';
import { reportSeverities } from './severity.ts';

const { values } = parseArgs({
  options: {
    misses: { type: 'string', default: '10' },
    language: { type: 'string' },
    policy: { type: 'string', default: join(import.meta.dirname, '..', 'policy') },
  },
});
const cases = loadLabelled().filter(({ language }) => !values.language || language === values.language);
const start = performance.now();
const policy = loadPolicy(values.policy);
const judged = await judgeAll(cases, policy);
const seconds = (performance.now() - start) / 1000;

const figure = (share: number): string => (100 * share).toFixed(1).padStart(6);
const row = (name: string, some: readonly Judged[]): void => {
  const { precision, recall, f1, count } = scoreOf(some);
  console.log(`  ${name.padEnd(24)}${figure(precision)}${figure(recall)}${figure(f1)}${String(count).padStart(7)}`);
};
const table = (title: string, keyOf: (one: Judged) => string): void => {
  console.log(`\n${title.padEnd(26)}  prec   rec    F1 fields`);
  for (const [name, some] of Map.groupBy(judged, keyOf)) row(name, some);
};

console.log(`${cases.length} mails in ${seconds.toFixed(1)} s`);
table('field', ({ field }) => field);
table('language', ({ mail }) => mail.language);
table('layout', ({ mail }) => mail.layout);
table('label', ({ mail, field }) =>
  mail.otherSpelling.includes(field) ? 'other spellings' : HAND_WRITTEN.includes(mail.layout) ? 'by hand' : 'published',
);
table('overall', () => 'all');

console.log('\nconfidence            fields  right');
for (const [from, to] of [
  [0.9, 1.01],
  [0.8, 0.9],
  [0.7, 0.8],
  [0.6, 0.7],
  [0, 0.6],
] as const) {
  const { count, right } = calibration(judged, from, to);
  console.log(
    `  ${from.toFixed(1)} to ${Math.min(to, 1).toFixed(1)}          ${String(count).padStart(6)} ${figure(right)}`,
  );
}
const astray = judged.filter(({ pointsAtValue }) => !pointsAtValue);
console.log(`\noffsets that do not point at their value: ${astray.length}`);
for (const one of astray.slice(0, 5)) console.log(`  ${one.mail.id} ${one.field}: ${JSON.stringify(one.slice)}`);

const misses = judged.filter(({ outcome }) => outcome !== 'right');
/** The surer the reading, the worse the miss. */
const worst = misses.toSorted((a, b) => (b.read?.confidence ?? 0) - (a.read?.confidence ?? 0));
console.log(`\nmisses: ${misses.length}; the worst ${values.misses}:`);
for (const { mail, field, outcome, expected, read } of worst.slice(0, Number(values.misses))) {
  const got = read
    ? `${JSON.stringify(read.value)} (${read.confidence}, label ${JSON.stringify(read.source.label)})`
    : 'nothing';
  console.log(`  ${mail.id} ${field} ${outcome}: expected ${JSON.stringify(expected)}, read ${got}`);
}

/** Answers told from history and signature, and people from machines. */
const verdicts = (title: string, all: readonly Verdict[]): void => {
  const some = all.filter(({ language }) => !values.language || language === values.language);
  const wrong = some.filter((one) => one.wrong !== null);
  console.log(`\n${title}: ${some.length - wrong.length} of ${some.length} right`);
  for (const one of wrong) console.log(`  ${one.id} ${one.wrong?.slice(0, 200)}`);
};
verdicts('replies', await judgeReplies(policy));
verdicts('kinds of mail', await judgeKinds(policy));

/** Severity, nature and weekends by the words of a mail. */
reportSeverities(policy, { language: values.language, misses: Number(values.misses) });
