/** What every stage works with. Built once at the edge (src/assemble.ts), handed down, never imported as a global. */
import type { Keyring } from '../ledger/keys.ts';
import type { Db } from '../ledger/schema.ts';
import type { Logger } from '../log.ts';
import type { Enquiry, MailboxName, ParsedMail } from '../model.ts';
import type { Templates } from '../pipeline/reply/reply-template.ts';
import type { Policy } from '../policy.ts';
import type { Clock, LicenceDirectory, MailSender, PartnerRegister, Queue } from '../ports.ts';

/**
 * Reads a mail's bytes away from this thread, within limits (I6); `pastLimit` names the limit it broke, else null. Throws
 * IntakeError `permanent` for what cannot be read at all.
 */
export type ReadMail = (raw: Buffer) => Promise<{ mail: ParsedMail; enquiry: Enquiry; pastLimit: string | null }>;

/** Takes the attachment with this SHA-256 out of a mail's bytes, away from this thread; null when the mail has none. */
export type TakeAttachment = (raw: Buffer, sha256: string) => Promise<Buffer | null>;

/**
 * `policy`, `templates` and `read` are those in force when they are asked for: a reload exchanges them. Work that must be done under
 * one policy from its beginning to its end takes a `pinned` context.
 */
export type Context = {
  readonly db: Db;
  readonly policy: Policy;
  readonly templates: Templates;
  readonly directory: LicenceDirectory;
  readonly partners: PartnerRegister;
  readonly queue: Queue;
  readonly read: ReadMail;
  readonly takeAttachment: TakeAttachment;
  readonly senders: Readonly<Partial<Record<MailboxName, MailSender>>>;
  /** Signs thread tokens and reads them. */
  readonly threadKeys: Keyring;
  /** Names the mails that tell people inside: the same notices to the same person are one mail. */
  readonly noticeSecret: string;
  /** The escalation desk's address: told whenever managers are; null when it is not configured. */
  readonly escalationDesk: string | null;
  readonly now: Clock;
  readonly random: () => number;
  readonly log: Logger;
};

/** The context with the rules in force now, for one piece of work: a reload takes effect with the next. */
export const pinned = <C extends Partial<Context>>(ctx: C): C => ({ ...ctx });

/** The mailboxes this process can send from. */
export const mailboxesOf = (senders: Context['senders']): MailboxName[] =>
  (Object.keys(senders) as MailboxName[]).filter((mailbox) => senders[mailbox] !== undefined);
