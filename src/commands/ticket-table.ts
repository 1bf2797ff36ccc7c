/** Tickets as a table for people at a terminal. */
import { LATE_ANSWER_TAG, type TicketView } from '../ledger/views.ts';
import { nextDue } from '../pipeline/clock/clock-words.ts';

const REASON_WIDTH = 60;
const SUBJECT_WIDTH = 34;

// Mail is a stranger's text: what would steer a terminal is not printed.
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
const cut = (text: string, width: number): string => {
  const characters = [...plain(text)];
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : characters.join('');
};

const columns: readonly [string, (ticket: TicketView, now: Date) => string][] = [
  ['ticket', (ticket) => ticket.number],
  ['sev', (ticket) => (ticket.severity ?? '-') + (ticket.provisional ? '?' : '')],
  ['prio', (ticket) => (ticket.priorityCustomer ? 'yes' : '')],
  ['region', (ticket) => ticket.region],
  ['lang', (ticket) => ticket.enquiry.language],
  ['subject', (ticket) => cut(ticket.subject, SUBJECT_WIDTH)],
  ['due', (ticket, now) => dueOf(ticket, now)],
  ['because', (ticket) => cut(decidingReason(ticket), REASON_WIDTH)],
  ['reply', (ticket) => ticket.replies.map((reply) => `${reply.kind} (${reply.state})`).join(', ') || '-'],
];

/** A resolved ticket that was answered since is the one thing here that nothing else would bring up. */
const dueOf = ({ status, clock, decision }: TicketView, now: Date): string =>
  status === 'open'
    ? nextDue(clock, now)
    : `${status}${decision.tags.includes(LATE_ANSWER_TAG) ? ', answered since' : ''}`;

/** Rules that can decide a severity, the strongest first. */
const DECIDING = [/^severity\.signals\./, /^severity\.non-technical$/, /^severity\.default$/];

/** The reason that decided the severity: for a large account its licences. */
function decidingReason({ decision }: TicketView): string {
  const named = (rule: RegExp) => decision.reasons.find((reason) => rule.test(reason.rule))?.because;
  if (decision.priorityCustomer) return named(/\.licences$/) ?? '';
  const because = DECIDING.map(named).find((reason) => reason !== undefined) ?? '';
  return decision.account ? because : `account unknown; ${because}`;
}

/** `S3?` marks a provisional severity. */
export function ticketTable(tickets: readonly TicketView[], now: Date): string {
  const rows = [
    columns.map(([name]) => name),
    ...tickets.map((ticket) => columns.map(([, value]) => value(ticket, now))),
  ];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = rows;
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join('\n');
}
