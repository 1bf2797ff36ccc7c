/** How words are looked for: folded, whole, the partner's own, within bounds. Which words, is in policy-signals.test.ts. */
import { describe, expect, it } from 'vitest';
import type { FieldName } from '../../src/model.ts';
import { impactOf, natureOf, type Statement } from '../../src/pipeline/decide/impact.ts';
import { loadPolicy, type Policy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const own: Policy = {
  ...policy,
  severity: {
    ...policy.severity,
    requestTypes: [
      { name: 'Technical Support', nature: 'incident', words: ['technical'] },
      { name: 'Renewal', nature: 'non-technical', words: ['renovación'] },
    ],
    natures: { 'how-to': { en: ['how do we'] }, 'feature-request': { en: ['feature request'] } },
    signals: { S1: { en: ['is down'], es: ['está caído'] }, S2: { en: ['wrong'] }, S3: { en: ['layout'] } },
    default: 'S2',
  },
  commitment: { ...policy.commitment, weekendSignals: { en: ['is down'] } },
};

function says(text: string, fields: Partial<Record<FieldName, string>> = {}, subject = ''): Statement {
  const source = { part: 'text', start: 0, end: 0, label: null, language: null } as const;
  const read = Object.entries(fields).map(([field, value]) => [field, { value, confidence: 1, source }]);
  return { subject, text, enquiry: { language: 'en', template: true, fields: Object.fromEntries(read) } };
}

const severity = (statement: Statement, nature: 'incident' | 'how-to' = 'incident') =>
  impactOf(statement, nature, own).severity;

describe('signals of impact', () => {
  it.each([
    ['whatever the case and the accents', 'EL SISTEMA ESTA CAIDO'],
    ['whatever the punctuation and line breaks', 'The portal — is\n  "down"!'],
    ['whatever the language', 'el portal está caído'],
  ])('are found %s', (_, text) => expect(severity(says(text))).toBe('S1'));

  it('are whole words', () => {
    expect(severity(says('wrongly spelt layouts, is downtown open?'))).toBe('S2');
    expect(impactOf(says('wrongly spelt layouts'), 'incident', own).reasons[0]?.rule).toBe('severity.default');
  });

  it('are looked for in the subject and the description too', () => {
    expect(severity(says('', {}, 'Desk is down'))).toBe('S1');
    expect(severity(says('', { description: 'Desk is down' }))).toBe('S1');
  });

  it('the most severe wins, and is quoted', () => {
    const impact = impactOf(says('The layout is wrong and Desk is down'), 'incident', own);
    expect(impact.severity).toBe('S1');
    expect(impact.reasons[0]?.because).toContain('"is down"');
  });

  it('without any, a how-to is S3 and everything else the policy’s default', () => {
    expect([severity(says('hello'), 'how-to'), severity(says('hello'), 'incident')]).toEqual(['S3', 'S2']);
  });

  it('far down a pasted log say nothing', () => {
    expect(severity(says(`${'log '.repeat(6_000)} is down`))).toBe('S2');
    expect(severity(says(`${'log '.repeat(4_000)} is down`))).toBe('S1');
  });

  it('tell apart what counts at weekends', () => {
    expect(impactOf(says('Desk is down'), 'incident', own).weekendsCount).toBe(true);
    expect(impactOf(says('el portal está caído'), 'incident', own).weekendsCount).toBe(false);
  });
});

describe('the nature of a request', () => {
  const nature = (statement: Statement, by = own) => natureOf(statement, by).nature;

  it('is its type’s, before any words', () => {
    expect(nature(says('How do we pay?', { requestType: 'Renovacion' }))).toBe('non-technical');
  });

  it('is the words’ where the type says only that it is technical, or is none of ours', () => {
    expect(nature(says('How do we sort?', { requestType: 'Technical Support' }))).toBe('how-to');
    expect(nature(says('How do we sort?', { requestType: 'Other' }))).toBe('how-to');
  });

  it('is an incident when nothing else is said', () => {
    expect(nature(says(''))).toBe('incident');
  });

  it.each(Object.entries(policy.labels.languages))('is not read from the template’s own hints (%s)', (_, language) => {
    const { hints } = language;
    expect(nature(says(hints.join('\n')), policy)).toBe('incident');
    expect(impactOf(says(hints.join('\n')), 'incident', policy).reasons[0]?.rule).toBe('severity.default');
    expect(nature(says(`${hints.join('\n')}\nFeature request: dark mode`), policy)).toBe('feature-request');
  });
});

describe('what turns signals round, and what else counts', () => {
  const read = (text: string, fields: Partial<Record<FieldName, string>> = {}) =>
    impactOf(says(text, fields), 'incident', policy);
  const rules = (text: string, fields: Partial<Record<FieldName, string>> = {}) =>
    read(text, fields).reasons.map(({ rule }) => rule);

  it.each([
    ['The system is not down and no data was lost, but the total is wrong.', 'S2'],
    ['Das System ist nicht ausgefallen, es sind keine Daten verloren, nur die Summe ist falsch.', 'S2'],
    ['CRM was down for an hour, it works again.', 'S3'],
    ['None of the users can log in.', 'S1'],
    ['All users can log in normally.', 'S3'],
    ['One user cannot log in, everyone else can.', 'S2'],
    ['The export does not work for our 30 employees.', 'S1'],
    ['The export does not work for 3 employees.', 'S2'],
    ['The button does not work, but that does not affect our work.', 'S3'],
    ['URGENT!!! ASAP!!! PLEASE CALL US!!!', 'S3'],
  ])('%s -> %s', (text, severity) => expect(read(text).severity).toBe(severity));

  it('says what it noted and did not obey', () => {
    expect(rules('URGENT!!! How do I add a field???')).toContain('severity.shouting');
    const important = { ...says('How do I add a field?'), priority: 'high' } as const;
    expect(impactOf(important, 'how-to', policy)).toMatchObject({ severity: 'S3' });
    expect(
      impactOf(important, 'how-to', policy)
        .reasons.map(({ because }) => because)
        .join(),
    ).toContain('important');
    expect(rules('How do I add a field?')).not.toContain('severity.shouting');
  });

  it('names the words of both severities where they conflict, and takes the more severe', () => {
    const { severity, reasons } = read('The total is wrong, and since noon the portal is down for everyone.');
    expect(severity).toBe('S1');
    expect(reasons.find(({ rule }) => rule === 'severity.conflict')?.because).toMatch(/is down.*S1.*wrong.*S2/);
  });

  it('believes what was reproduced more than what was not', () => {
    const text = 'We get an error.';
    expect(read(text, { reproducible: 'yes' }).severity).toBe('S2');
    expect(read(text, { reproducible: 'no' }).severity).toBe('S3');
    expect(rules(text, { reproducible: 'yes' })).toContain('severity.reproducible');
    expect(read('Nobody can log in.', { reproducible: 'no' }).severity).toBe('S1');
  });

  it('tags how-to questions, feature requests, Partner Operations and what is out of scope', () => {
    const tags = (text: string) => natureOf(says(text), policy).tags;
    expect(tags('How do I add a field?')).toEqual(['basic-request']);
    expect(tags('Feature request: dark mode.')).toEqual(['feature-request']);
    expect(tags('Please extend the trial of our client.')).toEqual(['partner-operations']);
    expect(tags('Please build the API integration for us from scratch.')).toContain('out-of-scope');
  });

  it('takes time in proportion to the mail', () => {
    const time = (text: string) => {
      const start = performance.now();
      for (let turn = 0; turn < 5; turn++) read(`${turn} ${text}`);
      return performance.now() - start;
    };
    const words = 'cannot the all users not log data lost to be able is ';
    time(words.repeat(40));
    const [short, long] = [time(words.repeat(40)), time(words.repeat(360))];
    expect(long).toBeLessThan(Math.max(short, 5) * 40);
  });
});
