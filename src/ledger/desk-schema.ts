/** The ledger's tables of Zoho Desk: what is brought there, call by call. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { MailboxName } from '../model.ts';

/** `verify`: whether a ticket that was made after an unknown outcome is the only one. */
export type DeskCallKind = 'create' | 'update' | 'note' | 'attachment' | 'verify';
export type DeskCallState = 'intended' | 'sending' | 'done' | 'failed';

export interface DeskTables {
  /** What all processes know of a Desk portal. */
  desk_portal: {
    name: MailboxName;
    token: string | null;
    token_expires_at: Date | null;
    /** Hashes of the credentials that the token is of, and that the stop is about. */
    token_credentials: string | null;
    refreshed_at: JSONColumnType<string[], string | undefined, string>;
    stopped_until: Date | null;
    stopped_because: string | null;
    stopped_credentials: string | null;
    credits: number | null;
    credits_at: Date | null;
    /** Changes made there are known up to this time. */
    changes_until: Date | null;
  };
  /** A ticket's counterpart in Desk. */
  desk_ticket: {
    ticket_id: number;
    portal: MailboxName;
    /** The correlation key: the fingerprint of the ticket's mail. */
    key: string;
    /** Null until it is made. */
    remote_id: ColumnType<string | null, undefined, string | null>;
    remote_number: ColumnType<string | null, undefined, string | null>;
    /** By field, what it was last set to by us: hashes, so that a change by hand is seen and nothing is told twice. */
    told: JSONColumnType<Record<string, string>, string | undefined, string>;
    /** What else they may say there without being news: what calls set them to that may have had their effect, and what people wrote that is not taken over. */
    telling: JSONColumnType<Record<string, string>, string | undefined, string>;
    /** The last decision that calls are planned for. */
    decision_id: Generated<number>;
    /** Of a priority customer: goes first when the day's calls run short. */
    priority: Generated<boolean>;
    /** When it is to be read again, because somebody may have changed it there. */
    look_at: ColumnType<Date | null, undefined, Date | null>;
    /** Its last change there that was looked at. */
    seen_at: ColumnType<Date | null, undefined, Date | null>;
    /** As it was there when it was last looked at. */
    closed: Generated<boolean>;
    answered_at: ColumnType<Date | null, undefined, Date | null>;
  };
  /** A call to Desk (I4): intended, sending, done or failed. `marker` names what it does, once for each ticket. */
  desk_call: {
    id: Generated<number>;
    ticket_id: number;
    /** Those of its ticket. */
    portal: MailboxName;
    priority: boolean;
    kind: DeskCallKind;
    marker: string;
    mail_id: number | null;
    decision_id: number | null;
    reply_id: number | null;
    state: Generated<DeskCallState>;
    because: ColumnType<string | null, undefined, string | null>;
    attempts: Generated<number>;
    /** Attempts whose outcome was unknown. */
    unknowns: Generated<number>;
    next_attempt_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
    attempted_at: ColumnType<Date | null, undefined, Date | null>;
    sender: ColumnType<number | null, undefined, number | null>;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
}
