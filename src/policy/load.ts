/** policy/*.yaml, policy/languages/*.yaml -> strict schemas -> cross-checks -> one frozen Policy with its hash. A typo stops the start; all errors are said at once: of a file that is wrong by itself no more than that is known. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { messageOf, UserError } from '../errors.ts';
import { readYaml } from '../pipeline/words/yaml.ts';
import { type Languages, language } from '../policy-languages.ts';
import { assemble, type Policy } from './assemble.ts';
import { crossChecks, type ReadFiles, type ReadLanguages } from './checks.ts';
import { didYouMean } from './nearest.ts';
import { checkFile, type Problem, problemLine } from './problems.ts';
import { type Files, files, LANGUAGES } from './schemas.ts';

/** Beside the files of schemas.ts a policy folder may hold these: `policy check` runs them. */
const CASES = /^cases(-.+)?\.yaml$/;

/**
 * Reads and checks a policy folder: its files, and a file for each language in `languages/`.
 * @throws UserError naming every file and path that is wrong, one line each.
 */
export function loadPolicy(folder: string): Policy {
  const result = readPolicy(folder);
  if (result.policy === null) throw new UserError(`the policy is not valid:\n${result.problems.join('\n')}`);
  return result.policy;
}

export type ReadPolicy =
  | { readonly policy: Policy; readonly problems: readonly [] }
  | { readonly policy: null; readonly problems: readonly string[] };

/** As loadPolicy, but gives the problems back, a line each. */
export function readPolicy(folder: string): ReadPolicy {
  const problems: Problem[] = [];
  const sources = new Map<string, string>();
  const hash = createHash('sha256');
  const read = (name: string, schema: z.ZodType): unknown => {
    try {
      const source = readFileSync(join(folder, `${name}.yaml`), 'utf8');
      sources.set(name, source);
      hash.update(`${name}\0${source}\0`);
      const checked = checkFile(name, schema, readYaml(source));
      problems.push(...checked.problems);
      return checked.value;
    } catch (error) {
      problems.push({ file: name, path: [], message: reasonOf(error) });
      return undefined;
    }
  };
  problems.push(...strangeFiles(folder));
  const loaded = Object.fromEntries(
    Object.entries(files).map(([name, schema]) => [name, read(name, schema)]),
  ) as ReadFiles;
  const codes = languageCodes(folder, problems);
  const languages = Object.fromEntries(
    codes.map((code) => [code, read(`${LANGUAGES}/${code}`, language)]),
  ) as ReadLanguages;
  problems.push(...crossChecks(loaded, languages));
  if (problems.length > 0) {
    return { policy: null, problems: problems.map((one) => problemLine(folder, one, sources.get(one.file))) };
  }
  // Without a problem there is everything.
  return {
    policy: deepFreeze({ ...assemble(loaded as Files, languages as Languages), hash: hash.digest('hex').slice(0, 16) }),
    problems: [],
  };
}

/** A file nobody reads is a misspelt name, or a rule that somebody believes to be in force. */
function strangeFiles(folder: string): Problem[] {
  const known = Object.keys(files);
  return namesIn(folder)
    .filter((name) => /\.ya?ml$/.test(name) && !CASES.test(name) && !known.includes(name.replace(/\.yaml$/, '')))
    .map((name) => ({
      file: name,
      path: [],
      message: `is no file of a policy${didYouMean(
        name,
        [...known, 'cases'].map((one) => `${one}.yaml`),
      )}`,
    }));
}

/** The languages there are files for, in the order of their codes. */
function languageCodes(folder: string, problems: Problem[]): string[] {
  const names = namesIn(join(folder, LANGUAGES)).filter((name) => name.endsWith('.yaml'));
  const wrong = names.filter((name) => !/^[a-z]{2}\.yaml$/.test(name));
  problems.push(
    ...wrong.map((name) => ({ file: `${LANGUAGES}/${name}`, path: [], message: 'the name is no ISO 639-1 code' })),
  );
  if (names.length === 0)
    problems.push({ file: `${LANGUAGES}/en`, path: [], message: 'the file is missing: there is no language' });
  return names
    .filter((name) => !wrong.includes(name))
    .map((name) => name.slice(0, 2))
    .toSorted();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    // Without the folder every file is missing, and is said to be.
    return [];
  }
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'the file is missing' : messageOf(error);
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
