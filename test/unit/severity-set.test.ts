/** The labelled severity set: figures that must not fall. What is unseen stays so: only its score is looked at. */
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/policy.ts';
import { accuracy, judgeSeverities } from '../labelled/severity.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const judged = judgeSeverities(policy);
const halfOf = (half: string) => judged.filter((one) => one.half === half);
const languages = Object.keys(policy.labels.languages);

describe('severity and nature by words', () => {
  it.each(languages)('%s: statements are there, and the clear ones the lists were mended by are right', (code) => {
    const some = halfOf('worked with').filter(({ language }) => language === code);
    expect(some.length).toBeGreaterThanOrEqual(100);
    const clear = some.filter(({ said }) => said.kind === 'clear');
    expect(accuracy(clear, 'severity')).toBeGreaterThan(0.97);
    expect(accuracy(some, 'nature')).toBeGreaterThan(0.97);
  });

  it.each(languages)('%s: most of the unseen ones are right as well', (code) => {
    const some = halfOf('unseen').filter(({ language }) => language === code);
    expect(accuracy(some, 'severity')).toBeGreaterThan(0.78);
    expect(accuracy(some, 'nature')).toBeGreaterThan(0.86);
  });

  it('all languages together hold their score on what nobody looked at', () => {
    const clear = halfOf('unseen').filter(({ said }) => said.kind === 'clear');
    expect(accuracy(clear, 'severity')).toBeGreaterThan(0.94);
    expect(accuracy(halfOf('unseen'), 'severity')).toBeGreaterThan(0.91);
    expect(accuracy(halfOf('unseen'), 'nature')).toBeGreaterThan(0.95);
    expect(accuracy(halfOf('unseen'), 'weekend')).toBeGreaterThan(0.96);
  });

  it('never obeys shouting, and says so', () => {
    const shouted = judged.filter(({ said }) => said.kind === 'shouting');
    expect(accuracy(shouted, 'severity')).toBe(1);
    for (const { because } of shouted) expect(because.join('\n')).toContain('severity.shouting: noted, not obeyed');
  });

  it('says where signals conflict in a mail that has both', () => {
    const mixed = judged.filter(({ said, half }) => said.kind === 'conflict' && half === 'worked with');
    expect(accuracy(mixed, 'severity')).toBeGreaterThan(0.95);
    const told = mixed.filter(({ because }) => because.some((line) => line.startsWith('severity.conflict')));
    expect(told.length).toBeGreaterThanOrEqual(mixed.length * 0.6);
  });
});
