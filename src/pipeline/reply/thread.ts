/** The token that ties an answer to its ticket: signed, in our Message-ID, so that References prove who was written to. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const SIGNATURE_LENGTH = 24;
const NOTICE_LENGTH = 32;
const NOTICE = /^<?(pi-notice\.[0-9a-f]{32}@[^\s<>]{1,253}?)>?$/;
const OURS = /^<?pi\.(\d{1,15})\.([0-9a-f]{16})\.([0-9a-f]{24})@/;

const sign = (secret: string, ticketId: number, mail: string): string =>
  createHmac('sha256', secret).update(`${ticketId}.${mail}`).digest('hex').slice(0, SIGNATURE_LENGTH);

/** The Message-ID of the reply to a mail on a ticket: always the same for the same two (I4). */
export function replyMessageId(secret: string, ticketId: number, fingerprint: string, domain: string): string {
  const mail = fingerprint.slice(0, 16);
  return `<pi.${ticketId}.${mail}.${sign(secret, ticketId, mail)}@${domain}>`;
}

/** The Message-ID of a mail to people inside; `notes` says which notices it tells to whom. */
export function noticeMessageId(secret: string, notes: string, domain: string): string {
  const hash = createHmac('sha256', secret).update(notes).digest('hex').slice(0, NOTICE_LENGTH);
  return `<pi-notice.${hash}@${domain}>`;
}

/** Those of these Message-IDs that look like a notice of ours, in angle brackets: the outbox knows whether they are. */
export const noticeReferences = (messageIds: readonly string[]): string[] =>
  messageIds.flatMap((messageId) => {
    const match = NOTICE.exec(messageId);
    return match ? [`<${match[1]}>`] : [];
  });

/** The ticket that one of these Message-IDs of ours belongs to; null when none is ours or its signature is false. */
export function ticketOfReferences(secret: string, messageIds: readonly string[]): number | null {
  for (const messageId of messageIds) {
    const match = OURS.exec(messageId);
    if (!match) continue;
    const [, id, mail, signature] = match as unknown as [string, string, string, string];
    const expected = sign(secret, Number(id), mail);
    if (timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) return Number(id);
  }
  return null;
}
