/** Every column of the ledger that holds text, asked of the database itself: a table that is added later is among them. */
import { type RawBuilder, sql } from 'kysely';
import type { Tx } from './schema.ts';

export type TextColumn = {
  readonly table: string;
  readonly name: string;
  readonly isJson: boolean;
  /** All columns of its table. */
  readonly keys: readonly string[];
  readonly asText: RawBuilder<unknown>;
};

/** Tables of the migration tool. */
const NOT_OURS = /^kysely_/;

export async function columnsWithText(tx: Tx): Promise<TextColumn[]> {
  const { rows } = await sql<{ table: string; name: string; type: string }>`
    select columns.table_name as table, column_name as name, data_type as type
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1, ordinal_position`.execute(tx);
  const byTable = Map.groupBy(rows, ({ table }) => table);
  return rows
    .filter(({ table, type }) => !NOT_OURS.test(table) && ['text', 'character varying', 'jsonb', 'json'].includes(type))
    .map(({ table, name, type }) => ({
      ...{ table, name, isJson: type.startsWith('json'), keys: byTable.get(table)?.map((one) => one.name) ?? [] },
      asText: sql`${sql.ref(name)}::text`,
    }));
}

/** Changes the texts of a column in the rows that `where` names. @returns how many rows are others now */
export async function replaceText(
  tx: Tx,
  { table, name, isJson, asText }: TextColumn,
  where: RawBuilder<unknown>,
  change: (text: string) => string,
): Promise<number> {
  const { rows } = await sql<{ place: string; text: string }>`
    select ctid::text as place, ${asText} as text from ${sql.table(table)}
    where ${where} and ${sql.ref(name)} is not null for update`.execute(tx);
  let changed = 0;
  for (const { place, text } of rows) {
    const next = isJson ? JSON.stringify(mapStrings(JSON.parse(text), change)) : change(text);
    if (isJson ? next === JSON.stringify(JSON.parse(text)) : next === text) continue;
    const value = isJson ? sql`${next}::jsonb` : sql`${next}`;
    await sql`update ${sql.table(table)} set ${sql.ref(name)} = ${value} where ctid = ${place}::tid`.execute(tx);
    changed += 1;
  }
  return changed;
}

/** Every string of a value, however deep; keys of objects are left alone. */
function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((inner) => mapStrings(inner, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapStrings(inner, change)]));
}
