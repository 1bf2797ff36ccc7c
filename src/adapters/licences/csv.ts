/** Reads a CSV file of INTERFACES' two kinds (UTF-8, header line, RFC 4180) and says what is wrong with it, with its line. */
import { parse } from 'csv-parse/sync';
import type { z } from 'zod';
import { messageOf, UserError } from '../../errors.ts';

const MAX_PROBLEMS_SHOWN = 5;

/** Where the text comes from, and what to call it in an error. */
export type CsvSource = {
  readonly variable: string;
  readonly name: string;
  readonly text: () => string | Buffer;
  /** When that text was written, where it is known. */
  readonly writtenAt?: () => Date;
};

/** Whether it was the machine that failed, and not what the file holds: it may be over in a moment. */
export const isReadError = (error: unknown): boolean =>
  error instanceof Error && ('syscall' in error || isReadError(error.cause));

type Line = { readonly lines: number };

/**
 * Hands each row of a CSV file to `take`, in order, once `schema` has checked it: no more than one row is held at a time.
 * @throws UserError naming the variable, the file and the first wrong lines; by then `take` may have been given rows.
 */
export function eachRow<T>(
  source: CsvSource,
  columns: readonly string[],
  schema: z.ZodType<T>,
  take: (row: T) => void,
): void {
  const { variable, name: path } = source;
  const problems: string[] = [];
  let wrong = 0;
  const onRecord = (record: unknown, { lines }: Line): null => {
    const result = schema.safeParse(record);
    if (result.success) take(result.data);
    else if (++wrong <= MAX_PROBLEMS_SHOWN)
      problems.push(
        `line ${lines}: ${result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
      );
    return null;
  };
  let header: readonly string[] | undefined;
  const named = (names: string[]): string[] => {
    header = names;
    const lacking = lacks(names);
    // No row need be read: each would be said to be wrong.
    if (lacking) throw lacking;
    return names;
  };
  const lacks = (names: readonly string[]): UserError | null => {
    const missing = columns.filter((column) => !names.includes(column));
    const twice = columns.filter((column) => names.indexOf(column) !== names.lastIndexOf(column));
    const must = `its first line must name ${columns.join(',')}`;
    if (missing.length > 0)
      return new UserError(`${variable}: ${path} lacks the column ${missing.join(', ')}: ${must}`);
    return twice.length > 0
      ? new UserError(`${variable}: ${path} has the column ${twice.join(', ')} twice: ${must}`)
      : null;
  };
  try {
    parse(source.text(), { bom: true, columns: named, trim: true, skip_empty_lines: true, on_record: onRecord });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${variable}: cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  if (!header) throw lacks([]);
  if (wrong > 0) {
    const more = wrong > MAX_PROBLEMS_SHOWN ? ` (and ${wrong - MAX_PROBLEMS_SHOWN} more)` : '';
    throw new UserError(`${variable}: ${path}: ${problems.join(' | ')}${more}`);
  }
}
