/** What a call to Desk may take, and how long to wait after which refusal. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const MIB = 1024 * 1024;

export type DeskLimits = {
  /** A call, from its first byte to the last of its answer. */
  readonly callMs: number;
  /** A call that carries a file. */
  readonly uploadMs: number;
  /** Asking the accounts server for a token; the portal's other processes wait meanwhile. */
  readonly tokenMs: number;
  /** Tokens asked for in the ten minutes in which Zoho gives ten: fewer, so that a person can still log in with the refresh token. */
  readonly refreshes: number;
  /** An answer that is longer is not read: a hundred tickets with long descriptions are far below. */
  readonly answerBytes: number;
  /** So many calls in a row that the network or the server failed, and no further one is made for a while. */
  readonly failuresToOpen: number;
  /** That while; then one call tries. */
  readonly openMs: number;
  /** How often at most the credits that are left are written down for the other processes. */
  readonly remainingEveryMs: number;
};

export const DESK_LIMITS: DeskLimits = {
  callMs: 30 * SECOND,
  uploadMs: 2 * MINUTE,
  tokenMs: 15 * SECOND,
  refreshes: 8,
  answerBytes: 16 * MIB,
  failuresToOpen: 5,
  openMs: 30 * SECOND,
  remainingEveryMs: 5 * SECOND,
};

/** A refusal of our configuration: it waits for a person, and mail waits with it. */
export const CONFIGURATION_RETRY_MS = 15 * MINUTE;
/** A token that Zoho has just given is refused: the wrong data centre, or Zoho's servers do not know of each other yet. */
export const TOKEN_REFUSED_RETRY_MS = 5 * MINUTE;
/** TOO_MANY_REQUESTS: others use the portal at this moment (halved to one and a half times, by chance). */
export const BUSY_RETRY_MS = 2 * SECOND;
/** A call that another call's probe has to go before. */
export const PROBE_RETRY_MS = 5 * SECOND;

/** A token is replaced so long before its end: calls that carry it may take their time. */
export const REFRESH_EARLY_MS = 3 * MINUTE;
/** Zoho gives ten tokens for a refresh token in so long. */
export const REFRESH_WINDOW_MS = 10 * MINUTE;
/** `doctor` asks for a token of its own only while so many were not asked for in the window. */
export const REFRESHES_BEFORE_CHECK = 6;
/** When a token's answer does not say how long it lasts: an hour is what Zoho documents, and the longest that is believed. */
export const TOKEN_LIFE_MS = 60 * MINUTE;
/** A token was refused and no other may be asked for yet: the call is tried again after this at most. */
export const TOKEN_RETRY_MS = MINUTE;

/** However long Desk says that no call is to be made. */
export const LONGEST_STOP_MS = 24 * 60 * MINUTE;
export const SHORTEST_STOP_MS = SECOND;

/** What was left of the day's credits so long ago says nothing any more: the day may have ended, and nobody asked. */
export const REMAINING_BELIEVED_MS = 60 * MINUTE;

/** Lengths that Desk takes, in UTF-16 units. */
export const SUBJECT_LENGTH = 1_000;
export const DESCRIPTION_LENGTH = 65_535;
export const EMAIL_LENGTH = 150;
export const LAST_NAME_LENGTH = 80;
export const FIELD_LENGTH = 255;
export const COMMENT_LENGTH = 32_000;
export const FILENAME_LENGTH = 100;

/** Rows of one page of a list, and pages of one look at most. */
export const PAGE = 100;
export const PAGES = 40;
/** Its search shows the first thousand rows of what it finds, and no more. */
export const SEARCH_ROWS = 1_000;
/** So many rows of a page are asked for again with the next one: so many may have left their place meanwhile. */
export const SEARCH_OVERLAP = 10;
/** Desk's threads come by fifty at most. */
export const THREADS = 50;
/** Our clock and Desk's may differ by so much. */
export const CLOCK_SLACK_MS = 5 * MINUTE;
