/** One reply template: front matter and Markdown with Handlebars variables, checked before any mail depends on it. */
import Handlebars from 'handlebars';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import type { ReplyKind } from '../../model.ts';
import { readYaml } from '../words/yaml.ts';
import { markdownProblems } from './reply-markdown.ts';
import { createSlots, SLOT } from './reply-values.ts';

/** What a template may use. `text` can be printed, `flag` only tested, a list only walked: its items have these names. */
const SHAPES = {
  ticketNumber: 'text',
  /** The partner's subject without "Re:"; empty when there was none. */
  subject: 'text',
  /** Who signs: the mailbox's name. */
  team: 'text',
  understood: ['label', 'value'],
  /** What is missing, as the classifier says. */
  missing: ['label'],
  /** Lines to copy and fill: the super admin's address first, then what else is missing. */
  blank: ['label'],
  /** Other data an account can be found by, which the partner has not given. */
  alternatives: ['label'],
  /** Hours within which large user accounts get a first response. */
  responseFrom: 'text',
  responseTo: 'text',
  wrongMailbox: 'flag',
  usedAddress: 'text',
  expectedAddress: 'text',
  helpCentre: 'text',
  store: 'text',
  /** By what the account was found: the label of the partner's own field, or the domain. */
  matchedBy: 'text',
  byDomain: 'flag',
  /** The super admin's address as the partner gave it. */
  superadmin: 'text',
} as const;
type Shapes = typeof SHAPES;
type Name = keyof Shapes;
type Shape = 'text' | 'flag' | readonly string[];

/** Everything a template may use, with placeholders for values. */
export type ReplyView = {
  readonly [N in Name]: Shapes[N] extends 'text'
    ? string
    : Shapes[N] extends 'flag'
      ? boolean
      : Shapes[N] extends readonly (infer Key extends string)[]
        ? readonly Readonly<Record<Key, string>>[]
        : never;
};

/** Variables that belong to one kind of reply: elsewhere they would be empty, or tell what the sender must not learn. */
const ONLY_IN: Partial<Record<Name, ReplyKind>> = {
  matchedBy: 'missing-superadmin-note',
  byDomain: 'missing-superadmin-note',
  superadmin: 'superadmin-unknown',
};

/** Without these a reply would not do its work. */
const ESSENTIAL: Readonly<Record<ReplyKind, readonly Name[]>> = {
  'missing-superadmin-ask': ['ticketNumber', 'missing', 'blank', 'expectedAddress', 'helpCentre'],
  'missing-superadmin-note': ['ticketNumber', 'blank', 'expectedAddress', 'helpCentre'],
  'superadmin-unknown': ['ticketNumber', 'superadmin', 'blank', 'expectedAddress', 'helpCentre'],
};

export type ReplyTemplate = {
  readonly subject: (view: ReplyView) => string;
  readonly body: (view: ReplyView) => string;
};
/** By language (ISO 639-1), then kind; every language has every kind. */
export type Templates = ReadonlyMap<string, Readonly<Record<ReplyKind, ReplyTemplate>>>;

const frontMatter = z.strictObject({ subject: z.string().trim().min(1) });
const handlebars = Handlebars.create();

/** Reads one template; `problems` says everything that is wrong with it, and is empty when `template` can be used. */
export function parseReplyTemplate(
  kind: ReplyKind,
  source: string,
): { template: ReplyTemplate | null; problems: readonly string[] } {
  const text = source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const front = /^---\n((?:[\s\S]*?\n)??)---(?:\n|$)/.exec(text);
  if (!front) return { template: null, problems: ['begins with no front matter: --- / subject: … / ---'] };
  const problems: string[] = [];
  if (text.search(SLOT) >= 0) problems.push('holds a private-use character, which is kept for values');
  const subject = readSubject(front[1] ?? '', problems);
  // Blank lines for the front matter, so that the line numbers of errors are the file's.
  const body = front[0].replace(/[^\n]+/g, '') + text.slice(front[0].length);
  const used = new Set<string>();
  const renderSubject = compile(kind, subject, 'subject', problems, new Set());
  const renderBody = compile(kind, body, 'line', problems, used);
  if (!renderSubject || !renderBody) return { template: null, problems };
  for (const name of ESSENTIAL[kind]) if (!used.has(name)) problems.push(`the body never uses {{${name}}}`);
  if (problems.length === 0) {
    const slots = createSlots();
    for (const full of [true, false]) {
      problems.push(...markdownProblems(renderBody(trialView(kind, full, slots.put)), slots));
    }
  }
  return {
    template: problems.length > 0 ? null : { subject: renderSubject, body: renderBody },
    problems: [...new Set(problems)],
  };
}

