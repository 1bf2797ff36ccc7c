/** What an associate filled in, against what the directory answers: where the mail says otherwise, the associate knows better. */
import type { Enquiry, FieldValue, LookupKey, Reason } from '../../model.ts';
import { type Answer, domainOf, type Lookup } from './identify.ts';

/** The keys an associate can set; a super admin's address has its own rules. */
const KEYS = ['zuid', 'zoid', 'zgid', 'customerEmail'] as const satisfies readonly LookupKey[];

/** The value set by hand that led to an answer; undefined when nobody set it, be it of the same kind of key or not. */
export function handOf({ fields }: Enquiry, { key, value }: Lookup): FieldValue | undefined {
  if (key === 'superadminEmail') return undefined;
  const field = fields[key === 'domain' ? 'customerEmail' : key];
  if (field?.by !== 'associate') return undefined;
  return (key === 'domain' ? domainOf(field.value) : field.value) === value ? field : undefined;
}

export const isKeySetByHand = ({ fields }: Enquiry): boolean => KEYS.some((key) => fields[key]?.by === 'associate');

/** Why the account is the one it is. A domain nobody sets: it is that of the address that was set. */
export function byHandBecause(hand: FieldValue, { key, value }: Lookup): string {
  if (key !== 'domain') return `an associate set ${key} ${value}`;
  return `an associate set customerEmail ${hand.value}: its domain ${value} counts`;
}

/** Says of each key set by hand that led to no account, since another may have. */
export function unknownByHand(enquiry: Enquiry, answers: readonly Answer[]): Reason[] {
  return KEYS.flatMap((key) => {
    const hand = enquiry.fields[key];
    const asked = answers.filter((answer) => handOf(enquiry, answer) === hand && hand !== undefined);
    const isAsked = asked.some((answer) => answer.key === key);
    if (!isAsked || asked.some(({ rows }) => ownersOf(rows) === 1)) return [];
    const several = asked.find(({ rows }) => rows.length > 0);
    const because = several
      ? `an associate set ${key} ${hand?.value}: ${ownersOf(several.rows)} accounts share the ${several.key} ${several.value}, so it names none`
      : `an associate set ${key} ${hand?.value}: the directory does not know it`;
    return [{ rule: 'identification.by-hand-unknown', because }];
  });
}

const ownersOf = (rows: Answer['rows']): number => new Set(rows.map(({ superadminEmail }) => superadminEmail)).size;
