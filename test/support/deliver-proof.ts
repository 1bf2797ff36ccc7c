/** The ledger compared with what stands in Desk: every ticket, note and file exactly once, in order, with the fields of now. */

import { tickets as ticketRows } from '../../src/ledger/index.ts';
import { ticketNumber } from '../../src/ledger/tickets.ts';
import { fieldsOf } from '../../src/pipeline/deliver/fields.ts';
import type { TicketSnapshot } from './desk/types.ts';
import type { DeskWorld } from './desk-world.ts';

export type Proof = {
  readonly tickets: number;
  readonly doubled: readonly string[];
  readonly missing: readonly string[];
  /** Tickets whose fields say something else than the ledger does now. */
  readonly fieldsWrong: readonly string[];
  /** Tickets whose notes are not in the order of what they tell. */
  readonly outOfOrder: readonly string[];
  readonly notes: number;
  readonly notesDoubled: readonly string[];
  readonly notesMissing: readonly string[];
  readonly files: number;
  readonly filesDoubled: readonly string[];
  readonly filesMissing: readonly string[];
  readonly failed: readonly string[];
};

/** All that must be empty. */
export const WRONG = [
  ...(['doubled', 'missing', 'fieldsWrong', 'outOfOrder', 'notesDoubled', 'notesMissing'] as const),
  ...(['filesDoubled', 'filesMissing', 'failed'] as const),
];
export const NOTHING_WRONG = Object.fromEntries(WRONG.map((name) => [name, []]));

const KEY = 'cf_source_message_key';

type Planned = { ticket_id: number; kind: string; marker: string; state: string; because: string | null };

export async function proofOf({ ctx, double }: Pick<DeskWorld, 'ctx' | 'double'>): Promise<Proof> {
  const { db } = ctx;
  const rows = await db.selectFrom('desk_ticket').select(['ticket_id', 'key']).orderBy('ticket_id').execute();
  const ids = await db.selectFrom('ticket').select('id').orderBy('id').execute();
  const planned = await db
    .selectFrom('desk_call')
    .select(['ticket_id', 'kind', 'marker', 'state', 'because'])
    .orderBy('id')
    .execute();
  const there = Map.groupBy(
    double.tickets().filter(({ isTrashed }) => !isTrashed),
    ({ cf }) => cf[KEY] ?? '',
  );
  const known = new Set(rows.map(({ key }) => key));
  const wrong: Record<(typeof WRONG)[number], string[]> = {
    ...{ doubled: [], missing: [], fieldsWrong: [], outOfOrder: [], notesDoubled: [], notesMissing: [] },
    ...{ filesDoubled: [], filesMissing: [], failed: [] },
  };
  wrong.doubled.push(...[...there.keys()].filter((key) => !known.has(key)).map((key) => `unknown ${key}`));
  const withoutRow = new Set(rows.map(({ ticket_id }) => Number(ticket_id)));
  wrong.missing.push(...ids.filter(({ id }) => !withoutRow.has(Number(id))).map(({ id }) => ticketNumber(id)));
  const calls = Map.groupBy(planned as Planned[], ({ ticket_id }) => Number(ticket_id));
  let [notes, files] = [0, 0];
  for (const { ticket_id, key } of rows) {
    const number = ticketNumber(ticket_id);
    const [ticket, ...more] = there.get(key) ?? [];
    if (more.length > 0) wrong.doubled.push(number);
    if (!ticket) {
      wrong.missing.push(number);
      continue;
    }
    const mine = calls.get(Number(ticket_id)) ?? [];
    wrong.failed.push(
      ...mine
        .filter(({ state }) => state !== 'done')
        .map((one) => `${number} ${one.marker} ${one.state} ${one.because}`),
    );
    const markers = ticket.comments.map(({ content }) => /\[P-\d+\/([\w-]+)\]$/.exec(content)?.[1] ?? content);
    // A file that is not brought is named in a note.
    const named = mine.filter((one) => one.kind === 'attachment' && markers.includes(one.marker));
    const told = mine.filter((one) => one.kind === 'note' || named.includes(one)).map(({ marker }) => marker);
    notes += markers.length;
    wrong.notesDoubled.push(
      ...markers.filter((one, at) => markers.indexOf(one) !== at).map((one) => `${number} ${one}`),
    );
    wrong.notesMissing.push(...told.filter((one) => !markers.includes(one)).map((one) => `${number} ${one}`));
    if (told.filter((one) => markers.includes(one)).join() !== [...new Set(markers)].join())
      wrong.outOfOrder.push(`${number}: ${markers.join()} instead of ${told.join()}`);
    const wanted = mine.filter((one) => one.kind === 'attachment').length - named.length;
    files += ticket.attachments.length;
    const distinct = new Set(ticket.attachments.map(({ name, sha256 }) => `${name} ${sha256}`)).size;
    if (ticket.attachments.length > distinct) wrong.filesDoubled.push(number);
    if (distinct < wanted) wrong.filesMissing.push(number);
    const says = cfOf(fieldsOf(await ticketRows.getTicket(db, ticket_id)));
    const differ = Object.entries(says).filter(([name, value]) => ticket.cf[name] !== value);
    if (differ.length > 0) wrong.fieldsWrong.push(`${number}: ${differ.map(([name]) => name).join()}`);
  }
  return { tickets: there.size, notes, files, ...wrong };
}

/** As the shipped policy names them. */
const cfOf = (fields: ReturnType<typeof fieldsOf>): TicketSnapshot['cf'] => ({
  cf_customer_primary_email_address: fields.superadminEmail,
  cf_priority_customer_large_user_account: String(fields.priorityCustomer),
  cf_severity: fields.severity,
  cf_service_name: fields.service,
  cf_service_organisation_id: fields.serviceOrganisationId,
});
