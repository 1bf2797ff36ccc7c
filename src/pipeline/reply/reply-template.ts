/** One reply template: front matter and Markdown with Handlebars variables, checked before any mail depends on it. */
import Handlebars from 'handlebars';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import type { ReplyKind } from '../../model.ts';
import { readYaml } from '../words/yaml.ts';
import { markdownProblems } from './reply-markdown.ts';
import { createSlots, SLOT } from './reply-values.ts';
import { ESSENTIAL, isIn, type Name, type ReplyView, SHAPES, type Shape } from './reply-variables.ts';

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
    const scope = Object.entries(SHAPES).filter(([name]) => isIn(kind, name as Name));
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
    if (shape === 'flag') return [name, full && isIn(kind, name as Name)];
    if (shape === 'text') return [name, full ? put(`{{${name}}}`, 'quote') : ''];
    return [name, full ? [Object.fromEntries(shape.map((key) => [key, put(`{{${key}}}`, 'quote')]))] : []];
  });
  return Object.fromEntries(entries);
}
