/** What bounds the reading of a mailbox, whatever kind it is. */

const KB = 1024;
const MB = 1024 * KB;

export type MailboxLimits = {
  /** A larger message is not downloaded: its header is stored, with its size. */
  readonly maxMessageBytes: number;
  /** As much of a header as is read of an oversized message. */
  readonly maxHeaderBytes: number;
  /** A batch ends at this many messages or bytes, whichever comes first; a larger message is a batch of its own. */
  readonly batchMessages: number;
  readonly batchBytes: number;
  /** `wait` resolves at the latest after about this long. */
  readonly pollIntervalMs: number;
  /** A body that is announced but empty is asked for this often in one pass, this far apart. */
  readonly emptyBodyTries: number;
  readonly emptyBodyWaitMs: number;
  /** A body that stays empty for this long is handed over as it is, so that a person sees it: never skipped in silence. */
  readonly emptyBodyPatienceMs: number;
};

export const MAILBOX_LIMITS: MailboxLimits = {
  // Zoho Mail takes messages up to 51 MiB: nothing legitimate is larger.
  maxMessageBytes: 52 * MB,
  maxHeaderBytes: 256 * KB,
  batchMessages: 50,
  batchBytes: 16 * MB,
  pollIntervalMs: 30_000,
  emptyBodyTries: 3,
  emptyBodyWaitMs: 1_000,
  emptyBodyPatienceMs: 6 * 60 * 60_000,
};

/** Takes what happens for the operator's log: pino's logger is one. No mail content, no password. */
export type MailboxLog = {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
};

export const SILENT: MailboxLog = { info: () => {}, warn: () => {} };
