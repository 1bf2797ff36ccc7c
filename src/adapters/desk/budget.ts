/** What the portal may still be asked: whether it is stopped, what is left of the day's credits, how many calls at once. */
import pLimit from 'p-limit';
import { IntakeError, messageOf } from '../../errors.ts';
import type { Clock, PortalMemory, PortalState } from '../../ports.ts';
import type { Answer } from './http.ts';
import { type DeskLimits, LONGEST_STOP_MS, SHORTEST_STOP_MS } from './limits.ts';
import { stopFor, withStop } from './stops.ts';

export type Log = {
  readonly warn: (fields: object, message: string) => void;
  readonly info: (fields: object, message: string) => void;
};

export type Budget = {
  /** @throws IntakeError `temporary` `desk-stopped` while no call is to be made */
  allow(state: PortalState): void;
  /** No process calls before `until`. */
  stop(until: Date, because: string): Promise<void>;
  /** Calls may be made again. */
  resume(): Promise<void>;
  /** Reads what an answer says of credits. */
  note(answer: Answer): void;
  /** Runs one call, when one more at once is allowed. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  readonly stopped: () => PortalState['stopped'];
  readonly remaining: () => PortalState['remaining'];
  readonly used: () => { readonly calls: number; readonly credits: number };
  /** Waits until what is being written down is. */
  close(): Promise<void>;
};

type Options = {
  readonly portal: string;
  /** A hash of the credentials. */
  readonly mark: string;
  /** Calls at once that are ours. */
  readonly atOnce: () => number;
  readonly memory: PortalMemory;
  readonly limits: DeskLimits;
  readonly now: Clock;
  readonly log: Log;
};

export function createBudget({ portal, mark, atOnce, memory, limits, now, log }: Options): Budget {
  const turns = pLimit(atOnce());
  const used = { calls: 0, credits: 0 };
  let remaining: PortalState['remaining'] = null;
  let stopped: PortalState['stopped'] = null;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let writing: Promise<void> = Promise.resolve();

  /** The outcome of a call does not hang on writing this down. */
  async function write(change: (state: PortalState) => PortalState): Promise<void> {
    try {
      await memory.change(async (state) => ({ state: change(state), result: undefined }));
    } catch (error) {
      log.warn({ portal, cause: messageOf(error) }, 'what Desk says of its limits could not be written down');
    }
  }

  return {
    allow(state) {
      stopped = stopFor(state, mark, now());
      remaining = laterOf(remaining, state.remaining);
      if (!stopped) return;
      throw new IntakeError(
        'temporary',
        'desk-stopped',
        `Desk portal ${portal} is not called before ${stopped.until.toISOString()}: ${stopped.because}`,
        { retryInMs: stopped.until.getTime() - now().getTime() },
      );
    },
    async stop(until, because) {
      const stop = { until, because, credentials: null };
      stopped = stop;
      log.warn({ portal, until: until.toISOString(), because }, 'Desk is not called for a while');
      await write((state) => withStop(state, stop, mark, now()));
    },
    async resume() {
      stopped = null;
      await write((state) => ({ ...state, stopped: null }));
    },
    note({ headers }) {
      used.calls += 1;
      used.credits += numberIn(headers, 'X-Rate-Limit-Request-Weight-v3') ?? 1;
      const credits = numberIn(headers, 'X-Rate-Limit-Remaining-v3');
      if (credits === null) return;
      const left = { credits, at: now() };
      remaining = left;
      if (left.at.getTime() - writtenAt < limits.remainingEveryMs) return;
      writtenAt = left.at.getTime();
      writing = writing.then(() => write((state) => ({ ...state, remaining: laterOf(state.remaining, left) })));
    },
    inTurn(work) {
      if (turns.concurrency !== atOnce()) turns.concurrency = atOnce();
      return turns(work);
    },
    stopped: () => (stopped && stopped.until > now() ? stopped : null),
    remaining: () => remaining,
    used: () => ({ ...used }),
    close: () => writing,
  };
}

const laterOf = (one: PortalState['remaining'], other: PortalState['remaining']): PortalState['remaining'] =>
  one && (!other || one.at >= other.at) ? one : other;

function numberIn(headers: Headers, name: string): number | null {
  const text = headers.get(name)?.trim() ?? '';
  return /^\d{1,12}$/.test(text) ? Number(text) : null;
}

/**
 * Until when the day's credits are gone: what Retry-After says (seconds, or a date), a day at most; when it says
 * nothing, until the day is over in UTC.
 */
export function stoppedUntil(headers: Headers, now: Date): Date {
  const said = headers.get('retry-after')?.trim() ?? '';
  const at = /^\d{1,9}$/.test(said) ? now.getTime() + Number(said) * 1_000 : Date.parse(said);
  const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1);
  const until = Number.isNaN(at) ? midnight : Math.max(at, now.getTime() + SHORTEST_STOP_MS);
  return new Date(Math.min(until, now.getTime() + LONGEST_STOP_MS));
}
