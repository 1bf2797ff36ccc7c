/** The licence directory as a CSV file: `LICENCES=csv:PATH`. */
import type { LicenceDirectory } from '../../ports.ts';
import { type CsvSource, eachRow } from './csv.ts';
import { csvLicenceRow, LICENCE_COLUMNS } from './licence-row.ts';
import { type LicenceTable, rowsWith, tableBuilder } from './licence-table.ts';
import type { InForce } from './watched-file.ts';

/** Reads the file once. @throws UserError when a line is not as INTERFACES describes it. */
export function readLicences(source: CsvSource): LicenceTable {
  const builder = tableBuilder();
  eachRow(source, LICENCE_COLUMNS, csvLicenceRow, builder.add);
  return builder.table();
}

/** A directory that answers from what is in force at that moment, and says what was refused since. */
export const csvDirectory = (name: string, inForce: () => InForce<LicenceTable>): LicenceDirectory => ({
  async find(key, value) {
    const { data, writtenAt } = inForce();
    return { rows: rowsWith(data, key, value), asOf: writtenAt };
  },
  async check() {
    const { data, refused } = inForce();
    const holds = `${name} holds ${data.rows} subscriptions of ${data.accounts} accounts`;
    return refused ? `${holds}; it was changed and refused: ${refused}` : holds;
  },
});

/** Loads the file once. @throws UserError when a line is not as INTERFACES describes it. */
export function createCsvDirectory(source: CsvSource): LicenceDirectory {
  const inForce = { data: readLicences(source), writtenAt: source.writtenAt?.() ?? null, refused: null };
  return csvDirectory(source.name, () => inForce);
}
