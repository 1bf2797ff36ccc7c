/** Which file a call brings, and under which name it is in Desk. */
import type { DeskCall } from '../../ledger/desk-calls.ts';
import { deskTickets } from '../../ledger/index.ts';
import type { Db } from '../../ledger/schema.ts';
import { savedName, type TicketAttachment, ticketAttachments } from '../ticket-attachments.ts';

const MARKED = 'file-';
/** Of its hash, before the name of a file that would have the name of another. */
const NAMED_DIGITS = 12;

/**
 * Found by its hash: numbers change when an earlier mail is decided later. It is found again by name and size, so no two of a ticket
 * have both in common: the one planned first keeps its name, whatever comes later.
 */
export async function fileOf(
  db: Db,
  { id, ticketId, marker }: DeskCall,
): Promise<{ file: TicketAttachment | undefined; name: string }> {
  const all = await ticketAttachments(db, ticketId);
  const marked = (one: string): TicketAttachment | undefined =>
    all.find(({ sha256 }) => sha256.startsWith(one.slice(MARKED.length)));
  const file = marked(marker);
  if (!file) return { file, name: '' };
  const name = savedName(file);
  const earlier = (await deskTickets.filesBefore(db, ticketId, id)).map(marked);
  const twin = earlier.some((one) => one && one.size === file.size && savedName(one) === name);
  return { file, name: twin ? `${file.sha256.slice(0, NAMED_DIGITS)}-${name}` : name };
}
