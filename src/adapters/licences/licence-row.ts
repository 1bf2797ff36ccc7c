/** One row of the licence directory, as a CSV file and as the licence service write it. */
import { z } from 'zod';
import { Region, type Subscription } from '../../model.ts';

/** The columns of the CSV file, in the order of INTERFACES. */
export const LICENCE_COLUMNS = [
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

const severalIn = (text: string): string[] => text.toLowerCase().split(/\s+/).filter(Boolean);
const several = z.string().transform(severalIn);
const id = z.string().regex(/^\d*$/, { error: 'must be digits' });
const superadmin = z.string().toLowerCase().pipe(z.email());
const region = z.union([z.literal('').transform(() => null), Region]);
const status = z.enum(['active', 'inactive']);

/** ISO 3166-1 alpha-2, or empty. */
export const countryCode = z
  .string()
  .toUpperCase()
  .regex(/^([A-Z]{2})?$/, { error: 'must be an ISO 3166-1 alpha-2 code' });

/** A record of the CSV file. */
export const csvLicenceRow = z
  .object({
    superadmin_email: superadmin,
    domain: several,
    organisation: z.string(),
    zoid: id,
    country: countryCode,
    region,
    service: z.string().min(1),
    zgid: id,
    zuids: several,
    licences: z.string().regex(/^\d+$/, { error: 'must be a whole number' }).transform(Number),
    status,
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

/** JSON leaves out what is empty, or says null. */
const orEmpty = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value ?? '', schema);
/** An id as a number is taken as long as no digit of it can have been lost. */
const jsonId = z.preprocess((value) => (Number.isSafeInteger(value) ? String(value) : value), id);
const manyValues = z.union([several, z.array(z.string()).transform((values) => values.flatMap(severalIn))], {
  error: 'must be text, or a list of texts',
});
const count = z.union([z.int().nonnegative(), z.string().regex(/^\d+$/).transform(Number)], {
  error: 'must be a whole number',
});

/** An object of the licence service: camelCase of the columns. Strict about what is used, tolerant of keys nobody here knows. */
export const jsonLicenceRow = z
  .object({
    superadminEmail: superadmin,
    domain: orEmpty(manyValues),
    organisation: orEmpty(z.string()),
    zoid: orEmpty(jsonId),
    country: orEmpty(countryCode),
    region: orEmpty(region),
    service: z.string().min(1),
    zgid: orEmpty(jsonId),
    zuids: orEmpty(manyValues),
    licences: count,
    status,
  })
  .transform(
    ({ domain, status, ...rest }): Subscription => ({ ...rest, domains: domain, active: status === 'active' }),
  );
