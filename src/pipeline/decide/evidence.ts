/** How much of what was heard speaks for which severity. The figures are the policy's (severity.yaml, weights). */
import type { Enquiry } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { distance, nearestOf, spansOf } from '../words/spans.ts';
import type { Heard, Hit, Table } from './hearing.ts';

export type Evidence = {
  readonly S1: number;
  readonly S2: number;
  /** Words that speak for each, as the mail has them. */
  readonly words: { readonly S1: readonly string[]; readonly S2: readonly string[]; readonly S3: readonly string[] };
  /** All users, or so many that it is the same; one or a few; null when nothing is said. */
  readonly affected: { readonly who: 'many' | 'few'; readonly said: string } | null;
  /** What says that work goes on all the same; null where more was said after it. */
  readonly unaffected: string | null;
};

/** Who is hit, or what is lost, stands within so many words of what happens to it; in unspaced scripts twice as many characters. */
const NEAR_PEOPLE = 30;
const NEAR_DATA = 12;
/** Words between a number and whom it counts: "30 of our employees". */
const NEAR_NUMBER = 3;

export function weigh(heard: Heard, enquiry: Enquiry, policy: Policy): Evidence {
  const { weights } = policy.severity;
  const scale = heard.said.unspaced ? 2 : 1;
  const affected = affectedBy(heard, policy);
  const sure = heard.of('S1');
  // Who cannot sign in is S1 when it is all or unknown, not when it is one of many.
  const weekends = spansIn(heard, heard.of('weekends'));
  const fewOut = affected?.who === 'few' ? sure.filter(weekends.touch) : [];
  const S1 = affected?.who === 'few' ? sure.filter((hit) => !weekends.touch(hit)) : sure;
  const [fails, S2] = [heard.of('fails'), heard.of('S2')];
  const lost = pairs(heard, 'data', 'lost', NEAR_DATA * scale);
  const people = affected?.who === 'many' ? manyHits(heard, policy) : [];
  // "Nobody is blocked": what nobody can do is a phrase of S1 by itself.
  const negations = spansIn(heard, heard.of('negates'));
  const nearest = nearestOf(people.filter((hit) => !negations.touch(hit)));
  const everyoneFails = [...fails, ...heard.of('lost')].filter((hit) =>
    nearest(hit).some((all) => distance(hit, all) <= NEAR_PEOPLE * scale),
  );
  const likely = fails.length + heard.of('lost').length > 0 ? weights.likely : 0;
  // The description first: what else is in such a mail, quoted steps and messages, speaks for S1 with less weight.
  const isFirst = firstOf(heard);
  const told = S1.filter(isFirst);
  const elsewhere = distinct(S1).length - distinct(told).length;
  const severe =
    weights.sure * distinct(told).length +
    weights.likely * elsewhere +
    (lost.some(isFirst) ? weights.sure : lost.length > 0 ? weights.likely : 0) +
    (everyoneFails.some(isFirst) ? weights.likely + weights.everyone : everyoneFails.length > 0 ? weights.likely : 0);
  const moderate = weights.sure * distinct([...S2, ...fewOut]).length + likely;
  const unseen = enquiry.fields.reproducible?.value === 'no' ? weights.notReproduced : 0;
  const excuses = heard.of('unaffected');
  const unaffected = [...S2, ...fails].some(saidAfter(excuses, heard)) ? null : (excuses[0]?.said ?? null);
  return {
    S1: severe,
    S2: moderate === 0 || unaffected !== null ? 0 : Math.max(0, moderate + unseen),
    words: {
      S1: distinct([...S1, ...lost, ...everyoneFails]),
      S2: distinct([...S2, ...fewOut, ...fails, ...heard.of('lost')]),
      S3: distinct([...heard.of('S3'), ...excuses, ...heard.of('nature how-to')]),
    },
    affected,
    unaffected,
  };
}

const distinct = (hits: readonly Hit[]): string[] => [...new Set(hits.map(({ said }) => said))];
const spansIn = ({ said }: Heard, hits: readonly Hit[]) => spansOf(hits, said.tokens.length);

/** Whether a hit stands in the subject or the description, when those speak at all; else anywhere is as good. */
function firstOf(heard: Heard): (hit: Hit) => boolean {
  const { textFrom } = heard.said;
  const isIn = ({ start }: Hit) => start < textFrom;
  const speaks = (['S1', 'S2', 'S3', 'fails', 'lost', 'unaffected'] as const).some((table) =>
    heard.of(table).some(isIn),
  );
  return speaks ? isIn : () => true;
}

/** "No hurry, work goes on. But the totals are wrong": whether a hit stands in a sentence behind all of the excuses. */
function saidAfter(excuses: readonly Hit[], { said: { tokens } }: Heard): (hit: Hit) => boolean {
  const last = Math.max(0, ...excuses.map(({ end }) => end));
  const stop = tokens.findIndex(({ text }, index) => index >= last && text === '.');
  return ({ start }) => stop >= 0 && start > stop;
}

/** Two words of two lists near each other, as one hit that spans both. */
function pairs(heard: Heard, first: Table, second: Table, reach: number): Hit[] {
  const { tokens, original } = heard.said;
  const nearest = nearestOf(heard.of(first));
  return heard.of(second).flatMap((hit) => {
    const near = nearest(hit).find((other) => distance(hit, other) <= reach && sameSentence(heard, hit, other));
    if (!near) return [];
    const [start, end] = [Math.min(hit.start, near.start), Math.max(hit.end, near.end)];
    return [{ table: second, start, end, said: original.slice(tokens[start]?.start, tokens[end - 1]?.end) }];
  });
}

const sameSentence = ({ said }: Heard, one: Hit, other: Hit): boolean =>
  !said.tokens.slice(Math.min(one.end, other.end), Math.max(one.start, other.start)).some(({ text }) => text === '.');

/** Numbers in front of people: "30 employees". */
function counted(heard: Heard): { hit: Hit; count: number }[] {
  const { tokens, original, unspaced } = heard.said;
  // "Error 7301 for two users": they are two.
  const few = spansIn(heard, heard.of('few'));
  return heard.of('users').flatMap((hit) => {
    if (few.touch(hit)) return [];
    const before = tokens.slice(Math.max(0, hit.start - NEAR_NUMBER * (unspaced ? 2 : 1)), hit.start);
    // The minutes of "9:00" count nobody.
    const at = before.findLastIndex(({ text, start }) => /^[1-9]\d{0,5}$/.test(text) && original[start - 1] !== ':');
    const number = before[at];
    if (!number || before.slice(at).some(({ text }) => text === '.' || text === ',')) return [];
    const start = hit.start - before.length + at;
    return [
      {
        hit: { ...hit, start, said: original.slice(number.start, tokens[hit.end - 1]?.end) },
        count: Number(number.text),
      },
    ];
  });
}

const manyHits = (heard: Heard, policy: Policy): Hit[] => [
  ...heard.of('everyone'),
  ...counted(heard)
    .filter(({ count }) => count >= policy.severity.weights.manyFrom)
    .map(({ hit }) => hit),
];

function affectedBy(heard: Heard, policy: Policy): Evidence['affected'] {
  const many = manyHits(heard, policy)[0];
  if (many) return { who: 'many', said: many.said };
  const few = heard.of('few')[0] ?? counted(heard).find(({ count }) => count < policy.severity.weights.manyFrom)?.hit;
  return few ? { who: 'few', said: few.said } : null;
}
