/** Notes for associates: why a decision is as it is, what it changed, what the partner and we wrote. */
import type { Decision, ParsedMail } from '../../model.ts';
import type { TicketFields } from '../../ticket-model.ts';
import { changesOf, tagChanges } from '../decide/changes.ts';

const listed = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
const reasonsOf = ({ reasons }: Decision): string[] => reasons.map(({ rule, because }) => `${because} (${rule})`);

/** The first decision with all its reasons; a later one with what is different, and the reasons that are new. */
export function decisionNote(number: string, before: Decision | null, after: Decision, trigger: string): string {
  if (before === null)
    return `partner-intake ${number} decided: ${headline(after)}\n\nWhy:\n${listed(reasonsOf(after))}`;
  const changes = changesOf(before, after).map(({ what, from, to }) => `${what}: ${from} -> ${to}`);
  const tags = tagChanges(before, after);
  const known = new Set(reasonsOf(before));
  const reasons = reasonsOf(after).filter((reason) => !known.has(reason));
  return [
    `partner-intake ${number} decided again (${TRIGGERS[trigger] ?? trigger}): ${headline(after)}`,
    ...(changes.length + tags.length > 0
      ? [`Changed:\n${listed([...changes, ...(tags.length > 0 ? [`tags: ${tags.join(' ')}`] : [])])}`]
      : ['Nothing changed.']),
    ...(reasons.length > 0 ? [`Why:\n${listed(reasons)}`] : []),
  ].join('\n\n');
}

const TRIGGERS: Readonly<Record<string, string>> = {
  answer: 'the partner answered',
  set: 'an associate changed it',
  directory: 'the licence directory answers again',
};

function headline({ severity, priorityCustomer, provisional, requestNature, override, tags }: Decision): string {
  return [
    severity ? `${severity}${override ? ` (set by ${override.by})` : ''}` : 'no severity',
    ...(priorityCustomer ? ['priority customer'] : []),
    ...(provisional ? ['provisional'] : []),
    requestNature,
    ...(tags.length > 0 ? [`tags ${tags.join(', ')}`] : []),
  ].join('; ');
}

/** What the partner wrote on a ticket that is there already. */
export const answerNote = (mail: ParsedMail): string =>
  `${mail.from.address} wrote${mail.date ? ` on ${mail.date}` : ''}:\n\n${mail.text.trim() || '(no text)'}`;

/** What we wrote to the partner by ourselves. */
export const replyNote = ({ to, subject, text }: { to: string; subject: string; text: string }): string =>
  `partner-intake wrote to ${to}: ${subject}\n\n${text.trim()}`;

/** What a ticket says in fields of its own, since not all of them could be set. */
export const refusedNote = (number: string, because: string, fields: TicketFields): string =>
  `partner-intake ${number}: not every field of this ticket could be set. ${because}\n\nThey should say:\n${listed(
    Object.entries(fields).map(([name, value]) => `${name}: ${value ?? '(empty)'}`),
  )}`;

/** A file that is not brought along, and how to get it. */
export const fileNote = (file: { filename: string; size: number; sha256: string }, why: string): string =>
  `Attachment "${file.filename}" (${file.size} bytes) stays in partner-intake: ${why}. To get it: partner-intake attachment ${file.sha256.slice(0, NAMED_DIGITS)} --out FILE`;

/** Of a hash: enough to name one file among all. */
const NAMED_DIGITS = 12;
