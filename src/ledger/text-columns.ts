/** Every column of the ledger that holds text, asked of the database itself: a table that is added later is among them. */
import { type RawBuilder, sql } from 'kysely';
import type { Tx } from './schema.ts';

export type TextColumn = {
  readonly table: string;
  readonly name: string;
  readonly isJson: boolean;
  /** It stands in a unique key. */
  readonly isUnique: boolean;
  /** All columns of its table. */
  readonly keys: readonly string[];
  readonly asText: RawBuilder<unknown>;
};

/** Tables of the migration tool. */
const NOT_OURS = /^kysely_/;

export async function columnsWithText(tx: Tx): Promise<TextColumn[]> {
  const { rows } = await sql<{ table: string; name: string; type: string; unique: boolean }>`
    select columns.table_name as table, column_name as name, data_type as type,
      exists (select from pg_index where indrelid = quote_ident(columns.table_name)::regclass and indisunique
        and pg_get_indexdef(indexrelid) ~ ('\\y' || column_name || '\\y')) as unique
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1, ordinal_position`.execute(tx);
  const byTable = Map.groupBy(rows, ({ table }) => table);
  return rows
    .filter(({ table, type }) => !NOT_OURS.test(table) && ['text', 'character varying', 'jsonb', 'json'].includes(type))
    .map(({ table, name, type, unique }) => ({
      ...{
        table,
        name,
        isUnique: unique,
        isJson: type.startsWith('json'),
        keys: byTable.get(table)?.map((one) => one.name) ?? [],
      },
      asText: sql`${sql.ref(name)}::text`,
    }));
}

/** What to make of a text. `keys` are those of the object it stands in and of the one around that: "description.value"; empty in plain text. */
export type Change = (text: string, keys: string) => string;

/** Changes the texts of a column in the rows that `where` names; two that become the same in a unique key become one. @returns how many rows are others now */
export async function replaceText(
  tx: Tx,
  column: TextColumn,
  where: RawBuilder<unknown>,
  change: Change,
): Promise<number> {
  const { table, name, isJson, asText } = column;
  const { rows } = await sql<{ place: string; text: string }>`
    select ctid::text as place, ${asText} as text from ${sql.table(table)}
    where ${where} and ${sql.ref(name)} is not null for update`.execute(tx);
  let changed = 0;
  for (const { place, text } of rows) {
    const next = isJson ? JSON.stringify(mapStrings(JSON.parse(text), change)) : change(text, '');
    if (isJson ? next === JSON.stringify(JSON.parse(text)) : next === text) continue;
    await put(tx, column, place, next);
    changed += 1;
  }
  return changed;
}

async function put(tx: Tx, { table, name, isJson, isUnique }: TextColumn, place: string, next: string): Promise<void> {
  const update = (text: string) =>
    sql`update ${sql.table(table)} set ${sql.ref(name)} = ${isJson ? sql`${text}::jsonb` : sql`${text}`} where ctid = ${place}::tid`;
  if (!isUnique) return void (await update(next).execute(tx));
  if (await unlessRefused(tx, update(next), UNIQUE_VIOLATION)) return;
  // The same row stands there already. One that other rows belong to stays, and is told apart by its place.
  const drop = sql`delete from ${sql.table(table)} where ctid = ${place}::tid`;
  if (!(await unlessRefused(tx, drop, FOREIGN_KEY_VIOLATION))) await update(`${next} ${place}`).execute(tx);
}

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

/** False, and nothing done, when the database refuses it with this SQLSTATE. */
async function unlessRefused(tx: Tx, query: RawBuilder<unknown>, state: string): Promise<boolean> {
  await sql`savepoint one_text`.execute(tx);
  try {
    await query.execute(tx);
    await sql`release savepoint one_text`.execute(tx);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== state) throw error;
    await sql`rollback to savepoint one_text`.execute(tx);
    return false;
  }
}

/** Every string of a value, however deep; keys of objects are left alone. */
function mapStrings(value: unknown, change: Change, keys: readonly string[] = []): unknown {
  if (typeof value === 'string') return change(value, keys.slice(-2).join('.'));
  if (Array.isArray(value)) return value.map((inner) => mapStrings(inner, change, keys));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, mapStrings(inner, change, [...keys, key])]),
  );
}
