/** What another policy would have made of mails: one by one, and summed up. */
import type { DecidedMail } from '../ledger/decided.ts';
import type { Decision, Reason } from '../model.ts';
import { type Change, changesOf, DEADLINES, tagChanges } from '../pipeline/decide/changes.ts';

/** Figures behind a decision: another threshold that decides the same is no difference. */
const FIGURES: readonly string[] = ['licences', 'threshold'];
const SUBJECT_CHARACTERS = 50;
/** Reasons named in a line: the first new ones say most. */
const RULES_NAMED = 2;

export type Difference = {
  readonly ticket: string | null;
  readonly mail: number;
  readonly messageId: string | null;
  readonly subject: string;
  readonly changes: readonly Change[];
  readonly tags: readonly string[];
  /** Reasons only the new decision has; where there are none, those it no longer has. */
  readonly rules: readonly Reason[];
  readonly gone: readonly Reason[];
};

export type Summary = {
  readonly mails: number;
  readonly differ: number;
  /** How many mails, by what changes: "S3 -> S2". */
  readonly counts: Readonly<Record<string, number>>;
  readonly inForce: string;
  readonly tried: string;
};

/** Null when people would act on both decisions in the same way. */
export function differenceBetween(mail: DecidedMail, before: Decision, after: Decision): Difference | null {
  const changes = changesOf(before, after).filter(({ what }) => !FIGURES.includes(what));
  const tags = tagChanges(before, after);
  if (changes.length === 0 && tags.length === 0) return null;
  const { id, ticket, parsed } = mail;
  return {
    ticket,
    mail: id,
    messageId: parsed.messageId,
    subject: parsed.subject,
    changes: told(changes),
    tags,
    rules: without(after.reasons, before.reasons),
    gone: without(before.reasons, after.reasons),
  };
}

const without = (reasons: readonly Reason[], others: readonly Reason[]): Reason[] =>
  reasons.filter((one) => !others.some((other) => other.rule === one.rule && other.because === one.because));

/** Other deadlines follow from another severity: they are told where nothing else is. */
function told(changes: readonly Change[]): Change[] {
  const others = changes.filter(({ what }) => !DEADLINES.includes(what));
  return others.length > 0 ? others : [...changes];
}

/** How often each change is made. */
export function summaryOf(differences: readonly Difference[]): Pick<Summary, 'differ' | 'counts'> {
  const counts: Record<string, number> = {};
  for (const { changes, tags } of differences) {
    const names = [...changes.map(inWords), ...tags.map((tag) => `tag ${tag}`)];
    for (const name of new Set(names)) counts[name] = (counts[name] ?? 0) + 1;
  }
  return { differ: differences.length, counts };
}

/** "14 of 500: 9 S3 -> S2, 5 gain the reply missing-superadmin-ask". */
export function summaryLine({ mails, differ, counts, inForce, tried }: Summary): string {
  if (inForce === tried) return `0 of ${mails}: it is the policy in force (${inForce})`;
  if (differ === 0) return `0 of ${mails} would differ`;
  const parts = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  return `${differ} of ${mails}: ${parts.map(([name, count]) => `${count} ${name}`).join(', ')}`;
}

/** One mail: number, subject, what changes, by which rule. */
export function differenceLine({ ticket, mail, subject, changes, tags, rules, gone }: Difference): string {
  const name = ticket ?? `mail ${mail}`;
  const what = [...changes.map(inWords), ...tags].join(', ');
  const why = rules.length > 0 ? rules : gone;
  const named = why.slice(0, RULES_NAMED).map(({ rule, because }) => `${rule}: ${because}`);
  const by = named.length > 0 ? `  [${rules.length > 0 ? '' : 'no longer '}${named.join('; ')}]` : '';
  return `${name}  ${cut(subject)}  ${what}${by}`;
}

const cut = (text: string): string =>
  text.length > SUBJECT_CHARACTERS ? `${text.slice(0, SUBJECT_CHARACTERS - 1)}…` : text;

function inWords({ what, from, to }: Change): string {
  if (what === 'severity') return `${from} -> ${to}`;
  if (what === 'reply' && from === 'none') return `gain the reply ${to}`;
  if (what === 'reply' && to === 'none') return `lose the reply ${from}`;
  if (what === 'priorityCustomer') return to === 'true' ? 'become large accounts' : 'are no longer large accounts';
  if (DEADLINES.includes(what)) return `another ${what}`;
  return `${what} ${from} -> ${to}`;
}
