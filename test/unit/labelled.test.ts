import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { loadPolicy } from '../../src/policy.ts';
import { HAND_WRITTEN, loadLabelled } from '../labelled/load.ts';
import { calibration, type Judged, judgeAll, scoreOf } from '../labelled/measure.ts';
import { judgeKinds, judgeReplies, type Verdict } from '../labelled/measure-replies.ts';

const OVERALL_F1 = 0.98;
const OTHER_SPELLINGS_F1 = 0.97;
const LANGUAGE_F1 = 0.95;
const SURE_AND_RIGHT = 0.98;
const REPLIES_RIGHT = 0.95;
const KINDS_RIGHT = 0.98;

const cases = loadLabelled();
let judged: Judged[] = [];

beforeAll(async () => {
  judged = await judgeAll(cases, loadPolicy(join(import.meta.dirname, '..', '..', 'policy')));
}, 120_000);

it('the set has every language of the issue, many layouts, and other spellings of labels', () => {
  const labelled = cases
    .filter(({ layout }) => !HAND_WRITTEN.includes(layout))
    .flatMap((one) => Object.keys(one.expect));
  const others = cases.flatMap((one) => one.otherSpelling);
  expect(new Set(cases.map(({ language }) => language)).size).toBeGreaterThanOrEqual(18);
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  expect(cases.length).toBeGreaterThanOrEqual(400);
  expect(cases.filter(({ layout }) => HAND_WRITTEN.includes(layout)).length).toBeGreaterThanOrEqual(240);
  expect(others.length / labelled.length).toBeGreaterThan(0.3);
});

it('fields are read right: overall, by other spellings of labels, in every language', () => {
  const f1 = (some: readonly Judged[]) => scoreOf(some).f1;
  expect(f1(judged)).toBeGreaterThan(OVERALL_F1);
  expect(f1(judged.filter(({ mail, field }) => mail.otherSpelling.includes(field)))).toBeGreaterThan(
    OTHER_SPELLINGS_F1,
  );
  const weak = [...Map.groupBy(judged, ({ mail }) => mail.language)].filter(([, some]) => f1(some) < LANGUAGE_F1);
  expect(weak.map(([language]) => language)).toEqual([]);
});

it('a confidence of 0.9 is kept', () => {
  const { count, right } = calibration(judged, 0.9, 1.01);
  expect(count).toBeGreaterThan(judged.length / 4);
  expect(right).toBeGreaterThan(SURE_AND_RIGHT);
});

it('every source points at its value in the decoded part', () => {
  expect(judged.filter(({ pointsAtValue }) => !pointsAtValue).map(({ mail, field }) => `${mail.id} ${field}`)).toEqual(
    [],
  );
});

it('a second request is noted, and one request is not', async () => {
  const { readMail } = await import('../../src/pipeline/mail/read.ts');
  const { render } = await import('../labelled/render.ts');
  const policy = loadPolicy(join(import.meta.dirname, '..', '..', 'policy'));
  const noted = await Promise.all(
    cases.map(async (mail) => ({ mail, more: (await readMail(render(mail), policy)).enquiry.secondRequest === true })),
  );
  expect(noted.filter(({ mail, more }) => mail.second !== more).map(({ mail }) => mail.id)).toEqual([]);
}, 120_000);

const rightOf = (verdicts: readonly Verdict[]) =>
  verdicts.filter(({ wrong }) => wrong === null).length / verdicts.length;

it('what a person newly wrote is told from history and signature, in every language', async () => {
  const verdicts = await judgeReplies(loadPolicy(join(import.meta.dirname, '..', '..', 'policy')));
  expect(new Set(verdicts.map(({ language }) => language)).size).toBe(18);
  expect(rightOf(verdicts)).toBeGreaterThanOrEqual(REPLIES_RIGHT);
});

it('people are told from machines', async () => {
  const verdicts = await judgeKinds(loadPolicy(join(import.meta.dirname, '..', '..', 'policy')));
  expect(rightOf(verdicts)).toBeGreaterThanOrEqual(KINDS_RIGHT);
});
