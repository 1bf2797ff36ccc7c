/** templates/<language>/<kind>.md -> Templates. A broken template stops the start, not a reply; all errors are said at once. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UserError } from './errors.ts';
import { REPLY_KINDS, type ReplyKind } from './model.ts';
import { parseReplyTemplate, type ReplyTemplate, type Templates } from './pipeline/reply/reply-template.ts';

/**
 * Reads and checks every kind of reply in the languages that must be there, and in those that have a folder besides.
 * @throws UserError naming every file that is missing or wrong, one line each.
 */
export function loadTemplates(folder: string, required: readonly string[]): Templates {
  const { templates, problems } = readTemplates(folder, required);
  if (problems.length > 0) throw new UserError(`the reply templates are not valid:\n${problems.join('\n')}`);
  return templates;
}

/** As loadTemplates, but gives the problems back, a line each. */
export function readTemplates(
  folder: string,
  required: readonly string[],
): { readonly templates: Templates; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const languages = new Set([...required, ...foldersIn(folder)]);
  const templates = new Map<string, Record<ReplyKind, ReplyTemplate>>();
  for (const language of languages) {
    const kinds: Partial<Record<ReplyKind, ReplyTemplate>> = {};
    for (const kind of REPLY_KINDS) {
      const file = join(folder, language, `${kind}.md`);
      const source = read(file, problems);
      if (source === null) continue;
      const parsed = parseReplyTemplate(kind, source);
      problems.push(...parsed.problems.map((problem) => `${file}: ${problem}`));
      if (parsed.template) kinds[kind] = Object.freeze(parsed.template);
    }
    templates.set(language, Object.freeze(kinds as Record<ReplyKind, ReplyTemplate>));
  }
  return { templates, problems };
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && /^[a-z]{2}$/.test(entry.name)).map((entry) => entry.name);
  } catch {
    // Without the folder every required file is missing, and is said to be.
    return [];
  }
}

function read(file: string, problems: string[]): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    problems.push(`${file}: ${missing ? 'the file is missing' : messageOf(error)}`);
    return null;
  }
}
