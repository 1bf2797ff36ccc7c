/** What the core needs from the world. Each port says what an adapter promises; the contract suites in test/ hold every adapter to it. */
import type { LookupKey, MailboxName, Partner, Subscription } from './model.ts';
import type { TicketContent, TicketFields } from './ticket-model.ts';

export type { TicketContent, TicketFields };

/** The time, as a parameter: pure code never asks the machine. */
export type Clock = () => Date;

/** How far a mailbox has been read: `epoch` is its UIDVALIDITY, `position` the end of the UID range that was examined. */
export type Cursor = { readonly epoch: string; readonly position: number };

/** One message as it lies in a mailbox. `locator` names it there for good. */
export type Arrival = {
  readonly locator: string;
  /** The server's arrival time; the commitment clock starts here. */
  readonly arrivedAt: Date;
  /** The whole message, or only its header when `oversized` says how many bytes it would have been. */
  readonly raw: Buffer;
  readonly oversized: number | null;
};

/** Messages to store together, and the cursor to commit with them: the cursor may move though no message came. */
export type Batch = { readonly arrivals: readonly Arrival[]; readonly cursor: Cursor | null };

/** What a mailbox may ask of the ledger while it is read. */
export interface MailboxMemory {
  cursor(): Promise<Cursor | null>;
  /** Those of `locators` that are stored already. */
  known(locators: readonly string[]): Promise<ReadonlySet<string>>;
  /** Mail that arrived before this is not ours (the start date of a first connection). */
  readonly since: Date;
}

/**
 * An inbox.
 * - Reading changes nothing on the server: no flag, no move, no deletion.
 * - `drain` yields everything after the cursor, oldest first, in batches, and ends when nothing is left.
 *   A batch is yielded again after a restart unless its cursor was committed. What cannot be read yet is not skipped.
 * - Errors are IntakeErrors; after one, `drain` may be called again and connects anew.
 */
export interface Mailbox {
  readonly name: MailboxName;
  drain(memory: MailboxMemory, signal: AbortSignal): AsyncIterable<Batch>;
  /** Resolves when there may be something new, at the latest after the adapter's poll interval, or when aborted. */
  wait(signal: AbortSignal): Promise<void>;
  /** Locators of all messages that arrived since `since`: for the audit. */
  list(since: Date): Promise<readonly string[]>;
  /** Whether it can be reached, in plain words: for `doctor`. Throws an IntakeError when not. */
  check(): Promise<string>;
  close(): Promise<void>;
}

