/** Suppositions on the place: region, mailbox, partner. */
import { type Decision, MAILBOX_NAMES, type Partner, REGIONS, type Region } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import type { ClassifyInput } from './classify.ts';
import type { Supposition } from './what-if.ts';

/** Another region, the other mailbox, a partner the register knows or one with a valid contract. */
export function placeSuppositions(input: ClassifyInput, decision: Decision, policy: Policy): Supposition[] {
  return [
    ...regionSuppositions(input, decision, policy),
    ...MAILBOX_NAMES.filter((name) => name !== input.mailbox).map((mailbox) => ({
      supposing: `if it had come to ${policy.mailboxes.mailboxes[mailbox].address}`,
      input: { ...input, mailbox },
    })),
    ...partnerSuppositions(input),
  ];
}

function regionSuppositions(input: ClassifyInput, decision: Decision, policy: Policy): Supposition[] {
  // Where nobody's region is known there is nothing to suppose but a mailbox or a partner.
  if (decision.regionFrom === 'default') return [];
  return REGIONS.filter((region) => region !== decision.region).map((region) => ({
    supposing: `if the region were ${region} (large from ${policy.regions.regions[region].licences})`,
    input: decision.regionFrom === 'customer' ? customerIn(input, region) : partnerIn(input, region),
    itself: ['region', 'threshold'],
  }));
}

const customerIn = (input: ClassifyInput, region: Region): ClassifyInput => ({
  ...input,
  directory: {
    ...input.directory,
    answers: input.directory.answers.map((answer) => ({
      ...answer,
      rows: answer.rows.map((row) => ({ ...row, region })),
    })),
  },
});

const partnerIn = (input: ClassifyInput, region: Region): ClassifyInput => ({
  ...input,
  partner: input.partner && { ...input.partner, region },
});

function partnerSuppositions(input: ClassifyInput): Supposition[] {
  if (input.partner === null)
    return [
      {
        supposing: "if the register knew the sender's domain",
        input: { ...input, partner: SOME_PARTNER },
        itself: ['partner', 'contract'],
      },
    ];
  if (input.partner.contract === 'valid') return [];
  return [
    {
      supposing: "if the partner's contract were valid",
      input: { ...input, partner: { ...input.partner, contract: 'valid' } },
      itself: ['contract'],
    },
  ];
}

const SOME_PARTNER: Partner = {
  domain: 'partner.example',
  name: 'a registered partner',
  tier: 'authorized',
  country: '',
  region: null,
  language: 'en',
  contract: 'valid',
  accountManager: '',
};
