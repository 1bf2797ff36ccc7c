/** The ledger's tables, as TypeScript sees them. The SQL that makes them is in migrations.ts. */
import type { ColumnType, Generated, JSONColumnType, Kysely, Transaction } from 'kysely';
import type {
  Actor,
  AttachmentRole,
  DeadlineName,
  Decision,
  Enquiry,
  MailboxName,
  MailKind,
  MailState,
  ParsedMail,
  Region,
  ReplyKind,
  ReplyState,
} from '../model.ts';
import type { NoticeKind, NoticeLevel } from '../notice-model.ts';
import type { Calendar } from '../pipeline/clock/business-time.ts';
import type { OutgoingMail } from '../ports.ts';
import type { DeskTables } from './desk-schema.ts';

/** `wished`: before its time. `not-offered`: no valid contract. `told`: the region's lead is told. */
export type Escalation = 'wished' | 'not-offered' | 'told';

/** Why the bytes of a mail are not there any more. */
export type Dropped = 'retention' | 'erasure';
/** Which of a deadline's two times had passed. */
export type Passed = 'target' | 'commitment';

type Json<T extends object> = JSONColumnType<T, string, string>;
type NullableJson<T extends object> = ColumnType<T | null, string | null, string | null>;

/** A calendar and from when on it counts, as ISO. */
export type StoredCalendar = { readonly since: string; readonly calendar: Calendar };

