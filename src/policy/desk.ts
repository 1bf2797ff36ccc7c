/** policy/desk.yaml: how tickets appear in Zoho Desk. */
import { z } from 'zod';
import { Severity } from '../model.ts';

/** Desk's names of custom fields (`cf_` and lower case). */
const fieldName = z
  .string()
  .regex(/^cf_[a-z0-9_]{1,100}$/, { error: 'is not the API name of a custom field: they begin with cf_' });
const share = z.number().gt(0).max(1);
const edition = z.strictObject({
  credits: z.number().int().positive(),
  creditsPerUser: z.number().int().nonnegative(),
  /** At once. */
  calls: z.number().int().positive(),
});

/** How many calls at once are ours, of those that the edition allows the whole portal: one at least. */
export const callsAtOnce = ({ edition, editions, callsShare }: z.infer<typeof desk>): number =>
  Math.max(1, Math.floor((editions[edition]?.calls ?? 0) * callsShare));

/** How many of the day's credits are kept for priority customers. */
export const creditsReserved = ({ edition, editions, users, reserveForPriority }: z.infer<typeof desk>): number => {
  const { credits = 0, creditsPerUser = 0 } = editions[edition] ?? {};
  return reserveForPriority * (credits + users * creditsPerUser);
};

export const desk = z
  .strictObject({
    fields: z.strictObject({
      superadminEmail: fieldName,
      priorityCustomer: fieldName,
      severity: fieldName,
      service: fieldName,
      serviceOrganisationId: fieldName,
      /** Holds the correlation key: by it a ticket is found again. */
      key: fieldName,
    }),
    severities: z.record(Severity, z.string().min(1)),
    edition: z.string(),
    users: z.number().int().positive(),
    editions: z.record(z.string(), edition),
    /** Of the calls at once that the edition allows the whole portal. */
    callsShare: share,
    /** Of the day's credits: what is left of them is for priority customers. */
    reserveForPriority: z.number().min(0).lt(1),
    /** After how many seconds a call that broke has no effect any more, and the search knows of all it had. */
    indexSeconds: z.number().positive(),
    pollSeconds: z.number().positive(),
    attachmentMegabytes: z.number().positive().max(40),
  })
  .refine(({ edition: name, editions }) => Object.hasOwn(editions, name), {
    path: ['edition'],
    error: 'is not one of the editions below',
  });
