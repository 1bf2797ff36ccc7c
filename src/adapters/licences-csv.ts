/** The licence directory as a CSV file: `LICENCES=csv:PATH`. */
import { z } from 'zod';
import { type LookupKey, Region, type Subscription } from '../model.ts';
import type { LicenceDirectory } from '../ports.ts';
import { type CsvSource, readCsv } from './csv.ts';

const COLUMNS = [
  'superadmin_email',
  'domain',
  'organisation',
  'zoid',
  'country',
  'region',
  'service',
  'zgid',
  'zuids',
  'licences',
  'status',
];

const several = z.string().transform((text) => text.toLowerCase().split(/\s+/).filter(Boolean));
const id = z.string().regex(/^\d*$/, { error: 'must be digits' });

const row = z
  .object({
    superadmin_email: z.string().toLowerCase().pipe(z.email()),
    domain: several,
    organisation: z.string(),
    zoid: id,
    country: z
      .string()
      .toUpperCase()
      .regex(/^([A-Z]{2})?$/, { error: 'must be an ISO 3166-1 alpha-2 code' }),
    region: z.union([z.literal('').transform(() => null), Region]),
    service: z.string().min(1),
    zgid: id,
    zuids: several,
    licences: z.string().regex(/^\d+$/, { error: 'must be a whole number' }).transform(Number),
    status: z.enum(['active', 'inactive']),
  })
  .transform(
    ({ superadmin_email, domain, zuids, status, ...rest }): Subscription => ({
      ...rest,
      superadminEmail: superadmin_email,
      domains: domain,
      zuids,
      active: status === 'active',
    }),
  );

/** Loads the file once. @throws UserError when a line is not as INTERFACES describes it. */
export function createCsvDirectory(source: CsvSource): LicenceDirectory {
  const subscriptions = readCsv(source, COLUMNS, row);
  const writtenAt = source.writtenAt?.();
  const byAccount = Map.groupBy(subscriptions, (one) => one.superadminEmail);
  const owners = new Map<string, Set<string>>();
  const index = (key: LookupKey, value: string, owner: string): void => {
    if (value)
      (owners.get(`${key}\0${value}`) ?? owners.set(`${key}\0${value}`, new Set()).get(`${key}\0${value}`))?.add(owner);
  };
  for (const one of subscriptions) {
    index('superadminEmail', one.superadminEmail, one.superadminEmail);
    index('customerEmail', one.superadminEmail, one.superadminEmail);
    for (const domain of one.domains) index('domain', domain, one.superadminEmail);
    for (const zuid of one.zuids) index('zuid', zuid, one.superadminEmail);
    index('zoid', one.zoid, one.superadminEmail);
    index('zgid', one.zgid, one.superadminEmail);
  }
  return {
    find: async (key, value) =>
      [...(owners.get(`${key}\0${value.toLowerCase()}`) ?? [])].flatMap((owner) => byAccount.get(owner) ?? []),
    ...(writtenAt ? { asOf: () => writtenAt } : {}),
    check: async () => `${source.name} holds ${subscriptions.length} subscriptions of ${byAccount.size} accounts`,
  };
}
