/** What the core needs from the world. Each port says what an adapter promises; the contract suites in test/ hold every adapter to it. */
import type { LookupKey, MailboxName, Partner, Subscription } from './model.ts';

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

/**
 * Who holds which licences. An empty array means "unknown there"; a directory that cannot be asked throws
 * `temporary`, which never means "no licences".
 */
export interface LicenceDirectory {
  find(key: LookupKey, value: string): Promise<readonly Subscription[]>;
  /** Of when its data are; a directory without it answers from data of this moment. */
  asOf?(): Date;
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
