/** The receipt: whether a ticket gets one, and what it tells. Off unless the policy says otherwise (outbound.yaml). */
import type { ReplyKind } from '../model.ts';
import { decidingWords } from '../pipeline/decide/impact.ts';
import { type Receipt, receiptOf } from '../pipeline/reply/receipt.ts';
import type { Policy } from '../policy.ts';
import type { Occasion } from './plan-reply.ts';

/** What of an occasion says whether there is to be one. */
type Due = {
  readonly settled?: boolean;
  readonly mail: Pick<Occasion['mail'], 'kind'>;
  readonly decision: Pick<Occasion['decision'], 'reply' | 'mailbox'>;
};

/**
 * `receipt` when the ticket is to have one. Never for an answer, nor while the directory has yet to speak: its question would
 * find the mail answered already.
 */
export function receiptDue({ decision, mail, settled }: Due, { outbound }: Policy): 'receipt' | null {
  if (outbound.receipt === 'off' || !settled || mail.kind !== 'request' || decision.reply) return null;
  const strayed = decision.mailbox.used !== decision.mailbox.expected;
  return outbound.receipt === 'on' || strayed ? 'receipt' : null;
}

/** Replies that a partner gets at most once in `noteEveryDays`: the same lesson twice a day teaches nobody. */
export const isOccasional = (kind: ReplyKind, { outbound }: Policy): boolean =>
  kind === 'missing-superadmin-note' || (kind === 'receipt' && outbound.receipt === 'wrong-mailbox');

export function receiptFor({ decision, mail, enquiry }: Occasion, policy: Policy, now: Date): Receipt {
  const statement = { subject: mail.subject, text: mail.text, enquiry };
  const words = decision.severity ? decidingWords(statement, decision.severity, policy) : [];
  return receiptOf(decision, words, policy, now);
}