export interface Tables extends DeskTables {
  /** How far each mailbox has been read (I1). */
  mailbox: { name: MailboxName; epoch: string | null; position: number; since: Date; updated_at: Generated<Date> };
  /** One row per mail, however often it was delivered; `fingerprint` decides what is the same mail. */
  mail: {
    id: Generated<number>;
    fingerprint: string;
    message_id: string | null;
    mailbox: MailboxName;
    arrived_at: Date;
    stored_at: Generated<Date>;
    size: number;
    state: Generated<MailState>;
    /** Why it is in that state. */
    because: string | null;
    kind: MailKind | null;
    parsed: NullableJson<ParsedMail>;
    enquiry: NullableJson<Enquiry>;
    ticket_id: number | null;
    attempts: Generated<number>;
    next_attempt_at: Date | null;
    updated_at: Generated<Date>;
    /** When retention or an erasure took its texts away. */
    texts_dropped_at: ColumnType<Date | null, undefined, Date | null>;
  };
  /** The mail as it came, byte for byte; null once it was dropped, of which the hash (SHA-256, hex) remains. */
  original: {
    mail_id: number;
    raw: Buffer | null;
    sha256: string;
    dropped_at: ColumnType<Date | null, undefined, Date | null>;
    dropped_because: ColumnType<Dropped | null, undefined, Dropped | null>;
  };
  /** The attachments of a mail, numbered from 1; the same bytes have the same hash, wherever they came from. */
  attachment: {
    mail_id: number;
    number: number;
    sha256: string;
    filename: string;
    declared: string;
    sniffed: string;
    size: number;
    inline: boolean;
    role: AttachmentRole;
    dangerous: string | null;
    sender_domain: string;
  };
  /** A person's data were erased; `pseudonym` stands in their place everywhere. */
  erasure: {
    id: Generated<number>;
    at: Date;
    pseudonym: string;
    by: string;
    because: string;
    counts: Json<Record<string, number>>;
  };
  /** Each place a mail was found in. */
  delivery: { mailbox: MailboxName; locator: string; mail_id: number; arrived_at: Date; stored_at: Generated<Date> };
  ticket: {
    id: Generated<number>;
    mail_id: number;
    status: Generated<string>;
    sender: string;
    subject: string;
    mailbox: MailboxName;
    superadmin_email: string | null;
    /** Who filled superadmin_email. */
    superadmin_by: Actor | null;
    /** Decided without the directory's answer: to be decided again when it answers. */
    directory_pending: Generated<boolean>;
    /** The registered partner's domain; null for a sender who is not. */
    partner_domain: ColumnType<string | null, string | null | undefined, string | null>;
    /** A partner's wish to escalate, and what became of it; null when there was none. */
    escalation: ColumnType<Escalation | null, Escalation | null | undefined, Escalation | null>;
    escalation_because: ColumnType<string | null, string | null | undefined, string | null>;
    /** When the partner wrote again though it was resolved; null when an associate has looked (reopened it). */
    answered_after_resolved: ColumnType<Date | null, Date | null | undefined, Date | null>;
    enquiry: Json<Enquiry>;
    decision: Json<Decision>;
    /** The working days of its clock, each with the time from which they count; null until the clock knows the ticket. */
    calendars: NullableJson<readonly StoredCalendar[]>;
    created_at: Date;
    updated_at: Generated<Date>;
    texts_dropped_at: ColumnType<Date | null, undefined, Date | null>;
    /** Something about it is not planned yet to be told to another ticket system. */
    untold: Generated<boolean>;
  };
  /** Every decision ever taken on a ticket; nothing is overwritten. */
  decision: {
    id: Generated<number>;
    ticket_id: number;
    mail_id: number | null;
    at: Date;
    trigger: string;
    decision: Json<Decision>;
  };
  /** What happened, to a mail or a ticket, by whom and why: the history and the trace. */
  event: {
    id: Generated<number>;
    mail_id: number | null;
    ticket_id: number | null;
    at: Generated<Date>;
    by: Actor;
    what: string;
    because: string;
  };
  /** The outbox (I4): one reply at most for one mail. A notice to people inside belongs to no ticket and no mail. */
  reply: {
    id: Generated<number>;
    ticket_id: number | null;
    mail_id: number | null;
    kind: ReplyKind | 'notice';
    mailbox: MailboxName;
    recipient: string;
    /** Whom the once-per-window rule of notes counts. */
    partner_key: string;
    message_id: string;
    /** What it asks for, in words to compare: the same thing is not asked twice. Null when it asks nothing. */
    asks: ColumnType<string | null, string | null | undefined, string | null>;
    message: Json<OutgoingMail>;
    state: ReplyState;
    because: string | null;
    attempts: Generated<number>;
    next_attempt_at: Date | null;
    /** When it was last handed to the mail server: what the limits of an hour count. */
    attempted_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
    /** When it was first handed to it since it was to be sent, or sent after all: from then on it is tried for some hours. */
    tried_since: ColumnType<Date | null, Date | null | undefined, Date | null>;
    /** It waits for an hour that has room for it. */
    waiting: Generated<boolean>;
    /** Sent after all by a person: no guard holds it again. */
    released: Generated<boolean>;
    /** It came back, and why. */
    bounced_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
    bounced_because: ColumnType<string | null, string | null | undefined, string | null>;
    /** The instance that is sending it; its lease tells whether it still lives. */
    sender: number | null;
    created_at: Date;
    updated_at: Generated<Date>;
  };
  /** What people inside have to be told, once each. */
  notice: {
    id: Generated<number>;
    key: string;
    kind: NoticeKind;
    level: NoticeLevel;
    region: Region;
    mailbox: MailboxName;
    ticket_id: number | null;
    /** Further tickets it is about. */
    tickets: JSONColumnType<number[], string | undefined, string>;
    country: string | null;
    recipient: string | null;
    because: string;
    /** What had passed without an answer, if that is why an escalation was told. */
    passed: ColumnType<Passed | null, Passed | null | undefined, Passed | null>;
    /** Its recipients have been found, or there are none. */
    addressed: Generated<boolean>;
    /** The next level has been told, or need not be. */
    followed: Generated<boolean>;
    created_at: Date;
  };
  /** Whom a notice is for; `reply_id` is the mail of the outbox that tells them. */
  notice_recipient: {
    notice_id: number;
    recipient: string;
    reply_id: ColumnType<number | null, number | null | undefined, number | null>;
  };
  /** What is promised on a ticket, and what became of it. A determination that a response follows ends, and the next round begins. */
  deadline: {
    id: Generated<number>;
    ticket_id: number;
    what: DeadlineName;
    round: number;
    started_at: Date;
    target_hours: number;
    commitment_hours: number;
    target_at: Date;
    commitment_at: Date;
    /** When the manager is told, once it was missed. */
    manager_at: Date | null;
    /** Since when it waits for the partner. */
    paused_at: Date | null;
    /** When the clock has to look at it; null when never again, or not while it waits. */
    next_at: Date | null;
    warned_at: Date | null;
    breached_at: Date | null;
    escalated_at: Date | null;
    met_at: Date | null;
    /** The commitment no longer applies. */
    cancelled_at: Date | null;
  };
  /** While the partner was asked for something, and which deadlines waited. */
  pause: {
    id: Generated<number>;
    ticket_id: number;
    reply_id: number | null;
    stops: Json<readonly DeadlineName[]>;
    from_at: Date;
    until_at: Date | null;
    because: string;
    ended_because: string | null;
  };
  /** The keys of thread tokens; what a revoked one signed proves nothing. */
  thread_key: { id: number; secret: string; created_at: Generated<Date>; revoked_at: Date | null };
  /** Message-IDs of a ticket's mails and of those they refer to. */
  thread: { ticket_id: number; message_id: string };
  setting: { key: string; value: string };
  /** Addresses that mail of ours came back from for good: replies to them are held. In lower case. */
  suppressed: { address: string; because: string; reply_id: number | null; since: Date };
}

/** A handle on the ledger: the database, or a transaction in it. */
export type Db = Kysely<Tables>;
export type Tx = Transaction<Tables>;
