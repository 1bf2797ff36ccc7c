/** YAML as support leads write it: policy files, and the front matter of reply templates. */
import { load, YAMLException } from 'js-yaml';

/**
 * The one document of a text; null when there is nothing in it.
 * @throws Error that says in one line where and what: "line 3, column 1: duplicated mapping key".
 */
export function readYaml(source: string): unknown {
  if (/^\s*$/.test(source)) return null;
  try {
    return load(source);
  } catch (error) {
    if (!(error instanceof YAMLException) || !error.mark) throw error;
    const { line, column } = error.mark;
    throw new Error(`line ${line + 1}, column ${column + 1}: ${error.reason}`, { cause: error });
  }
}
