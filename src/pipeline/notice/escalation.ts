/** A partner's wish to escalate: whether it is justified (DOMAIN, Escalation), and why or why not. Pure. */
import type { Deadlines, Enquiry, Partner, Severity } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import { termsOf } from '../decide/partner-terms.ts';
import { riskIn } from './risks.ts';

export type EscalationInput = {
  /** What the mail that asks for it says. */
  readonly subject: string;
  readonly text: string;
  /** What was extracted of it: the language it is written in. */
  readonly enquiry?: Enquiry | undefined;
  readonly partner: Partner | null;
  /** The ticket it is about. */
  readonly severity: Severity | null;
  /** Its outages, downtime and login problems, which run through weekends. */
  readonly outage: boolean;
  /** What of it is not done yet. */
  readonly due: Deadlines;
  /** The partner's S1 tickets within the policy's window, this one included. */
  readonly recentCritical: number;
  readonly now: Date;
};

export type EscalationVerdict = {
  /** `told`: it is justified, the lead is told. `wished`: recorded until it is. `not-offered`: recorded, no valid contract. */
  readonly outcome: 'told' | 'wished' | 'not-offered';
  readonly rule: string;
  readonly because: string;
};

/** The first reason that holds; the contract comes before all of them. */
export function judgeEscalation(input: EscalationInput, policy: Policy): EscalationVerdict {
  const terms = termsOf(input.partner, policy);
  if (!terms.escalationOffered) {
    const [reason] = terms.reasons;
    const because = reason?.because ?? 'the partner has no valid contract';
    return { outcome: 'not-offered', rule: reason?.rule ?? 'partners.escalationContracts', because };
  }
  for (const [rule, holds] of reasons) {
    const because = holds(input, policy);
    if (because) return { outcome: 'told', rule: `escalation.${rule}`, because };
  }
  const first = input.due.firstResponse?.commitment;
  const because = first
    ? `the response is due ${minute(first)}, and no other reason is given`
    : 'no response time runs on it, and no other reason is given';
  return { outcome: 'wished', rule: 'escalation.too-early', because };
}

type Holds = (input: EscalationInput, policy: Policy) => string | null;

const passed = (at: string | undefined, now: Date): boolean => at !== undefined && Date.parse(at) <= now.getTime();
const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

const reasons: readonly (readonly [rule: string, holds: Holds])[] = [
  [
    'response-passed',
    ({ due, now }) => {
      const missed = [due.firstResponse, due.determination, due.resolution].find((one) => passed(one?.commitment, now));
      return missed ? `the commitment passed ${minute(missed.commitment)} without a response` : null;
    },
  ],
  [
    'risks',
    (input, policy) => {
      const risk = riskIn(input, policy);
      return risk ? `security or risk of data loss: the mail says "${risk}"` : null;
    },
  ],
  [
    'outage',
    ({ outage, due, now }) =>
      outage && passed(due.firstResponse?.target, now)
        ? `an outage near the commitment: the target passed ${minute(due.firstResponse?.target ?? '')}`
        : null,
  ],
  [
    'high-impact',
    ({ severity, due, now }) =>
      severity === 'S1' && passed(due.determination?.target, now)
        ? `high impact that takes long: determination was aimed at ${minute(due.determination?.target ?? '')}`
        : null,
  ],
  [
    'recurringIncidents',
    ({ recentCritical }, { escalation: { recurringIncidents } }) =>
      recentCritical >= recurringIncidents.count
        ? `recurring: ${recentCritical} S1 tickets of the partner in ${recurringIncidents.days} days`
        : null,
  ],
];
