/** Plain pages to read tickets. Every value is a stranger's: the html tag escapes it. */
import { html } from 'hono/html';
import type { Brake, OutboundState } from '../ledger/brakes.ts';
import { LATE_ANSWER_TAG, type showTicket, type TicketView } from '../ledger/views.ts';
import { clockLines, nextDue } from '../pipeline/clock/clock-words.ts';
import type { TicketAttachment } from '../stages/ticket-attachments.ts';

const page = (title: string, body: ReturnType<typeof html>) => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:start;padding:.3rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
.S1,.look{color:#c22;font-weight:600}dt{font-weight:600}dd{margin:0 0 .5rem}pre{white-space:pre-wrap}
</style></head><body><h1>${title}</h1>${body}</body></html>`;

/** All tickets, newest first: what an associate sees first. */
export function listPage(tickets: readonly TicketView[], now: Date, outbound: OutboundState | null = null) {
  const rows = tickets.toReversed().map(
    (ticket) => html`<tr><td><a href="/tickets/${ticket.number}">${ticket.number}</a></td>
<td class="${ticket.severity ?? ''}">${ticket.severity ?? '–'}${ticket.provisional ? ' provisional' : ''}${ticket.priorityCustomer ? ' · priority' : ''}</td>
<td>${ticket.partner ?? 'unverified'}</td><td dir="auto">${ticket.subject}</td><td>${ticket.region}</td>
<td>${dueOf(ticket, now)}</td></tr>`,
  );
  return page(
    'Tickets',
    html`${outbound ? stoppedPart(outbound) : ''}<table><thead><tr><th>Ticket<th>Severity<th>Partner<th>Subject<th>Region<th>Due</tr></thead><tbody>${rows}</tbody></table>`,
  );
}

/** What keeps replies from going out: whoever looks at tickets would wait for answers that were never asked for. */
function stoppedPart({ paused, storm, held, waiting }: OutboundState) {
  const since = (brake: Brake) => html`since ${brake.since.toISOString()} (${brake.because})`;
  return html`${paused ? html`<p class="look">All sending is stopped ${since(paused)}: <code>partner-intake outbound resume</code></p>` : ''}
${storm ? html`<p class="look">A storm of replies ${since(storm)}; all are held: <code>partner-intake outbound resume</code></p>` : ''}
${held > 0 ? html`<p>${held} mails are held for a person: <code>partner-intake outbound list</code></p>` : ''}
${waiting > 0 ? html`<p>${waiting} mails wait for an hour that has room for them.</p>` : ''}`;
}

/** What is due next. A resolved ticket that was answered since is the one thing here that nothing else would bring up. */
function dueOf(ticket: TicketView, now: Date) {
  if (ticket.status === 'open') return nextDue(ticket.clock, now);
  return answeredLate(ticket) ? html`<span class="look">${ticket.status}, answered since</span>` : ticket.status;
}

const answeredLate = ({ decision }: Pick<TicketView, 'decision'>): boolean => decision.tags.includes(LATE_ANSWER_TAG);

/** One ticket with its reasons and history. */
export function ticketPage(
  ticket: NonNullable<Awaited<ReturnType<typeof showTicket>>>,
  now: Date,
  attachments: readonly TicketAttachment[] = [],
) {
  const due = clockLines(ticket.clock, now).map((line) => html`<li>${line}</li>`);
  const fields = Object.entries(ticket.enquiry.fields).map(
    ([name, field]) => html`<dt>${name}<dd dir="auto"><pre>${field.value}</pre>`,
  );
  const reasons = ticket.decision.reasons.map((reason) => html`<li><code>${reason.rule}</code> ${reason.because}</li>`);
  const history = ticket.history.map(
    (entry) => html`<tr><td>${entry.at}<td>${entry.by}<td>${entry.what}<td>${entry.because}</tr>`,
  );
  const replies = ticket.replies.map(
    (reply) =>
      html`<li>${reply.kind} to ${reply.to}: ${reply.state}${reply.bounced ? `, came back ${reply.bounced.at}: ${reply.bounced.because}` : ''}</li>`,
  );
  return page(
    ticket.number,
    html`<p dir="auto">${ticket.subject}${ticket.status === 'open' ? '' : ` (${ticket.status})`}</p>
${answeredLate(ticket) ? html`<p class="look">The partner wrote again after it was resolved: look, and reopen it with <code>partner-intake mark ${ticket.number} reopened</code>.</p>` : ''}
<p><span class="${ticket.severity ?? ''}">${ticket.severity ?? 'no severity'}</span>${ticket.provisional ? ', provisional' : ''}${ticket.priorityCustomer ? ', Priority Customer - Large User Account' : ''}; super admin ${ticket.superadminEmail ?? 'missing'}; ${ticket.region}</p>
${partnerPart(ticket.decision)}
${due.length > 0 ? html`<h2>Due</h2><ul>${due}</ul>` : ''}
<h2>Understood</h2><dl>${fields}</dl><h2>Because</h2><ul>${reasons}</ul>
${attachmentsPart(ticket.number, attachments)}<h2>Replies</h2><ul>${replies}</ul><h2>History</h2><table><tbody>${history}</tbody></table><p><a href="/">All tickets</a></p>`,
  );
}

/** Logos last: they are not what anybody looks for. */
function attachmentsPart(ticket: string, all: readonly TicketAttachment[]) {
  if (all.length === 0) return '';
  const sorted = all.toSorted((a, b) => Number(a.role === 'logo') - Number(b.role === 'logo'));
  const items = sorted.map((one) => {
    const { number, filename, sniffed, size, role, dangerous, kept } = one;
    const name = filename === '' ? `attachment ${number}` : filename;
    const shown = kept
      ? html`<a href="/tickets/${ticket}/attachments/${number}" download>${name}</a>`
      : html`${name}, dropped`;
    const warning = dangerous === null ? '' : html` <span class="look">dangerous: ${dangerous}</span>`;
    return html`<li><bdi>${shown}</bdi> (${role}, ${sniffed}, ${size} bytes)${warning}</li>`;
  });
  return html`<h2>Attachments</h2><ul>${items}</ul>`;
}

/** What the partner may be offered. Older decisions do not know it. */
function partnerPart({ partner, escalationOffered }: TicketView['decision']) {
  if (!partner) return html`<p>Partner unverified</p>`;
  const terms = [
    partner.tier,
    ...(partner.contract ? [`contract ${partner.contract}`] : []),
    ...(escalationOffered === undefined ? [] : [escalationOffered ? 'escalation offered' : 'escalation not offered']),
  ];
  return html`<p>${partner.name}: ${terms.join(', ')}${partner.channels ? html`; channels: ${partner.channels.join(', ')}` : ''}</p>`;
}
