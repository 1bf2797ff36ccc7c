/** Adapters chosen by the scheme of an address. */
import { readFileSync, statSync } from 'node:fs';
import { UserError } from '../errors.ts';
import type { LicenceDirectory, PartnerRegister } from '../ports.ts';
import type { CsvSource } from './csv.ts';
import { createCsvDirectory } from './licences-csv.ts';
import { createCsvRegister } from './partners-csv.ts';

/** A directory that knows nobody: for `inspect` without LICENCES. */
export const emptyDirectory: LicenceDirectory = {
  find: async () => [],
  check: async () => 'LICENCES is not set: no account is known',
};
/** A register that knows nobody: every sender is unverified. */
export const emptyRegister: PartnerRegister = {
  find: async () => null,
  check: async () => 'PARTNERS is not set: every sender is unverified',
};

/** `LICENCES`. @throws UserError when it cannot be used. */
export function openDirectory(address: URL, path: string): LicenceDirectory {
  if (address.protocol === 'csv:') return createCsvDirectory(csvFile('LICENCES', path));
  throw new UserError(`LICENCES: ${address.protocol} is not supported: write csv:PATH`);
}

/** `PARTNERS`. @throws UserError when it cannot be used. */
export function openRegister(address: URL, path: string): PartnerRegister {
  if (address.protocol === 'csv:') return createCsvRegister(csvFile('PARTNERS', path));
  throw new UserError(`PARTNERS: ${address.protocol} is not supported: write csv:PATH`);
}

const csvFile = (variable: string, path: string): CsvSource => ({
  variable,
  name: path,
  text: () => readFileSync(path),
  writtenAt: () => statSync(path).mtime,
});
