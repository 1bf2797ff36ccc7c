/** Reads a CSV file of INTERFACES' two kinds (UTF-8, header line, RFC 4180) and says what is wrong with it, with its line. */
import { parse } from 'csv-parse/sync';
import type { z } from 'zod';
import { messageOf, UserError } from '../errors.ts';

const MAX_PROBLEMS_SHOWN = 5;

/** Where the text comes from, and what to call it in an error. */
export type CsvSource = {
  readonly variable: string;
  readonly name: string;
  readonly text: () => string | Buffer;
  /** When that text was written, where it is known. */
  readonly writtenAt?: () => Date;
};

/**
 * All rows of a CSV file, each checked by `schema`.
 * @throws UserError naming the variable, the file and the first wrong lines.
 */
export function readCsv<T>(source: CsvSource, columns: readonly string[], schema: z.ZodType<T>): T[] {
  const { variable, name: path } = source;
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(source.text(), {
      bom: true,
      columns: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
    }) as typeof records;
  } catch (error) {
    throw new UserError(`${variable}: cannot read ${path}: ${messageOf(error)}`);
  }
  const missing = columns.filter((column) => records[0] && !(column in records[0].record));
  if (missing.length > 0)
    throw new UserError(
      `${variable}: ${path} lacks the column ${missing.join(', ')}: its first line must name ${columns.join(',')}`,
    );
  const problems: string[] = [];
  const rows: T[] = [];
  for (const { record, info } of records) {
    const result = schema.safeParse(record);
    if (result.success) rows.push(result.data);
    else
      problems.push(
        `line ${info.lines}: ${result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
      );
  }
  if (problems.length > 0) {
    const more = problems.length > MAX_PROBLEMS_SHOWN ? ` (and ${problems.length - MAX_PROBLEMS_SHOWN} more)` : '';
    throw new UserError(`${variable}: ${path}: ${problems.slice(0, MAX_PROBLEMS_SHOWN).join(' | ')}${more}`);
  }
  return rows;
}
