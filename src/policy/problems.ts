/** What is wrong with a policy file, in words that help: the path, what stands there, the nearest valid word, the line. */
import { z } from 'zod';
import { lineOf, type Path } from './lines.ts';
import { didYouMean, nearestWord } from './nearest.ts';

/** `file` as in schemas.ts, without folder and ending. An empty path is the file as a whole. */
export type Problem = { readonly file: string; readonly path: Path; readonly message: string };

/** What an error message shows of a value; a policy may hold a text of pages. */
const SHOWN_CHARACTERS = 40;
/** More words than these are not listed. */
const LISTED_WORDS = 16;

type Checked = { readonly value: unknown; readonly problems: readonly Problem[] };

/** Checks what was read from one file against its schema: the value, or everything that is wrong with it. */
export function checkFile(file: string, schema: z.ZodType, read: unknown): Checked {
  const known = new Map<string, readonly string[]>();
  const result = schema.safeParse(read, {
    reportInput: true,
    // Only here an issue tells the schema that made it, and thereby the keys that are known.
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') known.set(keyOf(issue.path ?? []), keysOf(issue.inst as z.ZodType));
      return undefined;
    },
  });
  if (result.success) return { value: result.data, problems: [] };
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, known.get(keyOf(issue.path)) ?? []));
  return {
    value: undefined,
    problems: withoutMisspelt(problems).map(({ path, message }) => ({ file, path, message })),
  };
}

/** "regions.yaml: regions.indai: unknown, did you mean india? (line 17)", with the folder before it. */
export function problemLine(folder: string, { file, path, message }: Problem, source: string | undefined): string {
  const line = source === undefined || path.length === 0 ? null : lineOf(source, path);
  const where = path.map((part) => (typeof part === 'number' ? String(part) : part)).join('.');
  const parts = [`${folder}/${file}${file.includes('.') ? '' : '.yaml'}`, where, message];
  return parts.filter((part) => part !== '').join(': ') + (line === null ? '' : ` (line ${line})`);
}

type Found = { readonly path: Path; readonly message: string; readonly missing?: boolean; readonly meant?: string };

function problemsOf(issue: z.core.$ZodIssue, known: readonly string[]): Found[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const said = quoted(issue.input);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, known));
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? 'is no valid key' }];
    case 'invalid_value': {
      const words = issue.values.map(String);
      if (issue.input === undefined)
        return [{ path, message: `is missing: one of ${words.join(', ')}`, missing: true }];
      const hint = typeof issue.input === 'string' ? didYouMean(issue.input, words) : '';
      return [{ path, message: `${said} is none of ${words.join(', ')}${hint}` }];
    }
    case 'invalid_type':
      if (issue.input === undefined) return [{ path, message: 'is missing', missing: true }];
      if (issue.input === null) return [{ path, message: `is empty, expected ${kindOf(issue.expected)}` }];
      return [{ path, message: `${said} is not ${kindOf(issue.expected)}` }];
    case 'too_small':
      if (issue.origin === 'string') return [{ path, message: 'is empty' }];
      if (issue.origin === 'array') return [{ path, message: `needs ${issue.minimum} or more entries` }];
      return [
        { path, message: `${said} is too small: ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}` },
      ];
    case 'too_big':
      return [{ path, message: `${said} is too large: ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}` }];
    case 'invalid_format':
      return [{ path, message: `${said} ${FORMATS[issue.format] ?? issue.message}` }];
    case 'custom':
    case 'invalid_union':
      return [{ path, message: `${said} ${issue.message}` }];
    default:
      return [{ path, message: issue.message }];
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  email: 'is not a mail address',
  url: 'is not a URL',
  date: 'is not a date, as 2026-12-25',
};

function unknownKey(path: Path, key: string, known: readonly string[]): Found {
  const meant = nearestWord(key, known);
  if (meant !== null) return { path: [...path, key], message: `unknown, did you mean ${meant}?`, meant };
  const list = known.length > 0 && known.length <= LISTED_WORDS ? `: known are ${known.join(', ')}` : '';
  return { path: [...path, key], message: `unknown${list}` };
}

/** A misspelt key is one mistake: that the right one is missing needs no line of its own. */
function withoutMisspelt(problems: readonly Found[]): Found[] {
  const meant = new Set(problems.flatMap(({ path, meant }) => (meant ? [keyOf([...path.slice(0, -1), meant])] : [])));
  return problems.filter(({ path, missing }) => !missing || !meant.has(keyOf(path)));
}

const keyOf = (path: readonly PropertyKey[]): string => path.map(String).join('\0');

/** The keys a mapping may have. */
function keysOf(schema: z.ZodType | undefined): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum) return schema.keyType.options.map(String);
  return [];
}

const KINDS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};
const kindOf = (expected: string): string => KINDS[expected] ?? expected;

function quoted(value: unknown): string {
  if (typeof value === 'string')
    return `'${value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value}'`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a mapping' : String(value);
}
