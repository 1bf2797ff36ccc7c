/** A mistake in the policy stops the start, with the one line that helps to mend it: a broken policy for each rule. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { changePolicy, copyPolicy, problemsOf } from '../support/policy-copy.ts';

/** File, what stands there, what it is changed to, every problem line that must come of it; line numbers are tried elsewhere. */
const BROKEN: [name: string, from: string, to: string, problems: string[]][] = [
  ['severity', '\ndefault: S3\n', '\ndefault: S4\n', ["severity.yaml: default: 'S4' is none of S1, S2, S3"]],
  ['severity', '\ndefault: S3\n', '\n', ['severity.yaml: default: is missing: one of S1, S2, S3']],
  ['severity', '\ndefault: S3\n', '\ndefualt: S3\n', ['severity.yaml: defualt: unknown, did you mean default?']],
  [
    'languages/de',
    '\nnatures:\n  escalation:\n',
    '\nnatures:\n  incident:\n',
    ['languages/de.yaml: natures.incident: not among natures of severity.yaml'],
  ],
  [
    'languages/de',
    '\n  Trial Extension:\n',
    '\n  Trial Extensions:\n',
    [
      'languages/de.yaml: requestTypes.Trial Extensions: not among requestTypes of severity.yaml, did you mean Trial Extension?',
    ],
  ],
  [
    'regions',
    'zone: Asia/Kolkata',
    'zone: Asia/Calcuta',
    ["regions.yaml: regions.india.zone: 'Asia/Calcuta' is not an IANA time zone"],
  ],
  [
    'regions',
    'zone: Asia/Kolkata',
    'zone: "+05:30"',
    ["regions.yaml: regions.india.zone: '+05:30' is not an IANA time zone"],
  ],
  ['regions', 'licences: 100', 'licences: 0', ['regions.yaml: regions.india.licences: 0 is too small: more than 0']],
  [
    'regions',
    'licences: 100',
    'licences: a hundred',
    ["regions.yaml: regions.india.licences: 'a hundred' is not a number"],
  ],
  ['regions', 'licences: 100', 'licences:', ['regions.yaml: regions.india.licences: is empty, expected a number']],
  ['regions', '    licences: 100\n', '', ['regions.yaml: regions.india.licences: is missing']],
  ['regions', '\n  india:\n', '\n  indai:\n', ['regions.yaml: regions.indai: unknown, did you mean india?']],
  [
    'regions',
    '\n  mea:\n',
    '\n  middle-east:\n',
    [
      'regions.yaml: regions.mea: is missing',
      'regions.yaml: regions.middle-east: unknown: known are anz, apac-japan, india, mea, europe-uk, usa-latam, canada-brazil',
    ],
  ],
  ['regions', '    zone: Asia/Kolkata\n', '', ['regions.yaml: regions.india.zone: is missing']],
  [
    'regions',
    '    zone: Asia/Kolkata\n    mailbox: com\n',
    '    zone: Asia/Kolkata\n',
    ['regions.yaml: regions.india.mailbox: is missing: one of com, eu'],
  ],
  [
    'regions',
    '{ from: 60, to: 99, tag: threshold-ambiguous }',
    '{ from: 60, to: 59, tag: threshold-ambiguous }',
    ['regions.yaml: regions.europe-uk.ambiguous: from 60 is more than to 59'],
  ],
  [
    'regions',
    '  BR: canada-brazil',
    '  BR: brazil',
    [
      "regions.yaml: countries.BR: 'brazil' is none of anz, apac-japan, india, mea, europe-uk, usa-latam, canada-brazil, did you mean canada-brazil?",
    ],
  ],
  [
    'regions',
    '  BR: canada-brazil',
    '  BRA: canada-brazil',
    ['regions.yaml: countries.BRA: is not an ISO 3166-1 alpha-2 code'],
  ],
  ['regions', '  IN: india', '  BR: india', ['regions.yaml: line …, column 3: duplicated mapping key']],
  ['regions', 'count: max', 'count: maxx', ["regions.yaml: count: 'maxx' is none of max, sum, did you mean max?"]],
  [
    'services',
    '- name: Zoho DataPrep',
    '- name: Zoho CRM',
    ['services.yaml: eligible.0.name: Zoho CRM is both excluded and eligible'],
  ],
  [
    'services',
    '- name: Zoho DataPrep',
    '- name: Zoho Campaigns',
    ['services.yaml: excluded.1.name: Zoho Campaigns is twice in excluded'],
  ],
  [
    'services',
    'aliases: [Data Preparation]',
    'aliases: [zoho-crm]',
    ["services.yaml: eligible.0: 'Zoho CRM' means both Zoho DataPrep and Zoho CRM"],
  ],
  [
    'services',
    '  - name: Zoho SalesIQ',
    '  - nmae: Zoho SalesIQ',
    ['services.yaml: eligible.2.nmae: unknown, did you mean name?'],
  ],
  [
    'commitment',
    'workingDays: [1, 2, 3, 4, 5]',
    'workingDays: [0, 1, 2, 3, 4]',
    ['commitment.yaml: workingDays.0: 0 is too small: at least 1'],
  ],
  [
    'commitment',
    'workingDays: [1, 2, 3, 4, 5]',
    'workingDays: []',
    ['commitment.yaml: workingDays: needs 1 or more entries'],
  ],
  ['commitment', 'workingDays: [1, 2, 3, 4, 5]', 'workingDays: 5', ['commitment.yaml: workingDays: 5 is not a list']],
  [
    'commitment',
    'exempt: [product-limitation,',
    'exempt: [limitation,',
    [
      "commitment.yaml: exempt.0: 'limitation' is none of incident, how-to, feature-request, product-limitation, non-technical, escalation, feedback, did you mean product-limitation?",
    ],
  ],
  [
    'commitment',
    '{ target: 1, commitment: 3 }',
    '{ target: 5, commitment: 3 }',
    ['commitment.yaml: severities.S1.firstResponse: target 5 is later than commitment 3'],
  ],
  [
    'commitment',
    'holidays: {}',
    'holidays: { india: [2026-02-30] }',
    ["commitment.yaml: holidays.india.0: '2026-02-30' is not a date, as 2026-12-25"],
  ],
  [
    'commitment',
    'holidays: {}',
    'holidays: { indai: [2026-12-25] }',
    ['commitment.yaml: holidays.indai: unknown, did you mean india?'],
  ],
  [
    'mailboxes',
    'address: partner-support@eu.zohocorp.com',
    'address: partner-support(at)eu.zohocorp.com',
    ["mailboxes.yaml: mailboxes.eu.address: 'partner-support(at)eu.zohocorp.com' is not a mail address"],
  ],
  [
    'mailboxes',
    'helpCentre: https://help.zoho.eu',
    'helpCentre: help.zoho.eu',
    ["mailboxes.yaml: mailboxes.eu.helpCentre: 'help.zoho.eu' is not a URL"],
  ],
  [
    'identification',
    'unknownSuperadmin: provisional',
    'unknownSuperadmin: provisionel',
    [
      "identification.yaml: unknownSuperadmin: 'provisionel' is none of provisional, try-other-keys, did you mean provisional?",
    ],
  ],
  [
    'identification',
    '  - gmail.com\n',
    '  - "@Gmail.com"\n',
    ["identification.yaml: genericDomains.0: '@Gmail.com' is not a domain in lower case"],
  ],
  [
    'outbound',
    'maxRepliesPerTicket: 4',
    'maxRepliesPerTicket: 4.5',
    ['outbound.yaml: maxRepliesPerTicket: 4.5 is not a whole number'],
  ],
  ['outbound', 'first: 5,', 'first: -5,', ['outbound.yaml: retrySeconds.first: -5 is too small: more than 0']],
  [
    'outbound',
    'first: 5, most: 900',
    'first: 901, most: 900',
    ['outbound.yaml: retrySeconds: first 901 is longer than most 900'],
  ],
  ['outbound', 'first: 5,', 'frist: 5,', ['outbound.yaml: retrySeconds.frist: unknown, did you mean first?']],
  [
    'outbound',
    'fallbackLanguage: en',
    'fallbackLanguage: it',
    ["outbound.yaml: fallbackLanguage: 'it' is not in replyLanguages"],
  ],
  [
    'languages/de',
    '\n    - E-Mail-Adresse des Kunden\n',
    '\n    - Beschreibung\n',
    ['languages/de.yaml: labels.description: "Beschreibung" is both customerEmail and description'],
  ],
  [
    'languages/de',
    '\n    - E-Mail-Adresse des Kunden\n',
    '\n    - ""\n',
    ['languages/de.yaml: labels.customerEmail.0: is empty'],
  ],
  [
    'languages/ar',
    'direction: rtl',
    'direction: rlt',
    ["languages/ar.yaml: direction: 'rlt' is none of ltr, rtl, did you mean rtl?"],
  ],
  ['languages/vi', '\nyes: ', '\nno: ', ['languages/vi.yaml: line …, column 1: duplicated mapping key']],
  [
    'escalation',
    '    leads: [sakthi.g@zohocorp.com]',
    '    leads: []',
    ['escalation.yaml: contacts.anz.leads: needs 1 or more entries'],
  ],
  ['escalation', '\n  anz:\n', '\n  amz:\n', ['escalation.yaml: contacts.amz: unknown, did you mean anz?']],
  [
    'escalation',
    'for: Japan, email: jin',
    'for: Japn, email: jin',
    [
      "escalation.yaml: contacts.apac-japan.accountManagers.1.for: 'Japn' is neither 'elsewhere' nor among territories, did you mean Japan?",
    ],
  ],
  [
    'retention',
    'textDays: forever',
    'textDays: 729',
    ['retention.yaml: textDays: 729 is shorter than originalDays (730): the original would still say it'],
  ],
  ['retention', 'originalDays: 730', 'originalDays: 0', [expect.stringMatching(/^retention\.yaml: originalDays: /)]],
  [
    'retention',
    'originalDays: 730',
    'originalDays: never',
    [expect.stringMatching(/^retention\.yaml: originalDays: /)],
  ],
];

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
