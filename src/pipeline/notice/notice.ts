/** Notices to one person -> one mail, in English: each ticket's story, and how to look it up. Every value may be a stranger's. Pure. */
import type { Region } from '../../model.ts';
import type { NoticeKind } from '../../notice-model.ts';
import type { Policy } from '../../policy.ts';
import { htmlPage } from '../reply/reply-page.ts';
import { cleanLine, escapeHtml } from '../reply/reply-values.ts';
import { type Block, blockOf, type NoticeInput } from './notice-block.ts';

export type { NoticeInput } from './notice-block.ts';

/** Ticket numbers in the subject; the others are counted. */
const NUMBERS_IN_SUBJECT = 6;
/** Numbers of tickets that did not fit; the others are counted. */
const NUMBERS_LEFT_OUT = 100;
/** The lines around the blocks: greeting, closing, blanks. */
const FRAME_LINES = 8;

const KINDS: Readonly<Record<NoticeKind, readonly [one: string, many: string]>> = {
  breach: ['breach', 'breaches'],
  escalation: ['escalation', 'escalations'],
  'basic-requests': ['partner with many basic requests', 'partners with many basic requests'],
  standstill: ['standstill', 'standstills'],
  storm: ['storm of replies', 'storms of replies'],
  warning: ['warning', 'warnings'],
};

export type ComposedNotice = {
  /** One line: no CR, LF or other control character. */
  readonly subject: string;
  readonly text: string;
  /** A whole document; every value escaped, nothing remote. */
  readonly html: string;
};

export type NoticePolicy = {
  readonly regions: { readonly regions: Readonly<Record<Region, { readonly name: string; readonly zone: string }>> };
  readonly escalation: { readonly digest: Pick<Policy['escalation']['digest'], 'mostLines'> };
};

/** @param notices what one person is told, the oldest first; several about one ticket are one block. */
export function composeNotice(notices: readonly NoticeInput[], policy: NoticePolicy, now: Date): ComposedNotice {
  const groups = Map.groupBy(notices, (notice) => notice.story?.number ?? notice.because);
  const blocks = [...groups.values()].map((group) => blockOf(group, policy, now));
  const { shown, left } = within(blocks, policy.escalation.digest.mostLines - FRAME_LINES);
  const subject = subjectOf(notices, blocks);
  const rest = left.length > 0 ? [`Not shown for want of space: ${listed(left.map(nameOf), NUMBERS_LEFT_OUT)}.`] : [];
  return {
    subject,
    text: [OPENING, ...shown.map(asText), ...rest, CLOSING].join('\n\n').concat('\n'),
    html: htmlPage(
      [OPENING, ...shown, ...rest, CLOSING]
        .map((one) => (typeof one === 'string' ? `<p>${escapeHtml(one)}</p>` : asHtml(one)))
        .join('\n'),
      subject,
      'en',
      'ltr',
    ),
  };
}

const OPENING = 'The following needs you.';
const CLOSING =
  'This mail was written by partner-intake. An answer to it reaches nobody: it is only noted on the tickets. What the partners themselves wrote is quoted without its links.';

function subjectOf(notices: readonly NoticeInput[], blocks: readonly Block[]): string {
  const counts = (Object.keys(KINDS) as NoticeKind[]).flatMap((kind) => {
    const count = notices.filter((notice) => notice.kind === kind).length;
    return count === 0 ? [] : [`${count} ${KINDS[kind][count === 1 ? 0 : 1]}`];
  });
  const numbers = blocks.flatMap(({ number }) => number ?? []);
  const which = numbers.length > 0 ? ` (${listed(numbers, NUMBERS_IN_SUBJECT)})` : '';
  return cleanLine(`Partner support: ${counts.join(', ')}${which}`, Number.POSITIVE_INFINITY);
}

/** As many whole blocks as there are lines for, and at least one. */
function within(blocks: readonly Block[], lines: number): { shown: readonly Block[]; left: readonly Block[] } {
  let used = 0;
  const fits = blocks.findIndex(({ lines: own }, index) => {
    used += own.length + 2;
    return index > 0 && used > lines;
  });
  return fits < 0 ? { shown: blocks, left: [] } : { shown: blocks.slice(0, fits), left: blocks.slice(fits) };
}

const nameOf = ({ number, heading }: Block): string => number ?? heading;

function listed(names: readonly string[], most: number): string {
  const more = names.length - most;
  return `${names.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const asText = ({ heading, lines }: Block): string => [heading, ...lines.map((line) => `  ${line}`)].join('\n');
const asHtml = ({ heading, lines }: Block): string =>
  `<h2 style="font-size:1.1em"><bdi>${escapeHtml(heading)}</bdi></h2>\n<ul>\n${lines
    .map((line) => `<li><bdi>${escapeHtml(line)}</bdi></li>`)
    .join('\n')}\n</ul>`;
