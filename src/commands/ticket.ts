import { LATE_ANSWER_TAG, showTicket } from '../ledger/views.ts';
import { clockLines } from '../pipeline/clock/clock-words.ts';
import { type TicketAttachment, ticketAttachments } from '../stages/ticket-attachments.ts';
import { attachmentLine } from './attachment-line.ts';
import { noSuchTicket, parseTicketNumber, say, sayJson, withLedger } from './support.ts';

/** `ticket NUMBER [--json]` */
export async function ticket(number: string, options: { json?: boolean }): Promise<void> {
  const id = parseTicketNumber(number);
  await withLedger(async ({ db }) => {
    const shown = await showTicket(db, id);
    if (!shown) throw noSuchTicket(id);
    if (options.json) sayJson(shown);
    else say(readable({ ...shown, attachments: await ticketAttachments(db, id) }, new Date()));
  });
}

type Shown = NonNullable<Awaited<ReturnType<typeof showTicket>>> & { attachments: readonly TicketAttachment[] };

function readable(shown: Shown, now: Date): string {
  const due = clockLines(shown.clock, now).map((line) => `  ${line}`);
  return [
    `${shown.number}  ${shown.subject}${shown.status === 'open' ? '' : ` (${shown.status})`}`,
    ...(shown.decision.tags.includes(LATE_ANSWER_TAG)
      ? ['the partner wrote again after it was resolved: look, and reopen it with partner-intake mark']
      : []),
    `from ${shown.from} (${shown.partner ?? 'partner unverified'}), mailbox ${shown.mailboxes.join(' and ')}, ${shown.createdAt}`,
    `severity ${shown.severity ?? 'none'}${shown.provisional ? ' (provisional)' : ''}${shown.priorityCustomer ? ', Priority Customer - Large User Account' : ''}, ${shown.requestNature}, region ${shown.region}`,
    `super admin ${shown.superadminEmail ?? 'missing'}`,
    ...partnerLines(shown.decision),
    '',
    'Understood',
    ...Object.entries(shown.enquiry.fields).map(([field, value]) => `  ${field}: ${value.value.replace(/\s+/g, ' ')}`),
    '',
    'Because',
    ...shown.decision.reasons.map((reason) => `  ${reason.rule}: ${reason.because}`),
    ...(shown.decision.tags.length > 0 ? [`  tags: ${shown.decision.tags.join(', ')}`] : []),
    ...(due.length > 0 ? ['', 'Due', ...due] : []),
    ...(shown.replies.length > 0
      ? ['', 'Replies', ...shown.replies.map((reply) => `  ${reply.kind} to ${reply.to}: ${replyState(reply)}`)]
      : []),
    ...(shown.attachments.length > 0
      ? ['', 'Attachments', ...shown.attachments.map((one) => `  ${attachmentLine(one)}`)]
      : []),
    '',
    'History',
    ...shown.history.map((entry) => `  ${entry.at} ${entry.by}: ${entry.what} (${entry.because})`),
  ].join('\n');
}

const replyState = ({ state, bounced }: Shown['replies'][number]): string =>
  bounced ? `${state}, came back ${bounced.at}: ${bounced.because}` : state;

/** What the partner may be offered, and how old the directory's answer is. Older decisions know neither. */
function partnerLines({ partner, escalationOffered, directory, override }: Shown['decision']): string[] {
  const offered = escalationOffered ? 'escalation offered' : 'escalation not offered';
  const age = directory?.answeredAt ? `answered ${directory.answeredAt}, data ${directory.ageSeconds} s old` : null;
  return [
    ...(override ? [`severity set to ${override.severity} by ${override.by}: ${override.because}`] : []),
    ...(partner?.channels
      ? [`partner ${partner.name}: ${partner.tier}, contract ${partner.contract}, ${offered}`]
      : []),
    ...(partner?.channels ? [`channels ${partner.channels.join(', ')}`] : []),
    ...(age ? [`licence directory ${age}`] : []),
  ];
}
