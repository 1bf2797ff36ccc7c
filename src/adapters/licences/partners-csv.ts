/** The partner register as a CSV file: `PARTNERS=csv:PATH`. */
import { z } from 'zod';
import { type Partner, PartnerContract, PartnerTier, Region } from '../../model.ts';
import type { PartnerRegister } from '../../ports.ts';
import { type CsvSource, eachRow } from './csv.ts';
import { countryCode } from './licence-row.ts';
import type { InForce } from './watched-file.ts';

const COLUMNS = ['domain', 'name', 'tier', 'country', 'region', 'language', 'contract', 'account_manager'];

const row = z
  .object({
    domain: z.string().toLowerCase().min(1),
    name: z.string(),
    tier: PartnerTier,
    country: countryCode,
    region: z.union([z.literal('').transform(() => null), Region]),
    language: z.string(),
    contract: PartnerContract,
    account_manager: z.string(),
  })
  .transform(({ account_manager, ...rest }): Partner => ({ ...rest, accountManager: account_manager }));

/** Partners by domain, and the addresses of their account managers, in lower case. */
export type PartnerTable = {
  readonly rows: number;
  readonly byDomain: ReadonlyMap<string, Partner>;
  readonly managers: ReadonlySet<string>;
};

/** Reads the file once. @throws UserError when a line is not as INTERFACES describes it. */
export function readPartners(source: CsvSource): PartnerTable {
  const partners: Partner[] = [];
  eachRow(source, COLUMNS, row, (one) => partners.push(one));
  const managers = new Set(partners.map(({ accountManager }) => accountManager.trim().toLowerCase()));
  managers.delete('');
  return { rows: partners.length, byDomain: new Map(partners.map((one) => [one.domain, one])), managers };
}

/** A register that answers from what is in force at that moment, and says what was refused since. */
export const csvRegister = (name: string, inForce: () => InForce<PartnerTable>): PartnerRegister => ({
  find: async (domain) => inForce().data.byDomain.get(domain.toLowerCase()) ?? null,
  isAccountManager: async (address) => inForce().data.managers.has(address.toLowerCase()),
  async check() {
    const { data, refused } = inForce();
    const holds = `${name} holds ${data.rows} partners`;
    return refused ? `${holds}; it was changed and refused: ${refused}` : holds;
  },
});

/** Loads the file once. @throws UserError when a line is not as INTERFACES describes it. */
export function createCsvRegister(source: CsvSource): PartnerRegister {
  const inForce = { data: readPartners(source), writtenAt: source.writtenAt?.() ?? null, refused: null };
  return csvRegister(source.name, () => inForce);
}