function readSubject(yaml: string, problems: string[]): string {
  try {
    const result = frontMatter.safeParse(readYaml(yaml) ?? {});
    if (result.success) return result.data.subject;
    for (const { path, message, code } of result.error.issues) {
      problems.push(path[0] === 'subject' ? 'the front matter has no subject' : `front matter: ${code}: ${message}`);
    }
  } catch (error) {
    problems.push(`front matter: ${messageOf(error)}`);
  }
  return '';
}

function compile(kind: ReplyKind, source: string, where: string, problems: string[], used: Set<string>) {
  try {
    const program = handlebars.parse(source);
    const scope = Object.entries(SHAPES).filter(([name]) => (ONLY_IN[name as Name] ?? kind) === kind);
    problems.push(...programProblems(program, new Map<string, Shape>(scope), where, used));
    // Values are placeholders: nothing is escaped here. Strict: a variable the view does not have throws instead of vanishing.
    const render = handlebars.compile<ReplyView>(program, { noEscape: true, strict: true, knownHelpersOnly: true });
    return (view: ReplyView) =>
      render(view, { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false });
  } catch (error) {
    problems.push((error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.replace(/:$/, '') ?? '');
    return null;
  }
}

/** Only plain variables, #if, #unless and #each over names that exist: no helpers, partials, paths or prototypes. */
function programProblems(
  program: hbs.AST.Program,
  scope: Map<string, Shape>,
  where: string,
  used: Set<string>,
): string[] {
  return program.body.flatMap((statement) => {
    const at = where === 'line' ? `line ${statement.loc.start.line}` : where;
    if (statement.type === 'ContentStatement' || statement.type === 'CommentStatement') return [];
    const { path, params, hash } = statement as hbs.AST.MustacheStatement;
    const block = statement.type === 'BlockStatement' ? (statement as hbs.AST.BlockStatement) : null;
    if ((statement.type !== 'MustacheStatement' && !block) || hash?.pairs.length || params.length !== (block ? 1 : 0)) {
      return [`${at}: only {{variable}}, {{#if}}, {{#unless}} and {{#each}} can be used`];
    }
    const name = nameOf(block ? params[0] : path);
    const shape = scope.get(name);
    if (!shape) return [`${at}: unknown variable {{${name}}}; there are ${[...scope.keys()].join(', ')}`];
    used.add(name);
    if (!block) return shape === 'text' ? [] : [`${at}: {{${name}}} is no text that can be printed`];
    const helper = nameOf(path);
    if (!['if', 'unless', 'each'].includes(helper)) return [`${at}: unknown block {{#${helper}}}`];
    if (helper === 'each' && !Array.isArray(shape)) return [`${at}: {{#each ${name}}}: ${name} is no list`];
    const inner =
      helper === 'each' ? new Map((shape as readonly string[]).map((key) => [key, 'text' as Shape])) : scope;
    return [
      ...programProblems(block.program, inner, where, used),
      ...(block.inverse ? programProblems(block.inverse, scope, where, used) : []),
    ];
  });
}

function nameOf(expression: hbs.AST.Expression | undefined): string {
  return String((expression as hbs.AST.PathExpression | undefined)?.original ?? '');
}

/** Every optional part switched on, or off: shows the Markdown as it will be. */
function trialView(kind: ReplyKind, full: boolean, put: ReturnType<typeof createSlots>['put']): ReplyView {
  const entries = Object.entries(SHAPES).map(([name, shape]: [string, Shape]) => {
    if (name === 'helpCentre' || name === 'store') return [name, put(`https://${name}.example/`, 'url')];
    if (shape === 'flag') return [name, full && (ONLY_IN[name as Name] ?? kind) === kind];
    if (shape === 'text') return [name, full ? put(`{{${name}}}`, 'quote') : ''];
    return [name, full ? [Object.fromEntries(shape.map((key) => [key, put(`{{${key}}}`, 'quote')]))] : []];
  });
  return Object.fromEntries(entries);
}
