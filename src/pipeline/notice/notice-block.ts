/** What a notice says of one ticket: why one is told, what was promised and by how much it was missed, what happened. Pure. */
import { DateTime } from 'luxon';
import type { Region } from '../../model.ts';
import type { NoticeKind, NoticeLevel, NoticeStory } from '../../notice-model.ts';
import { DEADLINE_WORDS } from '../clock/clock-words.ts';
import { quotedLine } from '../reply/reply-values.ts';
import type { NoticePolicy } from './notice.ts';

/** Of a stranger's subject, of a reason, of a line of the history. */
const SUBJECT_LENGTH = 120;
const LINE_LENGTH = 220;
/** The last things that happened, and of other tickets the first. */
const HISTORY_LINES = 8;
const RELATED_LINES = 20;
/** The reasons that say why it has its severity. */
const SEVERITY_RULES = /^severity\.|\.licences$|^override/;

export type NoticeInput = {
  readonly kind: NoticeKind;
  readonly level: NoticeLevel;
  readonly region: Region;
  readonly because: string;
  /** The ticket it is about; null when it is about none, or about many. */
  readonly story: NoticeStory | null;
  /** Other tickets it is about. */
  readonly related: readonly Pick<NoticeStory, 'number' | 'subject' | 'severity'>[];
};

/** One heading and its lines, all of them single lines. */
export type Block = { readonly number: string | null; readonly heading: string; readonly lines: readonly string[] };

/** @param group the notices about one ticket, at least one. */
export function blockOf(group: readonly NoticeInput[], policy: NoticePolicy, now: Date): Block {
  const [first] = group;
  if (!first) throw new Error('a block needs a notice');
  const { story, region } = first;
  const told = group.map(({ kind, level, because }) => `${WHY[kind]} (told as ${level}): ${line(because)}`);
  const related = relatedLines(group.flatMap((notice) => notice.related));
  const where = policy.regions.regions[region].name;
  if (!story)
    return { number: null, heading: `${where}: ${WHY[first.kind].toLowerCase()}`, lines: [...told, ...related] };
  const who = story.partner ? `${line(story.partner.name)} (${story.partner.tier})` : 'unverified';
  return {
    number: story.number,
    heading: `${story.number} ${story.severity ?? 'no severity'} ${quotedLine(story.subject, SUBJECT_LENGTH) || '(no subject)'}`,
    lines: [
      ...told,
      ...related,
      `Partner: ${who}, ${line(story.sender)}; ${where}`,
      `Severity: ${severityOf(story)}`,
      ...story.deadlines.map((one) => deadlineLine(one, policy.regions.regions[story.region].zone, now)),
      ...historyLines(story),
      `Look it up: partner-intake ticket ${story.number}, or /tickets/${story.number} in the console (${story.status})`,
    ],
  };
}

const WHY: Readonly<Record<NoticeKind, string>> = {
  warning: 'Due soon',
  breach: 'Commitment missed',
  escalation: 'The partner escalates',
  'basic-requests': 'Many basic requests',
  standstill: 'After a standstill of the clock',
  storm: 'No reply is sent any more',
};

const capital = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;

const line = (value: string): string => quotedLine(value, LINE_LENGTH);

function severityOf(story: NoticeStory): string {
  const what = [
    story.severity ?? 'none',
    ...(story.priorityCustomer ? ['Priority Customer - Large User Account'] : []),
    ...(story.provisional ? ['provisional'] : []),
    story.requestNature,
  ].join(', ');
  const because = story.reasons.filter(({ rule }) => SEVERITY_RULES.test(rule)).map((reason) => reason.because);
  return because.length > 0 ? `${what}, because ${line(because.join('; '))}` : what;
}

function deadlineLine(
  { what, commitment, met, paused }: NoticeStory['deadlines'][number],
  zone: string,
  now: Date,
): string {
  const due = `${capital(DEADLINE_WORDS[what])}: due ${DateTime.fromJSDate(commitment, { zone }).toFormat('yyyy-MM-dd HH:mm')} ${zone}`;
  const late = (met ?? now).getTime() - commitment.getTime();
  if (met) return `${due}, ${late > 0 ? `done ${duration(late)} late` : 'done in time'}`;
  if (late > 0) return `${due}, missed by ${duration(late)}${paused ? ', now waiting for the partner' : ''}`;
  return `${due}, ${paused ? 'waiting for the partner' : `in ${duration(-late)}`}`;
}

/** "3 d 4 h", "2 h 5 min", by the clock on the wall. */
function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

function historyLines({ history }: NoticeStory): string[] {
  const left = history.length - HISTORY_LINES;
  return [
    `History:${left > 0 ? ` (${left} earlier entries left out)` : ''}`,
    ...history
      .slice(-HISTORY_LINES)
      .map(({ at, by, what, because }) => line(`${at.slice(0, 16).replace('T', ' ')} UTC ${by}: ${what} (${because})`)),
  ];
}

function relatedLines(related: NoticeInput['related']): string[] {
  const more = related.length - RELATED_LINES;
  return [
    ...related
      .slice(0, RELATED_LINES)
      .map(({ number, severity, subject }) => `${number} ${severity ?? '-'} ${quotedLine(subject, SUBJECT_LENGTH)}`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}
