/** A mistake in the policy stops the start, with the one line that helps to mend it: a broken policy for each rule. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BROKEN } from '../support/broken-policies.ts';
import { changePolicy, copyPolicy, problemsOf } from '../support/policy-copy.ts';

/** Where a line is named is tried by itself, since the shipped files grow. */
const withoutLine = (problem: string): string => problem.replace(/ \(line \d+\)$/, '').replace(/(: line )\d+/, '$1…');

describe('a mistake stops the start', () => {
  it.each(BROKEN)('%s: %j -> %j', (name, from, to, problems) => {
    const folder = copyPolicy();
    changePolicy(folder, name, from, to);
    expect(problemsOf(folder).map(withoutLine)).toEqual(problems);
  });

  it('says every mistake of every file at once', () => {
    const folder = copyPolicy();
    changePolicy(folder, 'severity', '\ndefault: S3\n', '\ndefault: S4\n');
    changePolicy(folder, 'outbound', 'maxRepliesPerTicket: 4', 'maxRepliesPerTicket: 0');
    changePolicy(folder, 'outbound', 'fallbackLanguage: en', 'fallbackLanguage: 5');
    rmSync(join(folder, 'mailboxes.yaml'));
    expect(problemsOf(folder).map(withoutLine)).toEqual([
      "severity.yaml: default: 'S4' is none of S1, S2, S3",
      'mailboxes.yaml: the file is missing',
      'outbound.yaml: maxRepliesPerTicket: 0 is too small: more than 0',
      'outbound.yaml: fallbackLanguage: 5 is not a text',
    ]);
  });

  it('says what does not fit together beside a file that is wrong by itself, and nothing that follows from that alone', () => {
    const folder = copyPolicy();
    changePolicy(folder, 'regions', 'licences: 100', 'licenses: 100');
    changePolicy(folder, 'escalation', 'for: UK, email: krishna', 'for: UKK, email: krishna');
    changePolicy(folder, 'languages/fr', '\ndirection: ltr\n', '\ndirection: left\n');
    changePolicy(folder, 'outbound', 'fallbackLanguage: en', 'fallbackLanguage: xx');
    const file = join(folder, 'services.yaml');
    const source = readFileSync(file, 'utf8');
    writeFileSync(file, source.replace(/^eligible:\n/m, 'eligible:\n  - { name: Zoho Campaigns }\n'));
    expect(problemsOf(folder).map(withoutLine)).toEqual([
      'regions.yaml: regions.india.licenses: unknown, did you mean licences?',
      "languages/fr.yaml: direction: 'left' is none of ltr, rtl",
      "outbound.yaml: fallbackLanguage: 'xx' is not in replyLanguages",
      'services.yaml: eligible.0.name: Zoho Campaigns is both excluded and eligible',
      expect.stringMatching(/^escalation\.yaml: contacts\..*for: 'UKK' is neither/),
    ]);
  });

  it('refuses a request type and a nature that no language has words for: they would never be found', () => {
    const folder = copyPolicy();
    changePolicy(
      folder,
      'severity',
      '\nrequestTypes:\n',
      '\nrequestTypes:\n  - { name: Training Request, nature: non-technical }\n',
    );
    changePolicy(folder, 'severity', '\nnatures: [', '\nnatures: [incident, ');
    expect(problemsOf(folder).map(withoutLine)).toEqual([
      'severity.yaml: requestTypes.0: Training Request: no language has words for it: they belong under requestTypes.Training Request of languages/',
      'severity.yaml: natures.0: incident: no language has words for it: they belong under natures.incident of languages/',
    ]);
  });

  it.each([
    ['regions', 'zone: Asia/Kolkata', 'zone: Asia/Calcuta'],
    ['commitment', 'workingDays: [1, 2, 3, 4, 5]', 'workingDays: [1, 2, 3, 4, 9]'],
    ['languages/de', '\n    - E-Mail-Adresse des Kunden\n', '\n    - ""\n'],
    ['outbound', 'first: 5,', 'frist: 5,'],
  ])('names the line in %s', (name, from, to) => {
    const folder = copyPolicy();
    changePolicy(folder, name, from, to);
    const lines = readFileSync(join(folder, `${name}.yaml`), 'utf8').split('\n');
    const at = lines.indexOf(lines.find((line) => line.includes(to.trim())) as string) + 1;
    expect(problemsOf(folder)).toEqual([expect.stringMatching(new RegExp(` \\(line ${at}\\)$`))]);
  });
});
