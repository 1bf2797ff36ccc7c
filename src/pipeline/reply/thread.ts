/**
 * The token that ties an answer to its ticket, in the Message-ID of our reply and, where the mailbox takes mail for name+tag, in its
 * Reply-To: signed, so that whoever shows it was written to by us. It names its key, so that keys can be changed, and the day it was
 * made, so that it ends. There is no unsigned or older form (CVE-2026-47123).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** A key that signs tokens; `id` is what a token calls it. */
export type ThreadKey = { readonly id: string; readonly secret: string };
export type ThreadToken = {
  readonly ticketId: number;
  /** As a signature proves it was ours; `forged` when it proves nothing, and then `ticketId` says nothing either. */
  readonly state: 'valid' | 'expired' | 'forged';
  readonly from: 'reference' | 'address';
};

const SIGNATURE_LENGTH = 24;
const NOTICE_LENGTH = 32;
const DAY_MS = 24 * 60 * 60_000;
/** Days and tickets in letters and digits: the local part of an address has room for 64 characters (RFC 5321). */
const RADIX = 36;

const NOTICE = /^<?(pi-notice\.[0-9a-f]{32}@[^\s<>]{1,253}?)>?$/;
const IN_MESSAGE_ID = /^<?pi\.([0-9a-z]{1,8})\.(\d{1,15})\.([0-9a-z]{1,6})\.([0-9a-f]{16})\.([0-9a-f]{0,64})@/i;
const IN_ADDRESS = /^pi-([0-9a-z]{1,8})-([0-9a-z]{1,11})-([0-9a-z]{1,6})-([0-9a-f]{0,64})$/i;

const signatureOf = ({ secret }: ThreadKey, ...said: readonly (string | number)[]): string =>
  createHmac('sha256', secret).update(said.join('|')).digest('hex').slice(0, SIGNATURE_LENGTH);

const dayOf = (now: Date): number => Math.floor(now.getTime() / DAY_MS);

/** The Message-ID of the reply to a mail on a ticket; `fingerprint` is the mail's. */
export function replyMessageId(
  key: ThreadKey,
  ticketId: number,
  fingerprint: string,
  domain: string,
  now: Date,
): string {
  const mail = fingerprint.slice(0, 16);
  const day = dayOf(now).toString(RADIX);
  return `<pi.${key.id}.${ticketId}.${day}.${mail}.${signatureOf(key, 'message', ticketId, day, mail)}@${domain}>`;
}

/** The address of a mailbox to which the answer to a ticket's reply goes: `name+pi-…@domain`. */
export function replyAddress(key: ThreadKey, ticketId: number, mailbox: string, now: Date): string {
  const at = mailbox.lastIndexOf('@');
  const day = dayOf(now).toString(RADIX);
  const ticket = ticketId.toString(RADIX);
  const signature = signatureOf(key, 'address', ticketId, day);
  return `${mailbox.slice(0, at)}+pi-${key.id}-${ticket}-${day}-${signature}${mailbox.slice(at)}`;
}

/** The ids of the keys that these tokens name: what has to be at hand to read them. */
export function keysNamed(signs: readonly Sign[]): string[] {
  const named = signs.map((sign) => ('tag' in sign ? IN_ADDRESS.exec(sign.tag) : IN_MESSAGE_ID.exec(sign.messageId)));
  return [...new Set(named.flatMap((match) => match?.[1]?.toLowerCase() ?? []))];
}

/** A Message-ID that a mail refers to, or what stands behind the `+` of an address of ours that it was sent to. */
export type Sign = { readonly messageId: string } | { readonly tag: string };

/**
 * What a sign says of a ticket; null when it is no token.
 * @param keys by id; a token whose key is not among them is forged
 * @param days how long a token holds
 */
export function readToken(
  sign: Sign,
  keys: ReadonlyMap<string, ThreadKey>,
  { now, days }: { readonly now: Date; readonly days: number },
): ThreadToken | null {
  const token = 'tag' in sign ? inAddress(sign.tag) : inMessageId(sign.messageId);
  if (!token) return null;
  const { key, ticketId, day, signature, said, from } = token;
  const known = keys.get(key);
  if (!known || !isSame(signatureOf(known, ...said), signature)) return { ticketId, state: 'forged', from };
  return { ticketId, state: dayOf(now) - Number.parseInt(day, RADIX) > days ? 'expired' : 'valid', from };
}

function inMessageId(messageId: string) {
  const [, key, ticket, day, mail, signature] = IN_MESSAGE_ID.exec(messageId.toLowerCase()) ?? [];
  if (!key || !ticket || !day || !mail) return null;
  const ticketId = Number(ticket);
  return {
    ...parts(key, day, signature),
    ticketId,
    said: ['message', ticketId, day, mail],
    from: 'reference' as const,
  };
}

function inAddress(tag: string) {
  const [, key, ticket, day, signature] = IN_ADDRESS.exec(tag.toLowerCase()) ?? [];
  if (!key || !ticket || !day) return null;
  const ticketId = Number.parseInt(ticket, RADIX);
  return { ...parts(key, day, signature), ticketId, said: ['address', ticketId, day], from: 'address' as const };
}

const parts = (key: string, day: string, signature = '') => ({ key, day, signature });

function isSame(expected: string, signature: string): boolean {
  return expected.length === signature.length && timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
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
