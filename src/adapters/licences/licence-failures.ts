/** What can go wrong with the licence service, and what follows from it. All of it is `temporary`: none of it means "no licences". */
import { IntakeError } from '../../errors.ts';

export type Failure =
  /** No connection, no answer in time, or one that breaks off. */
  | 'unreachable'
  /** 5xx. */
  | 'failing'
  /** 429, or 503 with a time to wait. */
  | 'busy'
  /** 401 and 403. */
  | 'refused'
  /** Whoever answers is not the licence service: a redirect, a web page. */
  | 'not-the-service'
  /** It answers, but not to this question: another 4xx, a row that is wrong, far too much. */
  | 'this-question'
  /** Not asked: too many other questions wait for their turn. Says nothing of the service. */
  | 'crowded'
  /** Not asked: it failed too often a moment ago, or wants to be left alone. */
  | 'left-alone';

/** @param retryAfterMs how long the service wants to be left alone. */
export const failed = (failure: Failure, message: string, retryAfterMs = 0): IntakeError =>
  new IntakeError('temporary', `licences-${failure}`, message, retryAfterMs > 0 ? { retryAfterMs } : {});

const is = (error: unknown, ...failures: Failure[]): boolean =>
  error instanceof IntakeError && failures.some((one) => error.code === `licences-${one}`);

/** The service as a whole is not well: others will not be answered either. */
export const isOutage = (error: unknown): boolean =>
  is(error, 'unreachable', 'failing', 'busy', 'refused', 'not-the-service');

/** May be over in a moment. */
export const isPassing = (error: unknown): boolean => is(error, 'unreachable', 'failing', 'busy');

/** May be the fault of what was asked: 500 for one account is no reason to leave the others waiting. */
export const isOfTheQuestion = (error: unknown): boolean => is(error, 'failing', 'this-question');

export const retryAfterOf = (error: unknown): number =>
  error instanceof IntakeError ? Number(error.fields.retryAfterMs ?? 0) : 0;

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110); 0 when there is none, or one that cannot be read. */
export function readRetryAfter(header: string | null, now: Date): number {
  if (header === null) return 0;
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now.getTime();
  return Number.isFinite(wait) && wait > 0 ? wait : 0;
}
