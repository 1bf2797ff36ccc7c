/** Attachments by the hash of their bytes: what was read of them. The bytes themselves are in the original of their mail. */
import { sql } from 'kysely';
import type { AttachmentRole, ParsedMail } from '../model.ts';
import type { Db, Tx } from './schema.ts';
import { plainText } from './text.ts';

/** Keeps what was read of these mails' attachments. */
export async function keepAttachments(tx: Tx, mails: readonly { id: number; mail: ParsedMail }[]): Promise<void> {
  const rows = mails.flatMap(({ id, mail }) =>
    mail.attachments.flatMap((one, index) =>
      one.sha256 === undefined
        ? []
        : {
            ...{ mail_id: id, number: index + 1, sha256: one.sha256, filename: plainText(one.filename) },
            ...{ declared: plainText(one.contentType), sniffed: one.sniffed ?? '', size: one.size, inline: one.inline },
            ...{ role: one.role ?? ('document' as const), dangerous: one.dangerous ? plainText(one.dangerous) : null },
            sender_domain: plainText(mail.from.address.slice(mail.from.address.lastIndexOf('@') + 1).toLowerCase()),
          },
    ),
  );
  if (rows.length === 0) return;
  // One parameter, however many there are: a mail may have a thousand, and a statement takes 65,535.
  await sql`
    insert into attachment
      (mail_id, number, sha256, filename, declared, sniffed, size, inline, role, dangerous, sender_domain)
    select mail_id, number, sha256, filename, declared, sniffed, size, inline, role, dangerous, sender_domain
    from jsonb_populate_recordset(null::attachment, ${JSON.stringify(rows)}::jsonb)
    on conflict do nothing`.execute(tx);
}

export type StoredAttachment = {
  /** In the order in which the ticket got them, from 1. */
  readonly number: number;
  readonly mailId: number;
  /** When its mail arrived. */
  readonly at: string;
  readonly sha256: string;
  readonly filename: string;
  readonly declared: string;
  readonly sniffed: string;
  readonly size: number;
  readonly inline: boolean;
  /** By its mail alone. */
  readonly role: AttachmentRole;
  readonly dangerous: string | null;
  /** Tickets with the very same bytes from the same domain, beside this one. */
  readonly otherTickets: number;
  /** Its bytes can be had: the original is still there. */
  readonly kept: boolean;
};

/** The attachments of a ticket's mails, each file once: what an answer brings along again is not counted again. */
export async function attachmentsOf(db: Db, ticketId: number): Promise<StoredAttachment[]> {
  const rows = await stored(db, sql`mail.ticket_id = ${ticketId}`);
  const first = new Map<string, StoredAttachment>();
  // The first of each: a number that was listed stays that file's, whatever comes later.
  for (const row of rows) if (!first.has(row.sha256)) first.set(row.sha256, row);
  return [...first.values()].map((row, index) => ({ ...row, number: index + 1 }));
}

/** Mails of a ticket with attachments that were read before their hashes were kept, and can be read again. */
export async function unlistedMails(db: Db, ticketId: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select mail.id from mail join original on original.mail_id = mail.id
    where mail.ticket_id = ${ticketId} and original.raw is not null and jsonb_array_length(mail.parsed->'attachments') > 0
      and not exists (select from attachment where attachment.mail_id = mail.id) order by mail.id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Every mail's attachment whose hash begins so, the oldest first; those that can be had before those that cannot. */
export async function attachmentsByHash(db: Db, start: string): Promise<StoredAttachment[]> {
  const rows = await stored(db, sql`starts_with(attachment.sha256, ${start.toLowerCase()})`);
  return rows.toSorted((a, b) => Number(b.kept) - Number(a.kept));
}

async function stored(db: Db, where: ReturnType<typeof sql>): Promise<StoredAttachment[]> {
  const { rows } = await sql<Omit<StoredAttachment, 'at'> & { at: Date }>`
    select attachment.number, attachment.mail_id as "mailId", mail.arrived_at as at, attachment.sha256, filename, declared,
      sniffed, attachment.size, inline, role, dangerous, original.raw is not null as kept,
      (select count(distinct other_mail.ticket_id) from attachment other
        join mail other_mail on other_mail.id = other.mail_id
        where other.sha256 = attachment.sha256 and other.sender_domain = attachment.sender_domain
          and other_mail.ticket_id <> mail.ticket_id) as "otherTickets"
    from attachment join mail on mail.id = attachment.mail_id join original on original.mail_id = mail.id
    where ${where} order by mail.id, attachment.number`.execute(db);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
