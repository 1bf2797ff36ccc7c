import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { messageOf, UserError } from '../../src/errors.ts';
import { REPLY_KINDS, type ReplyKind } from '../../src/model.ts';
import { loadTemplates } from '../../src/templates.ts';

const SHIPPED = join(import.meta.dirname, '../../templates');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'templates-'));
  cpSync(join(SHIPPED, 'en'), join(folder, 'en'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (kind: ReplyKind) => join(folder, 'en', `${kind}.md`);
const read = (kind: ReplyKind) => readFileSync(fileOf(kind), 'utf8');

/** Every line that is said about the English templates after a change to one of them. */
function problemsOf(kind: ReplyKind, change: (source: string) => string): string[] {
  writeFileSync(fileOf(kind), change(read(kind)));
  try {
    loadTemplates(folder, ['en']);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    const [first, ...rest] = (error as UserError).message.split('\n');
    expect(first).toBe('the reply templates are not valid:');
    return rest.map((line) => line.replace(`${folder}/`, ''));
  }
}
const ask = 'missing-superadmin-ask';
const append = (more: string) => (source: string) => `${source}\n${more}\n`;
const lineOfAppended = () => read(ask).split('\n').length + 1;

test('what the templates folder documents is what there is', () => {
  const problem = problemsOf(ask, append('{{nothing}}'))[0] ?? '';
  const names = problem.slice(problem.indexOf('there are ') + 10).split(', ');
  const readme = readFileSync(join(SHIPPED, 'README.md'), 'utf8');
  expect(names).toHaveLength(15);
  const receipt = (problemsOf('receipt', append('{{nothing}}')).at(-1) ?? '').split('there are ')[1]?.split(', ') ?? [];
  expect(receipt).toHaveLength(22);
  for (const name of [...names, ...receipt, 'matchedBy', 'byDomain', 'superadmin'])
    expect(readme).toContain(`\`${name}\``);
});

test('a byte order mark and Windows line ends do no harm', () => {
  expect(problemsOf(ask, (source) => `\uFEFF${source.replaceAll('\n', '\r\n')}`)).toEqual([]);
});

describe('broken templates', () => {
  test('all are named at once', () => {
    rmSync(fileOf('superadmin-unknown'));
    const change = (source: string) => source.replace(/^subject:.*\n/m, '').replace('{{usedAddress}}', '{{adress}}');
    writeFileSync(fileOf(ask), change(read(ask)));
    const message = (() => {
      try {
        return String(loadTemplates(folder, ['en', 'fr']));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(message.replaceAll(`${folder}/`, '').replace(/; there are .*/, '')).toBe(
      [
        'the reply templates are not valid:',
        'en/missing-superadmin-ask.md: the front matter has no subject',
        'en/missing-superadmin-ask.md: line 43: unknown variable {{adress}}',
        'en/superadmin-unknown.md: the file is missing',
        ...REPLY_KINDS.map((kind) => `fr/${kind}.md: the file is missing`),
      ].join('\n'),
    );
  });

  test.each([
    [
      'an empty subject',
      (source: string) => source.replace(/^subject:.*$/m, "subject: ' '"),
      'the front matter has no subject',
    ],
    ['no front matter', () => 'Hello', 'begins with no front matter: --- / subject: … / ---'],
    [
      'another key in the front matter',
      (source: string) => source.replace('---\n', '---\nfrom: x@client.example\n'),
      'front matter: unrecognized_keys: Unrecognized key: "from"',
    ],
    [
      'an essential left out',
      (source: string) => source.replaceAll('{{ticketNumber}}', ''),
      'the body never uses {{ticketNumber}}',
    ],
    ['raw HTML', append('a<br>b'), 'Markdown of the kind "html" cannot be used: <br>'],
    [
      'an image',
      append('![x](https://x.example/a.png)'),
      'Markdown of the kind "image" cannot be used: ![x](https://x.example/a.png)',
    ],
    [
      'an image of a value',
      append('![x]({{subject}})'),
      'Markdown of the kind "image" cannot be used: ![x]({{subject}})',
    ],
    ['a table', append('| a |\n|---|\n| b |'), 'Markdown of the kind "table" cannot be used: | a | |---| | b |'],
    [
      'a value as a link',
      append('[x]({{subject}})'),
      'a link leads to what is no web address of ours: [x]({{subject}})',
    ],
    [
      'a value in a link',
      append('[x](https://x.example/{{subject}})'),
      'a link leads to what is no web address of ours: [x](https://x.example/{{subject}})',
    ],
    [
      'a script as a link',
      append('[x](javascript:y)'),
      'a link leads to what is no web address of ours: [x](javascript:y)',
    ],
    ['an entity', append('a&nbsp;b'), 'write the character itself instead of &nbsp;'],
    ['a private-use character', append('\uE000'), 'holds a private-use character, which is kept for values'],
  ])('%s', (_, change, expected) => {
    expect(problemsOf(ask, change)).toContain(`en/${ask}.md: ${expected}`);
  });

  test.each([
    ['{{superadmin}}', 'unknown variable {{superadmin}}'],
    ['{{matchedBy}}', 'unknown variable {{matchedBy}}'],
    ['{{constructor}}', 'unknown variable {{constructor}}'],
    ['{{subject.length}}', 'unknown variable {{subject.length}}'],
    ['{{@root}}', 'unknown variable {{@root}}'],
    ['{{../subject}}', 'unknown variable {{../subject}}'],
    ['{{#each understood}}{{ticketNumber}}{{/each}}', 'unknown variable {{ticketNumber}}'],
    ['{{#each subject}}x{{/each}}', '{{#each subject}}: subject is no list'],
    ['{{#if understood}}{{understood}}{{/if}}', '{{understood}} is no text that can be printed'],
    ['{{wrongMailbox}}', '{{wrongMailbox}} is no text that can be printed'],
    ['{{#with subject}}x{{/with}}', 'unknown block {{#with}}'],
    ['{{lookup understood 0}}', 'only {{variable}}, {{#if}}, {{#unless}} and {{#each}} can be used'],
    ['{{> footer}}', 'only {{variable}}, {{#if}}, {{#unless}} and {{#each}} can be used'],
    ['{{#if (lookup a b)}}x{{/if}}', 'unknown variable {{}}'],
  ])('%s', (source, expected) => {
    const line = lineOfAppended();
    const problems = problemsOf(ask, append(source)).map((problem) => problem.replace(/; there are .*/, ''));
    expect(problems).toContain(`en/${ask}.md: line ${line}: ${expected}`);
  });

  test('an unclosed block is named with its line', () => {
    const line = lineOfAppended();
    expect(problemsOf(ask, append('{{#if subject}} {{/each}}'))).toEqual([
      `en/${ask}.md: if doesn't match each - ${line}:3`,
    ]);
  });

  test("a note cannot tell the account's super admin", () => {
    expect(messageOf(problemsOf('missing-superadmin-note', append('{{superadmin}}'))[0])).toContain(
      'unknown variable {{superadmin}}',
    );
  });
});
