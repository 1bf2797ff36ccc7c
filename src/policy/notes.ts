/** What a valid policy leaves out: allowed, and said by `policy check` so that nobody believes it is there. */
import { REGIONS } from '../model.ts';
import type { Templates } from '../pipeline/reply/reply-template.ts';
import type { Policy } from './assemble.ts';

/** A line for each thing that falls back to something else. */
export function notesOf(policy: Policy, templates: Templates): string[] {
  return [...withoutTexts(policy, templates), ...withoutManagers(policy), ...withoutRisks(policy)];
}

function withoutTexts({ labels, outbound }: Policy, templates: Templates): string[] {
  const codes = Object.keys(labels.languages);
  const others = codes.filter((code) => !templates.has(code));
  if (others.length === 0) return [];
  const there = [...templates.keys()].toSorted().join(', ');
  const { fallbackLanguage } = outbound;
  return [
    `reply texts in ${there}; mail in ${others.toSorted().join(', ')} is answered in the partner's registered language or ${fallbackLanguage}`,
  ];
}

/** Some regions publish no manager. */
function withoutManagers({ escalation, regions }: Policy): string[] {
  const none = REGIONS.filter((region) => escalation.contacts[region].managers.length === 0);
  const names = none.map((region) => regions.regions[region].name);
  return none.length > 0
    ? [`no manager in ${names.join(', ')}: the escalation desk is told, where none is set the leads`]
    : [];
}

function withoutRisks({ escalation, labels }: Policy): string[] {
  const mute = Object.keys(labels.languages).filter((code) => !Object.hasOwn(escalation.risks, code));
  return mute.length > 0 ? [`no words for risks in ${mute.join(', ')} (escalation.yaml)`] : [];
}
