/** Whether some of the directory's answers are enough when others could not be had. */
import type { Enquiry, LookupKey } from '../../model.ts';
import { handOf } from './by-hand.ts';
import type { Answer, Lookup } from './identify.ts';

/** The account these name counts whatever later keys say (`identify`); a domain and an id are weighed against each other. */
const OUTWEIGH_LATER: readonly LookupKey[] = ['superadminEmail', 'customerEmail'];

/**
 * Whether the account is known for sure without the lookups that failed. Pure. Nobody is "unknown" because one failed, and a key
 * that an associate set is always waited for.
 * @param lookups all that was asked, in the order in which an answer counts.
 */
export function isDecidedBy(answers: readonly Answer[], lookups: readonly Lookup[], enquiry: Enquiry): boolean {
  const answerTo = ({ key, value }: Lookup): Answer | undefined =>
    answers.find((answer) => answer.key === key && answer.value === value);
  if (lookups.some((lookup) => !answerTo(lookup) && handOf(enquiry, lookup))) return false;
  const first = lookups.findIndex((lookup) => OUTWEIGH_LATER.includes(lookup.key) && namesOne(answerTo(lookup)));
  return first >= 0 && lookups.slice(0, first).every(answerTo);
}

const namesOne = (answer: Answer | undefined): boolean =>
  new Set(answer?.rows.map(({ superadminEmail }) => superadminEmail)).size === 1;
