/** The ways a network and a busy server fail, switched while the double runs. */
import { errorAnswer } from './answers.ts';

/**
 * - `drop-before`: the connection ends, nothing is done. `answer-dropped`: it is done, then the connection ends without an answer.
 * - `late`: done now, answered after `lateMs`. `done-late`: the client is cut off at once, it is done `lateMs` later.
 * - `500-before`, `500-after`: answers 500, nothing done or done. `garbage`: done, 200 with JSON that breaks off.
 * - `429-concurrency`, `429-threshold`, `401`: that answer, nothing done. `hang`: nothing done, no answer until the client gives up.
 */
export const FAULT_KINDS = [
  'drop-before',
  'answer-dropped',
  'late',
  'done-late',
  '500-before',
  '500-after',
  '429-concurrency',
  '429-threshold',
  '401',
  'garbage',
  'hang',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A call about to be handled; `n` counts all calls from 1, those to the token endpoint included. */
export type FaultRequest = { readonly method: string; readonly path: string; readonly n: number };
export type FaultPlan = (request: FaultRequest) => FaultKind | null;

export type FaultOptions = {
  /** Milliseconds of `late` and `done-late`. */
  readonly lateMs: number;
  /** Retry-After of `429-threshold`, in seconds. */
  readonly retryAfterSeconds: number;
};

/** What happens around the handling of a call, apart from its answer. */
export type Stage = {
  /** Handles the call and gives its answer. */
  work(): Promise<Response>;
  pause(ms: number): Promise<void>;
  /** Ends the client's connection. */
  cut(): void;
  /** Resolves when the client is gone. */
  gone(): Promise<void>;
};

/** Plays `kind`; null: the connection is cut, there is no answer. */
export async function play(kind: FaultKind, stage: Stage, { lateMs, retryAfterSeconds }: FaultOptions) {
  const { work, pause, cut, gone } = stage;
  const ended = () => {
    cut();
    return null;
  };
  switch (kind) {
    case 'drop-before':
      return ended();
    case 'answer-dropped':
      await work();
      return ended();
    case 'late': {
      const answer = await work();
      await pause(lateMs);
      return answer;
    }
    case 'done-late':
      cut();
      await pause(lateMs);
      await work();
      return null;
    case '500-before':
      return errorAnswer('INTERNAL_SERVER_ERROR');
    case '500-after':
      await work();
      return errorAnswer('INTERNAL_SERVER_ERROR');
    case '429-concurrency':
      return errorAnswer('TOO_MANY_REQUESTS');
    case '429-threshold':
      return errorAnswer('THRESHOLD_EXCEEDED', { headers: { 'Retry-After': String(retryAfterSeconds) } });
    case '401':
      return errorAnswer('INVALID_OAUTH');
    case 'garbage':
      await work();
      return new Response('{"id":"1892000', { headers: { 'content-type': 'application/json' } });
    case 'hang':
      await gone();
      return null;
    default:
      return kind satisfies never;
  }
}

const BLOCK = 5;

/** A number from 0 to 2^32 - 1 that looks random, the same for the same input (splitmix32's finish). */
function mixed(seed: number, n: number): number {
  let x = (seed + Math.imul(n + 1, 0x9e3779b9)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/**
 * One call of every five to the API fails (calls for tokens are left alone), at a place in the five that `seed` picks, with the next
 * of `kinds` each time. The same calls with the same seed fail in the same way.
 */
export function everyFifth(kinds: readonly FaultKind[] = FAULT_KINDS, seed = 1): FaultPlan {
  let seen = 0;
  let struck = 0;
  return ({ path }) => {
    if (!path.startsWith('/api/')) return null;
    const at = seen;
    seen += 1;
    if (at % BLOCK !== mixed(seed, Math.floor(at / BLOCK)) % BLOCK) return null;
    const kind = kinds[struck % kinds.length] ?? null;
    struck += 1;
    return kind;
  };
}
