/** What is different between two decisions on one mail, as far as people act on it. */
import type { Decision } from '../../model.ts';

export type Change = { readonly what: string; readonly from: string; readonly to: string };

const NONE = 'none';

/** Not the reasons, the policy's hash or the directory's age: they have words of their own. In the order of their weight. */
const SHOWN: Readonly<Record<string, (decision: Decision) => string>> = {
  severity: ({ severity }) => severity ?? NONE,
  priorityCustomer: ({ priorityCustomer }) => String(priorityCustomer),
  provisional: ({ provisional }) => String(provisional),
  requestNature: ({ requestNature }) => requestNature,
  slaApplies: ({ slaApplies }) => String(slaApplies),
  account: ({ account }) => account?.superadminEmail ?? NONE,
  licences: ({ account }) => (account ? `${account.licences}${account.service ? ` (${account.service})` : ''}` : NONE),
  region: ({ region }) => region,
  threshold: ({ threshold }) => String(threshold),
  partner: ({ partner }) => (partner ? `${partner.name} (${partner.tier})` : NONE),
  contract: ({ partner }) => partner?.contract ?? NONE,
  escalationOffered: ({ escalationOffered }) => String(escalationOffered ?? NONE),
  mailbox: ({ mailbox }) => mailbox.expected,
  missing: ({ missing }) => missing.join(' + ') || NONE,
  reply: ({ reply }) => reply ?? NONE,
  override: ({ override }) => (override ? `${override.severity} by ${override.by}` : NONE),
  'first response': ({ deadlines }) => due(deadlines.firstResponse),
  determination: ({ deadlines }) => due(deadlines.determination),
  resolution: ({ deadlines }) => due(deadlines.resolution),
};

/** Deadlines move with the severity: what follows from another change is no news. */
export const DEADLINES: readonly string[] = ['first response', 'determination', 'resolution'];

const due = (deadline: Decision['deadlines']['resolution']): string =>
  deadline ? `${deadline.target}/${deadline.commitment}` : NONE;

/** Every thing that is not the same, the weightiest first. Tags: see `tagChanges`. */
export function changesOf(before: Decision, after: Decision): Change[] {
  return Object.entries(SHOWN).flatMap(([what, shown]) => {
    const [from, to] = [shown(before), shown(after)];
    return from === to ? [] : [{ what, from, to }];
  });
}

/** Tags that came (`+tag`) and went (`-tag`). */
export const tagChanges = (before: Decision, after: Decision): string[] => [
  ...after.tags.filter((tag) => !before.tags.includes(tag)).map((tag) => `+${tag}`),
  ...before.tags.filter((tag) => !after.tags.includes(tag)).map((tag) => `-${tag}`),
];
