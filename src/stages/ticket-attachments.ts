/** The attachments of tickets as people see them, and the bytes of one. */
import { attachments, mails } from '../ledger/index.ts';
import type { Db } from '../ledger/schema.ts';
import { roleAmong } from '../pipeline/attachments/role.ts';
import { UNKNOWN_TYPE } from '../pipeline/attachments/sniff.ts';
import type { Context, ReadMail, TakeAttachment } from './context.ts';

export type TicketAttachment = attachments.StoredAttachment;

/**
 * A ticket's attachments, each file once. What the sender's domain puts under other tickets as well is a logo.
 * @param read reads mails of an older ledger again, of whose attachments no hashes were kept
 */
export async function ticketAttachments(db: Db, ticketId: number, read?: ReadMail): Promise<TicketAttachment[]> {
  for (const id of read ? await attachments.unlistedMails(db, ticketId) : []) {
    const reading = await read?.(await mails.originalOf(db, id));
    if (reading) await db.transaction().execute((tx) => attachments.keepAttachments(tx, [{ id, mail: reading.mail }]));
  }
  const all = await attachments.attachmentsOf(db, ticketId);
  return all.map((one) => ({ ...one, role: roleAmong(one.role, one.otherTickets) }));
}

/**
 * The bytes of an attachment, taken out of its mail again and compared with the hash they had; null when they are not in it.
 * @throws IntakeError `permanent` when the original was dropped or is damaged.
 */
export async function attachmentBytes(
  ctx: Pick<Context, 'db'> & { readonly takeAttachment: TakeAttachment },
  { mailId, sha256 }: Pick<TicketAttachment, 'mailId' | 'sha256'>,
): Promise<Buffer | null> {
  return await ctx.takeAttachment(await mails.originalOf(ctx.db, mailId), sha256);
}

/** The ending of each type that may be opened where it is shown. */
const ENDINGS: Readonly<Record<string, string>> = {
  'application/pdf': '.pdf',
  'image/png': '.png',
  'image/jpeg': '.jpg',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'text/plain': '.txt',
};

/** What a browser may be told that it is: never what a stranger says it is, and nothing that could act. */
export const servedType = ({ sniffed, dangerous }: Pick<TicketAttachment, 'sniffed' | 'dangerous'>): string =>
  dangerous === null && sniffed in ENDINGS ? sniffed : UNKNOWN_TYPE;

/** The name to save it by. One that is dangerous gets an ending that nothing opens. */
export function savedName({ filename, sniffed, dangerous, sha256 }: TicketAttachment): string {
  const name = filename === '' ? `attachment-${sha256.slice(0, 12)}${ENDINGS[sniffed] ?? ''}` : filename;
  return dangerous === null ? name : `${name}.dangerous`;
}
