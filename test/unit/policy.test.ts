/** The shipped policy loads; a mistake in it stops the start with the exact line that helps; its hash is of every byte. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { loadPolicy } from '../../src/policy.ts';

const SHIPPED = join(import.meta.dirname, '../../policy');
const FILES = ['services', 'regions', 'severity', 'commitment', 'mailboxes', 'identification', 'outbound'] as const;

const LANGUAGES = readdirSync(join(SHIPPED, 'languages'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `languages/${name.slice(0, -'.yaml'.length)}`);

const policy = loadPolicy(SHIPPED);
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A copy of the shipped policy, as a rule with only the languages it must have: each costs time to read. */
function copy(languages = policy.outbound.replyLanguages.map((code) => `languages/${code}`)): string {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'));
  folders.push(folder);
  cpSync(SHIPPED, folder, { recursive: true });
  for (const name of LANGUAGES) if (!languages.includes(name)) rmSync(join(folder, `${name}.yaml`));
  return folder;
}

/** Replaces `from`, which must be there exactly once, by `to`. */
function change(folder: string, name: string, from: string, to: string): void {
  const file = join(folder, `${name}.yaml`);
  const source = readFileSync(file, 'utf8');
  expect(source.split(from), `${name}.yaml holds ${JSON.stringify(from)} once`).toHaveLength(2);
  writeFileSync(
    file,
    source.replace(from, () => to),
  );
}

