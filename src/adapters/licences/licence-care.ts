/** How the licence service is asked: few questions at a time, what passes is tried again, and a service that is down is left alone. */
import {
  BrokenCircuitError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  ExponentialBackoff,
  handleWhen,
  noJitterGenerator,
  retry,
} from 'cockatiel';
import { IntakeError, messageOf } from '../../errors.ts';
import type { Subscription } from '../../model.ts';
import { failed, isOutage, isPassing, retryAfterOf } from './licence-failures.ts';
import type { Question, Requester, RequestLimits } from './licence-request.ts';

export type ServiceLimits = RequestLimits & {
  /** For one question with all its tries, from when its turn has come. */
  readonly questionMs: number;
  /** Until its turn comes. */
  readonly waitMs: number;
  readonly retries: number;
  /** Before the first retry; doubles, and lies between half of that and all of it. */
  readonly retryMs: number;
  readonly concurrency: number;
  /** Questions that failed in a row until the service is left alone. */
  readonly failuresUntilOpen: number;
  /** How long it is then left alone before one question tries it; doubles to the second. */
  readonly openMs: readonly [first: number, most: number];
  /** The longest `Retry-After` that is obeyed. */
  readonly mostHoldMs: number;
  /**
   * A question that the service itself failed at is not asked again so soon. Longer than the clock's pass: else the oldest ticket's
   * question would always be the one that tries a service that was left alone, and one broken account would hold up all.
   */
  readonly failedMs: number;
};

export const SERVICE_LIMITS: ServiceLimits = {
  beginMs: 3_000,
  wholeMs: 8_000,
  questionMs: 10_000,
  waitMs: 30_000,
  retries: 2,
  retryMs: 250,
  concurrency: 8,
  failuresUntilOpen: 4,
  openMs: [1_000, 30_000],
  mostHoldMs: 5 * 60_000,
  failedMs: 40_000,
};
/** Questions that wait for their turn; more would be answered too late. */
const MOST_WAITING = 1_000;

/** @param name what to call the service. @returns what asks with all this care. @throws IntakeError `temporary`. */
export function carefully(
  request: Requester,
  name: string,
  limits: ServiceLimits,
  now: () => Date,
  random: () => number,
): (question: Question) => Promise<Subscription[]> {
  const [initialDelay, maxDelay] = limits.openMs;
  const breaker = circuitBreaker(handleWhen(isOutage), {
    breaker: new ConsecutiveBreaker(limits.failuresUntilOpen),
    halfOpenAfter: new ExponentialBackoff({ initialDelay, maxDelay, generator: noJitterGenerator }),
  });
  const delay = (attempt: number): number => limits.retryMs * 2 ** (attempt - 1) * (0.5 + random() / 2);
  // A wait that is longer than a question may take is waited for by all questions (hold).
  const retries = retry(
    handleWhen((error) => isPassing(error) && retryAfterOf(error) < limits.questionMs / 2),
    {
      maxAttempts: limits.retries,
      backoff: new DelegateBackoff(({ attempt, result }) =>
        Math.max(delay(attempt), 'error' in result ? retryAfterOf(result.error) : 0),
      ),
    },
  );
  const slots = bulkhead(limits.concurrency, MOST_WAITING);
  let heldUntil = 0;

  async function inTime(question: Question, signal: AbortSignal): Promise<Subscription[]> {
    try {
      return await retries.execute((context) => request(question, context.signal), signal);
    } catch (error) {
      const hold = Math.min(retryAfterOf(error), limits.mostHoldMs);
      heldUntil = Math.max(heldUntil, now().getTime() + hold);
      if (error instanceof IntakeError) throw error;
      // Whatever else: its time was over.
      throw failed(
        'unreachable',
        `LICENCES: ${name} did not answer within ${limits.questionMs} ms: ${messageOf(error)}`,
      );
    }
  }

  async function ask(question: Question): Promise<Subscription[]> {
    if (now().getTime() < heldUntil) throw failed('left-alone', `LICENCES: ${name} wants to be left alone for a while`);
    try {
      return await breaker.execute(({ signal }) => inTime(question, signal), AbortSignal.timeout(limits.questionMs));
    } catch (error) {
      if (!(error instanceof BrokenCircuitError))
        throw error instanceof IntakeError
          ? error
          : failed('unreachable', `LICENCES: ${name} did not answer: ${messageOf(error)}`);
      const last = breaker.lastFailure;
      const why = last && 'error' in last ? `: ${messageOf(last.error)}` : '';
      throw failed(
        'left-alone',
        `LICENCES: ${name} failed ${limits.failuresUntilOpen} times in a row and is left alone for a while${why}`,
      );
    }
  }

  return async (question) => {
    try {
      // A question that waits for the others says nothing of the service: its time, and its failures, begin with its turn.
      return await slots.execute(() => ask(question), AbortSignal.timeout(limits.waitMs));
    } catch (error) {
      if (error instanceof IntakeError) throw error;
      throw failed('crowded', `LICENCES: ${name} was not asked: too many questions wait for their turn`);
    }
  };
}
