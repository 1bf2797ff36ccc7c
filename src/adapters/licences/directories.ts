/** Licence directories and partner registers, as configured. */
import { readFileSync, statSync } from 'node:fs';
import type { LicenceDirectory, PartnerRegister } from '../../ports.ts';
import type { CsvSource } from './csv.ts';
import { type CsvFile, readCsvInThread } from './csv-reader.ts';
import { createCsvDirectory, csvDirectory, readLicences } from './licences-csv.ts';
import { createHttpsDirectory } from './licences-https.ts';
import { inOrder } from './licences-in-order.ts';
import { createCsvRegister, csvRegister, readPartners } from './partners-csv.ts';
import { type WatchedFile, type Watching, watchFile } from './watched-file.ts';

/** A directory that knows nobody: for `inspect` without LICENCES. */
export const emptyDirectory: LicenceDirectory = {
  find: async () => ({ rows: [], asOf: null }),
  check: async () => 'LICENCES is not set: no account is known',
};
/** A register that knows nobody: every sender is unverified. */
export const emptyRegister: PartnerRegister = {
  find: async () => null,
  check: async () => 'PARTNERS is not set: every sender is unverified',
};

/** What a process that goes on living gives: where a change of a file is told, and what ends the watch. */
export type Live = {
  readonly log: Readonly<Record<'info' | 'warn' | 'error', (fields: object, text: string) => void>>;
  readonly resources: AsyncDisposableStack;
  /** Milliseconds from look to look; a test is less patient. */
  readonly lookEveryMs?: number;
};

/** One place to look licences up. `token` reads the bearer token anew each time: a file that holds it may be rotated. */
export type DirectorySource =
  | { readonly kind: 'csv'; readonly path: string }
  | { readonly kind: 'https'; readonly url: URL; readonly token: () => string | null };

/** `LICENCES`: with several sources, the first that knows answers. @throws UserError when a file cannot be used. */
export const openDirectory = (sources: readonly DirectorySource[], live?: Live): LicenceDirectory =>
  inOrder(
    sources.map((source) => {
      if (source.kind === 'https') return createHttpsDirectory(source);
      const file = csvFile('LICENCES', source.path);
      if (!live) return createCsvDirectory(file);
      return csvDirectory(source.path, watch(file, readLicences, live).inForce);
    }),
    (cause) => live?.log.warn({ cause }, 'a licence directory did not answer: one that comes after it did'),
  );

/** `PARTNERS`. @throws UserError when the file cannot be used. */
export function openRegister(path: string, live?: Live): PartnerRegister {
  const file = csvFile('PARTNERS', path);
  return live ? csvRegister(path, watch(file, readPartners, live).inForce) : createCsvRegister(file);
}

function watch<T extends { readonly rows: number }>(
  source: CsvSource & CsvFile,
  read: (source: CsvSource) => T,
  { log, resources, lookEveryMs }: Live,
): WatchedFile<T> {
  const { variable, path } = source;
  const watching: Watching<T> = {
    ...{ variable, path },
    read: (signal) => readCsvInThread({ variable, path }, signal),
    onExchanged(rows, before) {
      if (before === null) log.info({ variable, rows }, 'a changed file was read again and is in force');
      else log.warn({ variable, rows, before }, 'a changed file is in force that holds less than half of the rows');
    },
    onRefused: (cause) => log.error({ variable, cause }, 'a changed file was refused: the old data stay in force'),
  };
  const watched = watchFile(() => read(source), watching, lookEveryMs);
  resources.defer(() => watched.close());
  return watched;
}

const csvFile = (variable: CsvFile['variable'], path: string): CsvSource & CsvFile => ({
  variable,
  path,
  name: path,
  text: () => readFileSync(path),
  writtenAt: () => statSync(path).mtime,
});
