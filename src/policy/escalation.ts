/** escalation.yaml: who inside is told of what goes wrong, and when. */
import { z } from 'zod';
import { Region } from '../model.ts';
import { didYouMean } from './nearest.ts';
import type { Problem } from './problems.ts';

/** The territory of the countries that no other contact of the same list is for. */
const ELSEWHERE = 'elsewhere';

const within = z.strictObject({ count: z.number().int().positive(), days: z.number().positive() });
/** An address alone is for the whole region. */
const contact = z.union([z.email(), z.strictObject({ for: z.string().min(1), email: z.email() })], {
  error: 'is neither an address nor { for: TERRITORY, email: ADDRESS }',
});
const contacts = z.array(contact);

export const escalation = z.strictObject({
  /** Hours of the clock on the wall between telling the leads and telling the managers. */
  managerAfterHours: z.number().positive(),
  /** Basic (how-to) requests of one partner from which the account manager is told. */
  basicRequests: within,
  /** S1 tickets of one partner that are a reason to escalate. */
  recurringIncidents: within,
  digest: z.strictObject({ everyMinutes: z.number().nonnegative(), mostLines: z.number().int().min(20) }),
  /** Country codes by the name a contact's `for` uses. */
  territories: z.record(z.string().min(1), z.array(z.string().regex(/^[A-Z]{2}$/)).min(1)),
  contacts: z.record(Region, z.strictObject({ leads: contacts.min(1), managers: contacts, accountManagers: contacts })),
  /** Words for a security breach or a risk of data loss, by language. */
  risks: z.record(z.string().regex(/^[a-z]{2}$/), z.array(z.string().min(1)).min(1)),
  /** What takes such words back, beside the language's own denials (impact, denies). */
  notRisks: z.record(z.string().regex(/^[a-z]{2}$/), z.array(z.string().min(1)).min(1)).default({}),
});
export type Escalation = z.infer<typeof escalation>;

/** Each `for` means something, and each country is one. @param countries the codes regions.yaml knows; undefined when it could not be read. */
export function escalationProblems(
  { contacts: regions, territories }: Escalation,
  countries: object | undefined,
): Problem[] {
  const file = 'escalation';
  const names = [...Object.keys(territories), ELSEWHERE];
  const unknown = Object.entries(regions).flatMap(([region, lists]) =>
    Object.entries(lists).flatMap(([list, people]) =>
      people.flatMap((one, index) => {
        if (typeof one === 'string' || names.includes(one.for)) return [];
        const message = `'${one.for}' is neither '${ELSEWHERE}' nor among territories${didYouMean(one.for, names)}`;
        return [{ file, path: ['contacts', region, list, index, 'for'], message }];
      }),
    ),
  );
  const strange = Object.entries(territories).flatMap(([name, codes]) =>
    codes.flatMap((code, index) =>
      countries === undefined || Object.hasOwn(countries, code)
        ? []
        : [{ file, path: ['territories', name, index], message: `${code} is no country of regions.yaml` }],
    ),
  );
  return [...unknown, ...strange];
}