/** A message of ours, ready to be sent. Header values hold no CR or LF. */
export type OutgoingMail = {
  readonly messageId: string;
  readonly from: string;
  readonly to: string;
  /** Where the answer goes, when not to `from`. */
  readonly replyTo?: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * What a mail server wants to be shown at a login: a password, or an OAuth2 access token.
 * - `current` is what to log in with now. Throws an IntakeError when there is none to be had.
 * - `renewed` is asked after the server refused a secret: another one to try once, or null when trying again cannot help.
 */
export interface Credentials {
  readonly kind: 'password' | 'token';
  current(): Promise<string>;
  renewed(refused: string): Promise<string | null>;
}

/**
 * A way out for mail.
 * - `send` resolves with the server's words when the message was accepted. It never tries twice.
 *   It throws `permanent` or `temporary` when the message surely was not accepted, `unknown` when it may have been.
 * - `find` tells whether a message of ours was accepted earlier: `unknown` when absence proves nothing.
 */
export interface MailSender {
  send(mail: OutgoingMail): Promise<string>;
  find(messageId: string): Promise<'sent' | 'not-sent' | 'unknown'>;
  check(): Promise<string>;
  close(): Promise<void>;
}

/** What a directory knows, and of when that is; null: of this moment. */
export type LicenceAnswer = { readonly rows: readonly Subscription[]; readonly asOf: Date | null };

/**
 * Who holds which licences. No rows mean "unknown there"; a directory that cannot be asked throws
 * `temporary`, which never means "no licences".
 */
export interface LicenceDirectory {
  find(key: LookupKey, value: string): Promise<LicenceAnswer>;
  check(): Promise<string>;
}

/** Registered partners by mail domain; null when unknown. */
export interface PartnerRegister {
  find(domain: string): Promise<Partner | null>;
  /** Whether a partner's account manager has this address, in whatever case. */
  isAccountManager?(address: string): Promise<boolean>;
  check(): Promise<string>;
}

export const STAGES = ['mail', 'reply'] as const;
export type Stage = (typeof STAGES)[number];

/** What a worker answers about one job: done, or when to wake it again. */
export type JobHandler = (id: number) => Promise<void>;

/**
 * A wake-up, not a memory: losing everything in it loses nothing, since a sweep enqueues whatever the ledger calls unfinished.
 * - Jobs carry ledger ids only. A job may be delivered more than once, or concurrently.
 * - A handler that throws is tried again with backoff by the error's verdict; `permanent` is not tried again.
 */
export interface Queue {
  enqueue(stage: Stage, ids: readonly number[]): Promise<void>;
  work(stage: Stage, handler: JobHandler, concurrency: number): { close(): Promise<void> };
  /** Jobs that wait or run, by stage: for health and metrics. */
  depth(stage: Stage): Promise<number>;
  check(): Promise<string>;
  close(): Promise<void>;
}

/** A ticket as it stands elsewhere. */
export type RemoteTicket = {
  readonly id: string;
  /** As people there call it. */
  readonly number: string;
  readonly fields: TicketFields;
  readonly closed: boolean;
  /** When it was closed; null when it is open, or when nobody knows. */
  readonly closedAt: Date | null;
  /** When somebody last wrote to the partner from there; null when nobody has. */
  readonly answeredAt: Date | null;
  /** When it was last changed, whoever did it. */
  readonly changedAt: Date;
};

/**
 * Where associates work on tickets, beside the ledger.
 * - Nothing is tried twice inside. What surely had no effect throws `temporary` or `permanent`; what may have had one throws
 *   `unknown`, and is looked up before it is tried again (I4). The field `retryInMs`, where there is one, says how long to wait.
 * - Looking up finds what was made longer ago than the system's index takes (policy/desk.yaml).
 */
export interface TicketSystem {
  /** Makes a ticket that carries the correlation key. @returns its id and number there */
  create(key: string, content: TicketContent): Promise<{ id: string; number: string }>;
  /** All tickets with this key, made at or after `since`, the oldest first: more than one is an accident. */
  find(key: string, since: Date): Promise<readonly { id: string; number: string }[]>;
  /** Sets fields to these values; setting them twice changes nothing. */
  update(id: string, fields: Partial<TicketFields>): Promise<void>;
  /** Adds a note for associates alone. `marker` stands in it and in no other: by it the note is found again. */
  note(id: string, marker: string, text: string): Promise<void>;
  hasNote(id: string, marker: string): Promise<boolean>;
  attach(id: string, file: { filename: string; contentType: string; content: Buffer }): Promise<void>;
  hasAttachment(id: string, file: { filename: string; size: number }): Promise<boolean>;
  /** Null when it is not there any more. */
  read(id: string): Promise<RemoteTicket | null>;
  /** Tickets that were changed at or after `since`, whoever did it, and when they last were. */
  changedSince(since: Date): Promise<readonly { id: string; at: Date }[]>;
  /** Whether so little is left of what may be asked of it today that only priority customers' tickets should be brought there. */
  isShort?(): boolean;
  /** Whether everything about it is as it must be, in plain words: for `doctor`. Throws when not. */
  check(): Promise<string>;
  close(): Promise<void>;
}

/** What all processes know of a portal of another system: kept in the ledger, so that it outlives each of them. */
export type PortalState = {
  readonly token: {
    readonly value: string;
    readonly expiresAt: Date;
    /** Whose it is: a hash of the credentials. */
    readonly credentials: string;
  } | null;
  /** When tokens were last asked for, the oldest first; ten at most are kept. */
  readonly refreshedAt: readonly Date[];
  /** No call is made before this time: with these credentials (a hash of them), or with any (null). */
  readonly stopped: { readonly until: Date; readonly because: string; readonly credentials: string | null } | null;
  /** Credits that were left of the day's, when an answer last said so. */
  readonly remaining: { readonly credits: number; readonly at: Date } | null;
};

export interface PortalMemory {
  read(): Promise<PortalState>;
  /** Changes it, one process at a time; the others wait until `change` is done. What it throws leaves the state as it was. */
  change<T>(change: (state: PortalState) => Promise<{ state: PortalState; result: T }>): Promise<T>;
}
