/** The partner register as a CSV file: `PARTNERS=csv:PATH`. */
import { z } from 'zod';
import { type Partner, Region } from '../model.ts';
import type { PartnerRegister } from '../ports.ts';
import { type CsvSource, readCsv } from './csv.ts';

const COLUMNS = ['domain', 'name', 'tier', 'country', 'region', 'language', 'contract', 'account_manager'];

const row = z
  .object({
    domain: z.string().toLowerCase().min(1),
    name: z.string(),
    tier: z.enum(['authorized', 'advanced', 'premium']),
    country: z
      .string()
      .toUpperCase()
      .regex(/^([A-Z]{2})?$/, { error: 'must be an ISO 3166-1 alpha-2 code' }),
    region: z.union([z.literal('').transform(() => null), Region]),
    language: z.string(),
    contract: z.enum(['valid', 'expired']),
    account_manager: z.string(),
  })
  .transform(({ account_manager, ...rest }): Partner => ({ ...rest, accountManager: account_manager }));

/** Loads the file once. @throws UserError when a line is not as INTERFACES describes it. */
export function createCsvRegister(source: CsvSource): PartnerRegister {
  const partners = readCsv(source, COLUMNS, row);
  const byDomain = new Map(partners.map((partner) => [partner.domain, partner]));
  const managers = new Set(partners.map(({ accountManager }) => accountManager.trim().toLowerCase()));
  managers.delete('');
  return {
    find: async (domain) => byDomain.get(domain.toLowerCase()) ?? null,
    isAccountManager: async (address) => managers.has(address.toLowerCase()),
    check: async () => `${source.name} holds ${partners.length} partners`,
  };
}
