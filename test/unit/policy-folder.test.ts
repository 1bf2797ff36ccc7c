/** What a policy folder must hold: its files, its languages and the words they need; what it may leave out is said. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCases } from '../../src/commands/policy-cases.ts';
import { nearestWord } from '../../src/policy/nearest.ts';
import { notesOf } from '../../src/policy/notes.ts';
import { loadPolicy } from '../../src/policy.ts';
import { loadTemplates } from '../../src/templates.ts';
import { copyPolicy, emptyFolder, problemsOf, SHIPPED_POLICY } from '../support/policy-copy.ts';

/** Where a line is named is tried by itself, since the shipped files grow. */
const withoutLine = (problem: string): string => problem.replace(/ \(line \d+\)$/, '');

describe('a language', () => {
  it.each(['superadminEmail', 'customerEmail', 'product', 'description'])('needs labels for %s', (field) => {
    const folder = copyPolicy();
    emptyList(folder, 'languages/de', field);
    expect(problemsOf(folder).map(withoutLine)).toEqual([`languages/de.yaml: labels.${field}: is missing`]);
  });

  it.each(['S1', 'S2', 'S3'])('needs signals of %s in every language', (severity) => {
    const folder = copyPolicy();
    emptyList(folder, 'languages/de', severity);
    expect(problemsOf(folder).map(withoutLine)).toEqual([`languages/de.yaml: severities.${severity}: is missing`]);
  });
});

describe('the folder', () => {
  it('does not load an empty folder', () => {
    const problems = problemsOf(emptyFolder());
    expect(problems).toContain('regions.yaml: the file is missing');
    expect(problems.at(-1)).toBe('languages/en.yaml: the file is missing: there is no language');
  });

  it('needs a language, and its code for a name', () => {
    const folder = copyPolicy();
    rmSync(join(folder, 'languages'), { recursive: true });
    mkdirSync(join(folder, 'languages'));
    expect(problemsOf(folder)).toEqual(['languages/en.yaml: the file is missing: there is no language']);
    writeFileSync(join(folder, 'languages/german.yaml'), '');
    expect(problemsOf(folder)).toContain('languages/german.yaml: the name is no ISO 639-1 code');
  });

  it('needs the file of every language that replies are written in', () => {
    const folder = copyPolicy();
    rmSync(join(folder, 'languages/fr.yaml'));
    expect(problemsOf(folder).map(withoutLine)).toEqual([
      expect.stringMatching(/^outbound\.yaml: replyLanguages\.\d: there is no languages\/fr\.yaml/),
      expect.stringMatching(/^escalation\.yaml: risks\.fr: there is no languages\/fr\.yaml/),
    ]);
  });

  it('needs the file of every language that it has words for elsewhere', async () => {
    const folder = copyPolicy(['ru', ...loadPolicy(SHIPPED_POLICY).outbound.replyLanguages]);
    rmSync(join(folder, 'languages/ru.yaml'));
    expect(problemsOf(folder).map(withoutLine)).toEqual([
      expect.stringMatching(/^outbound\.yaml: replyLanguages\.\d+: there is no languages\/ru\.yaml/),
      expect.stringMatching(/^escalation\.yaml: risks\.ru: there is no languages\/ru\.yaml/),
      expect.stringMatching(/^escalation\.yaml: notRisks\.ru: there is no languages\/ru\.yaml/),
    ]);
    const file = join(folder, 'cases.yaml');
    const source = readFileSync(file, 'utf8');
    expect(source).toContain('language: de');
    writeFileSync(file, source.replaceAll('language: de', 'language: dk'));
    const { failures } = await runCases(file, loadPolicy(SHIPPED_POLICY));
    expect(failures).toContainEqual(expect.stringMatching(/: there is no languages\/dk\.yaml$/));
  });

  it('refuses a file that nobody would read', () => {
    const folder = copyPolicy();
    writeFileSync(join(folder, 'regoins.yaml'), '');
    expect(problemsOf(folder)).toEqual(['regoins.yaml: is no file of a policy, did you mean regions.yaml?']);
  });
});

describe('what a valid policy leaves out', () => {
  const policy = loadPolicy(SHIPPED_POLICY);
  const templates = loadTemplates(join(SHIPPED_POLICY, '../templates'), policy.outbound.replyLanguages);

  it('is said: languages without reply texts, regions without managers', () => {
    const notes = notesOf(policy, new Map([...templates].filter(([language]) => language !== 'ja')));
    expect(notes).toEqual([
      expect.stringMatching(
        /^reply texts in ar, de, en, .*; mail in .*\bja\b.* is answered in the partner's registered language or en$/,
      ),
      expect.stringMatching(/^no manager in .*(USA|US).*, Canada.*: the escalation desk is told/),
    ]);
  });

  it('is said of risks: a language without words', () => {
    const { de: _, ...risks } = policy.escalation.risks;
    const notes = notesOf({ ...policy, escalation: { ...policy.escalation, risks } }, templates);
    expect(notes).toContain('no words for risks in de (escalation.yaml)');
  });

  it('is nothing when everything is there', () => {
    const { contacts, risks } = policy.escalation;
    const named = Object.fromEntries(
      Object.entries(contacts).map(([region, lists]) => [region, { ...lists, managers: ['boss@x.example'] }]),
    ) as typeof contacts;
    const { en } = policy.labels.languages;
    const whole = {
      ...policy,
      labels: { languages: en ? { en } : {} },
      escalation: { ...policy.escalation, contacts: named, risks: { en: risks.en ?? [] } },
    };
    expect(notesOf(whole, templates)).toEqual([]);
  });
});

/** Takes all entries of a block list away. */
function emptyList(folder: string, name: string, key: string): void {
  const file = join(folder, `${name}.yaml`);
  const source = readFileSync(file, 'utf8');
  const emptied = source.replace(new RegExp(`\\n {2}${key}:(?:\\n {4}[-#] .*)+`), `\n  ${key}: []`);
  expect(emptied).not.toBe(source);
  writeFileSync(file, emptied);
}

describe('the nearest word', () => {
  it.each([
    ['indai', ['india', 'anz'], 'india'],
    ['India', ['india', 'anz'], 'india'],
    ['S4', ['S1', 'S2', 'S3'], null],
    ['S', ['S1', 'S2', 'S3'], null],
    ['brazil', ['canada-brazil', 'usa-latam'], 'canada-brazil'],
    ['latin', ['canada-brazil', 'usa-latam'], null],
    ['', ['a', 'b'], null],
  ])('%s of %j: %s', (wrong, words, nearest) => {
    expect(nearestWord(wrong, words)).toBe(nearest);
  });
});
