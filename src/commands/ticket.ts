import { showTicket } from '../ledger/views.ts';
import { noSuchTicket, parseTicketNumber, say, sayJson, withLedger } from './support.ts';

/** `ticket NUMBER [--json]` */
export async function ticket(number: string, options: { json?: boolean }): Promise<void> {
  const id = parseTicketNumber(number);
  await withLedger(async ({ db }) => {
    const shown = await showTicket(db, id);
    if (!shown) throw noSuchTicket(id);
    if (options.json) sayJson(shown);
    else say(readable(shown));
  });
}

type Shown = NonNullable<Awaited<ReturnType<typeof showTicket>>>;

function readable(shown: Shown): string {
  const due = Object.entries(shown.deadlines).map(
    ([what, at]) => `  ${what}: target ${at?.target}, commitment ${at?.commitment}`,
  );
  return [
    `${shown.number}  ${shown.subject}`,
    `from ${shown.from} (${shown.partner ?? 'partner unverified'}), mailbox ${shown.mailboxes.join(' and ')}, ${shown.createdAt}`,
    `severity ${shown.severity ?? 'none'}${shown.provisional ? ' (provisional)' : ''}${shown.priorityCustomer ? ', Priority Customer - Large User Account' : ''}, ${shown.requestNature}, region ${shown.region}`,
    `super admin ${shown.superadminEmail ?? 'missing'}`,
    '',
    'Understood',
    ...Object.entries(shown.enquiry.fields).map(([field, value]) => `  ${field}: ${value.value.replace(/\s+/g, ' ')}`),
    '',
    'Because',
    ...shown.decision.reasons.map((reason) => `  ${reason.rule}: ${reason.because}`),
    ...(shown.decision.tags.length > 0 ? [`  tags: ${shown.decision.tags.join(', ')}`] : []),
    ...(due.length > 0 ? ['', 'Due', ...due] : []),
    ...(shown.replies.length > 0
      ? ['', 'Replies', ...shown.replies.map((reply) => `  ${reply.kind} to ${reply.to}: ${reply.state}`)]
      : []),
    '',
    'History',
    ...shown.history.map((entry) => `  ${entry.at} ${entry.by}: ${entry.what} (${entry.because})`),
  ].join('\n');
}
