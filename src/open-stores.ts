/** The stores the configuration names, for whoever needs no mail and no queue: a command must not wait for their libraries. */
import { join } from 'node:path';
import { emptyDirectory, emptyRegister, openDirectory, openRegister } from './adapters/directories.ts';
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

/** The licence directory and the partner register; ones that know nobody where none is configured. */
export const openDirectories = (config: Config): Directories => ({
  directory: config.licences ? openDirectory(config.licences, pathOf(config.licences)) : emptyDirectory,
  partners: config.partners ? openRegister(config.partners, pathOf(config.partners)) : emptyRegister,
});
