/** What a partner's tier and contract bring (DOMAIN, partner tiers and escalation). */
import type { Decision, Partner, Reason } from '../../model.ts';
import type { Policy } from '../../policy.ts';

export type PartnerTerms = {
  readonly partner: Decision['partner'];
  readonly escalationOffered: boolean;
  readonly tags: readonly string[];
  readonly reasons: readonly Reason[];
};

/** Null is a sender nobody in the register knows: the ticket is made all the same, no contract can be shown. */
export function termsOf(partner: Partner | null, { partners }: Policy): PartnerTerms {
  if (!partner) {
    const because = "the sender's domain is not in the partner register";
    const reasons = [{ rule: 'partners.unverified', because }];
    return { partner: null, escalationOffered: false, tags: ['partner-unverified'], reasons };
  }
  const { name, tier, contract } = partner;
  const escalationOffered = partners.escalationContracts.includes(contract);
  const because = `${name}'s contract is ${contract}: escalation is not offered`;
  return {
    partner: { name, tier, verified: true, contract, channels: [...partners.everyTier, ...partners.tiers[tier]] },
    escalationOffered,
    tags: escalationOffered ? [] : [`contract-${contract}`],
    reasons: escalationOffered ? [] : [{ rule: 'partners.escalationContracts', because }],
  };
}
