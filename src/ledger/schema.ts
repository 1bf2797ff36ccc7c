/** The ledger's tables, as TypeScript sees them. The SQL that makes them is in migrations.ts. */
import type { ColumnType, Generated, JSONColumnType, Kysely, Transaction } from 'kysely';
import type {
  Actor,
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
import type { OutgoingMail } from '../ports.ts';

type Json<T extends object> = JSONColumnType<T, string, string>;
type NullableJson<T extends object> = ColumnType<T | null, string | null, string | null>;

export interface Tables {
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
  };
  /** The mail as it came, byte for byte. */
  original: { mail_id: number; raw: Buffer };
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
    enquiry: Json<Enquiry>;
    decision: Json<Decision>;
    created_at: Date;
    updated_at: Generated<Date>;
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
  /** The outbox (I4): one reply at most for one mail. */
  reply: {
    id: Generated<number>;
    ticket_id: number;
    mail_id: number;
    kind: ReplyKind;
    mailbox: MailboxName;
    recipient: string;
    /** Whom the once-per-window rule of notes counts. */
    partner_key: string;
    message_id: string;
    message: Json<OutgoingMail>;
    state: ReplyState;
    because: string | null;
    attempts: Generated<number>;
    next_attempt_at: Date | null;
    /** The instance that is sending it; its lease tells whether it still lives. */
    sender: number | null;
    created_at: Date;
    updated_at: Generated<Date>;
  };
  /** What people inside have to be told, once each; `reply_id` is the mail of the outbox that tells it. */
  notice: {
    id: Generated<number>;
    key: string;
    kind: string;
    level: string;
    region: Region;
    mailbox: MailboxName;
    ticket_id: number | null;
    recipient: string | null;
    because: string;
    reply_id: ColumnType<number | null, number | null | undefined, number | null>;
    created_at: Date;
  };
  setting: { key: string; value: string };
}

/** A handle on the ledger: the database, or a transaction in it. */
export type Db = Kysely<Tables>;
export type Tx = Transaction<Tables>;