/** The problem lines, with the folder left out; fails when the policy loads. */
function problemsOf(folder: string): string[] {
  try {
    loadPolicy(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    const [title, ...problems] = (error as UserError).message
      .replaceAll(`${folder}/`, '')
      .replaceAll(folder, 'policy')
      .split('\n');
    expect(title).toBe('the policy is not valid:');
    return problems;
  }
  return expect.fail('the broken policy was loaded');
}

describe('the shipped policy', () => {
  it('loads, whole and frozen', () => {
    expect(Object.keys(policy).toSorted()).toEqual([...FILES, 'labels', 'hash'].toSorted());
    expect(policy.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(Object.isFrozen(policy.labels.languages.en?.labels.customerEmail)).toBe(true);
    expect(Object.isFrozen(policy.identification.genericDomains)).toBe(true);
  });

  it('tells the support lead in each file what it is and how to try it', () => {
    for (const name of [...FILES, ...LANGUAGES]) {
      const comment =
        readFileSync(join(SHIPPED, `${name}.yaml`), 'utf8')
          .split('\n\n', 1)[0]
          ?.split('\n') ?? [];
      expect(
        comment.every((line) => line.startsWith('# ')),
        name,
      ).toBe(true);
      expect(comment.length, name).toBeGreaterThanOrEqual(2);
      expect(comment.length, name).toBeLessThanOrEqual(5);
      expect(comment.join(' '), name).toMatch(/stops the daemon at its start.*partner-intake policy check/);
    }
  });
});

/** File, what stands there, what it is changed to, every problem line that must come of it. */
const BROKEN: [name: string, from: string, to: string, problems: string[]][] = [
  [
    'severity',
    '\ndefault: S3\n',
    '\ndefault: S4\n',
    ['severity.yaml: default: Invalid option: expected one of "S1"|"S2"|"S3"'],
  ],
  ['severity', '\ndefault: S3\n', '\n', ['severity.yaml: default: Invalid option: expected one of "S1"|"S2"|"S3"']],
  ['severity', '\ndefault: S3\n', '\ndefualt: S3\ndefault: S3\n', ['severity.yaml: Unrecognized key: "defualt"']],
  [
    'languages/de',
    '\nnatures:\n  escalation:\n',
    '\nnatures:\n  incident:\n',
    ['policy: languages/de: natures.incident is not among those of severity.yaml'],
  ],
  [
    'languages/de',
    '\n  Trial Extension:\n',
    '\n  Trial Extensions:\n',
    ['policy: languages/de: requestTypes.Trial Extensions is no type of severity.yaml'],
  ],
  [
    'regions',
    'zone: Asia/Kolkata',
    'zone: Asia/Calcuta',
    ['regions.yaml: regions.india.zone: is not an IANA time zone'],
  ],
  ['regions', 'zone: Asia/Kolkata', 'zone: "+05:30"', ['regions.yaml: regions.india.zone: is not an IANA time zone']],
  [
    'regions',
    'licences: 100',
    'licences: 0',
    ['regions.yaml: regions.india.licences: Too small: expected number to be >0'],
  ],
  [
    'regions',
    'licences: 100',
    'licences: a hundred',
    ['regions.yaml: regions.india.licences: Invalid input: expected number, received string'],
  ],
  [
    'regions',
    '\n  mea:\n',
    '\n  mena:\n',
    [
      'regions.yaml: regions.mea: Invalid input: expected object, received undefined',
      'regions.yaml: regions: Unrecognized key: "mena"',
    ],
  ],
  [
    'regions',
    '  BR: canada-brazil',
    '  BR: brazil',
    [
      'regions.yaml: countries.BR: Invalid option: expected one of "anz"|"apac-japan"|"india"|"mea"|"europe-uk"|"usa-latam"|"canada-brazil"',
    ],
  ],
  ['regions', '  BR: canada-brazil', '  BRA: canada-brazil', ['regions.yaml: countries.BRA: Invalid key in record']],
  ['regions', '  IN: india', '  BR: india', ['regions.yaml: line 62, column 3: duplicated mapping key']],
  ['regions', 'count: max', 'count: most', ['regions.yaml: count: Invalid option: expected one of "max"|"sum"']],
  [
    'services',
    '- name: Zoho DataPrep',
    '- name: Zoho CRM',
    ['policy: services: Zoho CRM is both excluded and eligible'],
  ],
  [
    'services',
    '  - name: Zoho SalesIQ',
    '  - nmae: Zoho SalesIQ',
    [
      'services.yaml: eligible.2.name: Invalid input: expected string, received undefined',
      'services.yaml: eligible.2: Unrecognized key: "nmae"',
    ],
  ],
  [
    'commitment',
    'workingDays: [1, 2, 3, 4, 5]',
    'workingDays: [0, 1, 2, 3, 4]',
    ['commitment.yaml: workingDays.0: Too small: expected number to be >=1'],
  ],
  [
    'commitment',
    'exempt: [product-limitation,',
    'exempt: [limitation,',
    [
      'commitment.yaml: exempt.0: Invalid option: expected one of "incident"|"how-to"|"feature-request"|"product-limitation"|"non-technical"|"escalation"|"feedback"',
    ],
  ],
  [
    'commitment',
    '{ target: 1, commitment: 3 }',
    '{ target: 5, commitment: 3 }',
    ['policy: commitment: severities.S1.firstResponse: target 5 is later than commitment 3'],
  ],
  [
    'mailboxes',
    'address: partner-support@eu.zohocorp.com',
    'address: partner-support(at)eu.zohocorp.com',
    ['mailboxes.yaml: mailboxes.eu.address: Invalid email address'],
  ],
  [
    'mailboxes',
    'helpCentre: https://help.zoho.eu',
    'helpCentre: help.zoho.eu',
    ['mailboxes.yaml: mailboxes.eu.helpCentre: Invalid URL'],
  ],
  [
    'identification',
    'unknownSuperadmin: provisional',
    'unknownSuperadmin: ask',
    ['identification.yaml: unknownSuperadmin: Invalid option: expected one of "provisional"|"try-other-keys"'],
  ],
  [
    'identification',
    '  - gmail.com\n',
    '  - "@Gmail.com"\n',
    ['identification.yaml: genericDomains.0: is not a domain in lower case'],
  ],
  [
    'outbound',
    'maxRepliesPerTicket: 4',
    'maxRepliesPerTicket: 4.5',
    ['outbound.yaml: maxRepliesPerTicket: Invalid input: expected int, received number'],
  ],
  ['outbound', 'first: 5,', 'first: -5,', ['outbound.yaml: retrySeconds.first: Too small: expected number to be >0']],
  [
    'outbound',
    'fallbackLanguage: en',
    'fallbackLanguage: it',
    ['policy: outbound: fallbackLanguage it is not among replyLanguages'],
  ],
  [
    'languages/de',
    '\n    - E-Mail-Adresse des Kunden\n',
    '\n    - Beschreibung\n',
    ['policy: languages/de: "Beschreibung" is both customerEmail and description'],
  ],
  [
    'languages/de',
    '\n    - E-Mail-Adresse des Kunden\n',
    '\n    - ""\n',
    ['languages/de.yaml: labels.customerEmail.0: Too small: expected string to have >=1 characters'],
  ],
  [
    'languages/ar',
    'direction: rtl',
    'direction: right',
    ['languages/ar.yaml: direction: Invalid option: expected one of "ltr"|"rtl"'],
  ],
  ['languages/vi', '\nyes: ', '\nno: ', ['languages/vi.yaml: line …, column 1: duplicated mapping key']],
];

describe('a mistake stops the start', () => {
  it.each(BROKEN)('%s: %j -> %j', (name, from, to, problems) => {
    const folder = copy();
    change(folder, name, from, to);
    const said = problemsOf(folder);
    expect(said.map((line) => line.replace(/(vi\.yaml: line) \d+/, '$1 …'))).toEqual(problems);
  });

  it('says every mistake of every file at once', () => {
    const folder = copy();
    change(folder, 'severity', '\ndefault: S3\n', '\ndefault: S4\n');
    change(folder, 'outbound', 'maxRepliesPerTicket: 4', 'maxRepliesPerTicket: 0');
    change(folder, 'outbound', 'fallbackLanguage: en', 'fallbackLanguage: 5');
    rmSync(join(folder, 'mailboxes.yaml'));
    expect(problemsOf(folder)).toEqual([
      'severity.yaml: default: Invalid option: expected one of "S1"|"S2"|"S3"',
      "mailboxes.yaml: ENOENT: no such file or directory, open 'mailboxes.yaml'",
      'outbound.yaml: maxRepliesPerTicket: Too small: expected number to be >0',
      'outbound.yaml: fallbackLanguage: Invalid input: expected string, received number',
    ]);
  });

  it.each(['superadminEmail', 'customerEmail', 'product', 'description'])('needs labels for %s', (field) => {
    const folder = copy();
    const file = join(folder, 'languages/de.yaml');
    const german = readFileSync(file, 'utf8');
    const emptied = german.replace(new RegExp(`\\n {2}${field}:(?:\\n {4}- .*)+`), `\n  ${field}: []`);
    expect(emptied).not.toBe(german);
    writeFileSync(file, emptied);
    expect(problemsOf(folder)).toEqual([`policy: languages/de: labels.${field} is missing`]);
  });

  it('does not load an empty folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'policy-'));
    folders.push(folder);
    expect(problemsOf(folder)).toEqual([
      ...FILES.map((name) => `${name}.yaml: ENOENT: no such file or directory, open '${name}.yaml'`),
      "languages: ENOENT: no such file or directory, scandir 'languages'",
    ]);
  });

  it('needs a language, and its code for a name', () => {
    const folder = copy();
    rmSync(join(folder, 'languages'), { recursive: true });
    mkdirSync(join(folder, 'languages'));
    expect(problemsOf(folder)).toEqual(['languages: there is no language']);
    writeFileSync(join(folder, 'languages/german.yaml'), '');
    expect(problemsOf(folder)).toContain('languages/german.yaml: the name is no ISO 639-1 code');
  });

  it('needs the file of every language that replies are written in', () => {
    const folder = copy();
    rmSync(join(folder, 'languages/fr.yaml'));
    expect(problemsOf(folder)).toEqual(['policy: outbound: replyLanguages: there is no languages/fr.yaml']);
  });
});

describe('the hash', () => {
  it('is of the content alone', () => {
    expect(loadPolicy(copy(LANGUAGES)).hash).toBe(policy.hash);
  });

  it('changes with a single byte of any file, of a comment too', () => {
    const files = [...FILES, 'languages/en', 'languages/ar'];
    const hashes = new Set([loadPolicy(copy()).hash]);
    for (const name of files) {
      for (const edit of [(source: string) => `${source}\n`, (source: string) => source.replace('# ', '#')]) {
        const folder = copy();
        const file = join(folder, `${name}.yaml`);
        writeFileSync(file, edit(readFileSync(file, 'utf8')));
        hashes.add(loadPolicy(folder).hash);
      }
    }
    expect(hashes.size).toBe(1 + 2 * files.length);
  });
});
