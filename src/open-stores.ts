/** The stores the configuration names, for whoever needs no mail and no queue: a command must not wait for their libraries. */
import { join } from 'node:path';
import {
  emptyDirectory,
  emptyRegister,
  type Live,
  openDirectory,
  openRegister,
} from './adapters/licences/directories.ts';
import { openEmbeddedPostgres } from './adapters/postgres-embedded.ts';
import { type Config, pathOf } from './config.ts';
import { type Ledger, openLedger } from './ledger/open.ts';
import type { LicenceDirectory, PartnerRegister } from './ports.ts';

/** Opens the ledger the configuration names, embedded or not. */
export async function openConfiguredLedger(config: Config, resources: AsyncDisposableStack): Promise<Ledger> {
  let url = config.databaseUrl;
  if (url === null) {
    const server = await openEmbeddedPostgres({ folder: join(config.varDir, 'postgres') });
    resources.defer(() => server.close());
    url = server.url;
  }
  const ledger = await openLedger(url);
  resources.defer(() => ledger.close());
  return ledger;
}

export type Directories = { readonly directory: LicenceDirectory; readonly partners: PartnerRegister };

/**
 * The licence directory and the partner register; ones that know nobody where none is configured.
 * @param live what a daemon gives: files are then watched, read again when they change, and no longer once `resources` are released.
 * @throws UserError when a file cannot be used.
 */
export const openDirectories = (config: Config, live?: Live): Directories => ({
  directory: config.licences ? openDirectory(config.licences, live) : emptyDirectory,
  partners: config.partners ? openRegister(pathOf(config.partners), live) : emptyRegister,
});
